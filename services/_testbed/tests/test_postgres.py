"""PostgreSQL as in the stack: each consumer has a database, few rights, and its share of the connections."""

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from container_root import PROOFS_FILE, SECRETS, ContainerRoot

Connect = Callable[..., "psycopg.Connection"]
ROLES = {"aidb": SECRETS["aidb"], "hybrid_coordinator": SECRETS["hybrid-coordinator"]}


def login_of(role: str, password: str | None) -> str:
    """The login that comes with a password (aidb.database); others have none."""
    return (
        f"{role}_{hashlib.sha256(password.encode()).hexdigest()[:8]}" if password and role in ROLES else role
    )


def connect_to(root: ContainerRoot, role: str, database: str | None = None, password: str | None = None):
    return psycopg.connect(
        host="127.0.0.1",
        port=root.port,
        user=login_of(role, password or ROLES.get(role)),
        password=password or ROLES.get(role, "none"),
        dbname=database or role,
        autocommit=True,
        connect_timeout=5,
    )


def is_ready(root: ContainerRoot) -> bool:
    """The health probe of the service's own."""
    return root.run("/etc/garrison/ready.sh").returncode == 0


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerRoot]:
    """The running server."""
    made = ContainerRoot("postgres", tmp_path_factory.mktemp("postgres"), SECRETS)
    made.start(lambda: is_ready(made), 180)
    yield made
    made.stop()


@pytest.fixture
def connect(postgres: ContainerRoot) -> Iterator[Connect]:
    """Makes connections, and closes them when the test ends."""
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(connect_to(postgres, *words))


def value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row
    return row[0]


@pytest.mark.parametrize("role", ROLES)
def test_a_consumer_has_a_database_with_pgvector(connect: Connect, role: str) -> None:
    connection = connect(role)
    assert value(connection, "SELECT '[1,2,3]'::vector <-> '[1,2,4]'::vector") == 1
    connection.execute("CREATE TABLE mine (v vector(3)); INSERT INTO mine VALUES ('[1,2,3]')")
    connection.execute("CREATE INDEX ON mine USING hnsw (v vector_cosine_ops)")
    connection.execute("DROP TABLE mine")


@pytest.mark.parametrize(
    ("role", "database", "password"),
    [
        ("aidb", "hybrid_coordinator", None),
        ("aidb", "postgres", None),
        ("aidb", "template1", None),
        ("aidb", "aidb", "wrong"),
        ("aidb", "aidb", SECRETS["hybrid-coordinator"]),
        ("postgres", "postgres", None),
        ("nobody", "aidb", None),
    ],
)
def test_every_other_way_in_is_refused(
    connect: Connect, role: str, database: str, password: str | None
) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"rejects connection|password authentication failed"):
        connect(role, database, password)


FORBIDDEN = {
    "make a role": "CREATE ROLE mine",
    "make a database": "CREATE DATABASE mine",
    "become another": "SET ROLE hybrid_coordinator",
    "become the owner of all": "SET ROLE postgres",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "read a file": "SELECT pg_read_file('/run/secrets/postgres_aidb_password')",
    "write a file": "COPY (SELECT 1) TO '/tmp/x'",
    "see passwords": "SELECT passwd FROM pg_shadow",
    "see a file's settings": "SELECT * FROM pg_hba_file_rules",
    "change the server": "ALTER SYSTEM SET max_connections = 1",
    "load an untrusted language": "CREATE EXTENSION plperlu",
    "lift its own limit": "DO $$BEGIN EXECUTE format('ALTER ROLE %I CONNECTION LIMIT -1', session_user); END$$",
    "let its role log in": "ALTER ROLE aidb LOGIN PASSWORD 'x'",
    "end another's work": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename !~ '^aidb'",
    "load a library": "LOAD '/tmp/x.so'",
    "stop the server's logging": "SET log_min_error_statement = 'error'",
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_a_consumer_may_not(connect: Connect, case: str) -> None:
    with pytest.raises(psycopg.Error) as raised:
        connect("aidb").execute(FORBIDDEN[case])
    # 42501 is "insufficient privilege"; ALTER SYSTEM and unknown extensions have codes of their own.
    assert raised.value.sqlstate in {"42501", "55000", "0A000", "58P01", "42710"}


def test_a_consumer_sees_nothing_of_what_another_asks(connect: Connect) -> None:
    connect("hybrid_coordinator").execute("SELECT 'a secret of hybrid'")
    asked = "SELECT query FROM pg_stat_activity WHERE usename ~ '^hybrid_coordinator_'"
    assert {row[0] for row in connect("aidb").execute(asked).fetchall()} <= {"<insufficient privilege>"}


def test_who_opens_too_many_connections_is_refused_alone(connect: Connect) -> None:
    """Of 100, ten are kept free and two consumers have 40 each at most."""
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect("aidb"))
        with pytest.raises(psycopg.OperationalError, match='too many connections for role "aidb_'):
            connect("aidb")
        assert value(connect("hybrid_coordinator"), "SELECT 1") == 1


def test_what_was_forgotten_is_ended(connect: Connect) -> None:
    connection = connect("aidb")
    wanted = {
        "statement_timeout": "5min",
        "idle_in_transaction_session_timeout": "1min",
        "client_connection_check_interval": "10s",
    }
    assert {name: value(connection, f"SHOW {name}") for name in wanted} == wanted
    connection.execute("SET statement_timeout = '50ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(5)")


def test_no_password_is_in_its_arguments_its_environment_or_its_log(postgres: ContainerRoot) -> None:
    process = Path(f"/proc/{postgres.pid}")
    seen = b"".join((process / name).read_bytes() for name in ("cmdline", "environ"))
    assert b"postgres" in seen
    assert not [secret for secret in SECRETS.values() if secret.encode() in seen + postgres.log().encode()]


def test_what_was_written_outlives_a_kill_and_a_new_password_is_the_only_one(tmp_path: Path) -> None:
    root = ContainerRoot("postgres", tmp_path, SECRETS)
    root.start(lambda: is_ready(root), 180)
    with connect_to(root, "aidb") as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100) AS n")
    root.stop(signal.SIGKILL)
    root.set_secret("aidb", "n" * 64)
    root.start(lambda: is_ready(root), 180)
    with connect_to(root, "aidb", None, "n" * 64) as connection:
        assert value(connection, "SELECT count(*) FROM kept") == 100
    with pytest.raises(psycopg.OperationalError, match=r"rejects connection|password authentication failed"):
        connect_to(root, "aidb")
    root.stop()


def test_two_passwords_hold_at_once_and_the_earlier_one_ends_with_its_sessions(tmp_path: Path) -> None:
    """What a rotation does to a running server: nobody is cut off before the earlier password has ended."""
    root = ContainerRoot("postgres", tmp_path, SECRETS)
    root.start(lambda: is_ready(root), 180)
    old = connect_to(root, "aidb")
    root.set_secret("aidb", SECRETS["aidb"], "n" * 64)
    assert root.run("/etc/garrison/admit.sh").returncode == 0
    with connect_to(root, "aidb") as again, connect_to(root, "aidb", None, "n" * 64) as new:
        new.execute("CREATE TABLE made_by_the_new (n int)")
        assert {value(one, "SELECT count(*) FROM made_by_the_new") for one in (old, again)} == {0}
        again.execute("RESET ROLE; CREATE SCHEMA IF NOT EXISTS own")
    root.set_secret("aidb", "n" * 64)
    assert root.run("/etc/garrison/admit.sh").returncode == 0
    with pytest.raises(psycopg.OperationalError):
        old.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match=r"rejects connection|password authentication failed"):
        connect_to(root, "aidb")
    with connect_to(root, "aidb", None, "n" * 64) as new:
        assert value(new, "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_the_new'") == "aidb"
    root.stop()


BAD_PROOFS = {
    "none for a consumer": (lambda good: good.splitlines(True)[0], "has no proof for hybrid-coordinator"),
    "an empty file": (lambda _: "", "has no proof for aidb"),
    "a password in its place": (
        lambda good: good + f"aidb 00000000 {'a' * 64}\n",
        "has a line that is no proof",
    ),
    "an empty line": (lambda good: good + "\n", "has a line that is no proof"),
}


@pytest.mark.parametrize("case", BAD_PROOFS)
def test_a_file_of_proofs_that_is_no_good_keeps_it_from_starting(tmp_path: Path, case: str) -> None:
    spoil, said = BAD_PROOFS[case]
    root = ContainerRoot("postgres", tmp_path, SECRETS)
    root.write(PROOFS_FILE, spoil(root.proofs()), 0o400)
    assert root.fails(180) != 0
    assert said in root.log()


def test_a_file_of_proofs_that_it_can_not_read_keeps_it_from_starting(tmp_path: Path) -> None:
    root = ContainerRoot("postgres", tmp_path, SECRETS)
    os.chown(root.folder / "upper" / PROOFS_FILE.lstrip("/"), 0, 0)
    assert root.fails(180) != 0
    assert f"{PROOFS_FILE} can't be read" in root.log()
