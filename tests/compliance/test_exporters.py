"""Who measures the databases of a live host sees that they are up, and may do nothing there but measure."""

import pytest

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost, need_observability

# The login and the password of the exporter, with clients that its image hasn't got: those in the servers' own.
AS_POSTGRES = """
secret=/run/secrets/postgres_postgres_exporter_password
password=$({lib}/as-stack podman exec garrison-postgres-exporter cat $secret </dev/null)
login=postgres_exporter_$(printf %s "$password" | sha256sum | cut -c 1-8)
{{ echo "$password"; cat <<'END'; }} | {lib}/as-stack podman exec --interactive garrison-postgres sh -c '
    read -r PGPASSWORD
    export PGPASSWORD
    exec psql --no-psqlrc --quiet --tuples-only --no-align --host=127.0.0.1 --username="$0" --dbname="$1"
' "$login" {database} 2>&1
{statement}
END
exit 0
"""
AS_REDIS = """
secret=/run/secrets/redis_redis_exporter_password
password=$({lib}/as-stack podman exec garrison-redis-exporter cat $secret </dev/null)
in_redis="{lib}/as-stack podman exec --interactive garrison-redis"
{{ echo "AUTH redis-exporter $password"; cat <<'END'; }} | $in_redis redis-cli 2>&1
{command}
END
"""


@pytest.fixture(scope="module", autouse=True)
def _observed(live: LiveHost) -> None:
    need_observability(live)


def as_postgres(live: LiveHost, statement: str, database: str = "postgres") -> str:
    """What PostgreSQL answers, or why it doesn't."""
    script = AS_POSTGRES.format(lib=LIB, database=database, statement=statement)
    return live.pipe(script, "bash -s").strip()


def as_redis(live: LiveHost, command: str) -> str:
    """What Redis answers to a command after it has let the exporter in."""
    welcome, *answer = live.pipe(AS_REDIS.format(lib=LIB, command=command), "bash -s").splitlines()
    assert welcome == "OK"
    return "\n".join(answer).strip()


@pytest.mark.parametrize(
    ("service", "port", "metric"),
    [("postgres-exporter", 9187, "pg_up"), ("redis-exporter", 9121, "redis_up")],
)
def test_an_exporter_gets_into_its_database(live: LiveHost, service: str, port: int, metric: str) -> None:
    url = f"http://127.0.0.1:{port}/metrics"
    assert f"{metric} 1" in live.podman("exec", f"garrison-{service}", "curl", "-sf", url).splitlines()


def test_who_measures_postgres_reads_no_table_and_owns_nothing(live: LiveHost) -> None:
    assert as_postgres(live, "SELECT pg_has_role(current_user, 'pg_monitor', 'USAGE');") == "t"
    assert "pg_hba.conf rejects connection" in as_postgres(live, "SELECT 1;", "aidb")
    refused = {
        "SELECT rolpassword FROM pg_authid;": "permission denied for table pg_authid",
        "CREATE TABLE mine ();": "permission denied for schema public",
        "CREATE TEMPORARY TABLE mine ();": "permission denied to create temporary tables",
        "COPY (SELECT 1) TO PROGRAM 'id';": "permission denied to COPY to or from an external program",
        "CREATE ROLE mine;": "permission denied to create role",
        # What needs no table: it would fill the disk.
        "SELECT lo_from_bytea(0, 'x');": "permission denied for function lo_from_bytea",
        "SELECT lo_create(0);": "permission denied for function lo_create",
        "SELECT lo_creat(-1);": "permission denied for function lo_creat",
    }
    answers = {statement: as_postgres(live, statement) for statement in refused}
    assert {one: said in answers[one] for one, said in refused.items()} == dict.fromkeys(refused, True), (
        answers
    )
    owned = "SELECT count(*) FROM pg_class WHERE relowner::regrole::text LIKE 'postgres_exporter%';"
    assert as_postgres(live, owned) == "0"


def test_who_measures_redis_reads_and_changes_no_key(live: LiveHost) -> None:
    assert as_redis(live, "PING") == "PONG"
    refused = (
        *("GET aidb:x", "SET aidb:x 1", "KEYS *", "SCAN 0", "RANDOMKEY", "DBSIZE", "FLUSHALL", "EVAL 1 0"),
        *(
            "CONFIG GET *",
            "CLIENT LIST",
            "ACL LIST",
            "MONITOR",
            "SHUTDOWN NOSAVE",
            "SUBSCRIBE x",
        ),
    )
    answers = {command: as_redis(live, command) for command in refused}
    assert {command: said for command, said in answers.items() if "NOPERM" not in said} == {}


def test_there_is_no_log_of_slow_commands_to_read(live: LiveHost) -> None:
    assert as_redis(live, "SLOWLOG LEN") in ("0", "(integer) 0")
