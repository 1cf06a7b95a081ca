"""Who only measures a database is somebody else there than a consumer."""

from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.walls import wall_of
from garrison.render.credentials import credentials
from garrison.render.metrics import scrape_jobs
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings

WATCHERS = {"postgres-exporter": "postgres", "redis-exporter": "redis"}


@pytest.fixture(scope="module")
def observed(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core", "observability"])


@pytest.fixture(scope="module")
def core(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core"])


def lines(catalog: Catalog, settings: HostSettings, service: str, file: str) -> list[str]:
    tree = render_tree(catalog, catalog.services[service], settings)
    return tree.files[file].content.decode().splitlines()


def test_who_only_measures_postgres_gets_a_role_and_no_database(
    observed: Catalog, settings: HostSettings
) -> None:
    said = [
        line.split("--set=role=")[1]
        for line in lines(observed, settings, "postgres", "start.sh")
        if "--file" in line
    ]
    assert said == [
        "aidb --file=/etc/garrison/provision.sql",
        "postgres_exporter --file=/etc/garrison/watch.sql",
    ]


def test_who_only_measures_postgres_has_a_few_connections_beside_the_consumers(
    observed: Catalog, core: Catalog, settings: HostSettings
) -> None:
    found = [line for line in lines(observed, settings, "postgres", "admit.sh") if line.startswith("admit ")]
    assert found == ["admit aidb aidb 40", "admit postgres-exporter postgres 3"]
    assert found[0] in lines(core, settings, "postgres", "admit.sh")


def test_who_only_measures_postgres_reaches_the_servers_own_database_alone(
    observed: Catalog, settings: HostSettings
) -> None:
    hosts = [
        line.split() for line in lines(observed, settings, "postgres", "pg_hba.conf") if line[:4] == "host"
    ]
    assert [(host[1], host[2]) for host in hosts] == [
        ("aidb", "+aidb"),
        ("postgres", "+postgres_exporter"),
        ("all", "all"),
    ]


def test_the_role_of_who_measures_may_what_pg_monitor_may(root: Path) -> None:
    text = (root / "services/postgres/files/watch.sql").read_text()
    granted = [line for line in text.splitlines() if line.startswith("GRANT")]
    assert granted == [
        'GRANT pg_monitor TO :"role";',
        'GRANT CONNECT ON DATABASE postgres TO :"role";',
    ]


def test_who_only_measures_redis_has_no_keys(observed: Catalog, settings: HostSettings) -> None:
    said = lines(observed, settings, "redis", "admit.sh")
    users = {line.split()[2]: line for line in said if line.startswith('echo "user ')}
    assert "$(measures)" in users["redis-exporter"]
    assert all("$(may " in line for name, line in users.items() if name != "redis-exporter")
    (allowed,) = [line for line in said if "+info" in line]
    assert "-@all" in allowed
    assert "~" not in allowed


def test_redis_keeps_no_log_that_who_measures_could_read(observed: Catalog, settings: HostSettings) -> None:
    assert {"slowlog-log-slower-than -1", "slowlog-max-len 0"} <= set(
        lines(observed, settings, "redis", "redis.conf")
    )


@pytest.mark.parametrize("name", WATCHERS)
def test_an_exporter_reaches_its_database_and_nothing_else(name: str, observed: Catalog) -> None:
    words = wall_of(observed, name).split()
    port = next(iter(observed.services[WATCHERS[name]].listen.values()))
    assert [word for word in words if "=" in word] == [f"garrison-{name}--{WATCHERS[name]}=tcp/{port}"]


@pytest.mark.parametrize("name", WATCHERS)
def test_an_exporter_asks_where_its_database_listens_with_the_password_of_the_two(
    name: str, observed: Catalog, settings: HostSettings
) -> None:
    text = "\n".join(lines(observed, settings, name, "start.sh"))
    (secret,) = observed.secrets_of(name)
    port = next(iter(observed.services[WATCHERS[name]].listen.values()))
    assert f"/run/secrets/{secret}" in text
    assert f"{WATCHERS[name]}:{port}" in text


def test_who_collects_metrics_has_a_key_of_qdrant_that_only_reads(
    observed: Catalog, core: Catalog, settings: HostSettings
) -> None:
    sent = [one.key_secret for one in scrape_jobs(observed) if one.name == "qdrant"]
    held = set(observed.secrets_of("prometheus"))
    assert sent == ["qdrant_metrics_key"]
    assert held >= {"qdrant_metrics_key", "llama_cpp_key"}
    assert "qdrant_key" not in held
    assert "prometheus" not in observed.holders_of("qdrant")
    assert "qdrant_metrics_key" in core.secrets_of("qdrant")
    said = "\n".join(lines(observed, settings, "qdrant", "start.sh"))
    assert "metrics=$(read_key /run/secrets/qdrant_metrics_key)" in said
    assert """read_only_api_key: '%s'\\n" "$metrics\"""" in said


def test_the_key_for_metrics_is_rotated_with_whoever_has_it(observed: Catalog, core: Catalog) -> None:
    """Prometheus sends what it saw at its start: without a new container it would be turned away for good."""
    found = {one["secret"]: one for one in credentials(observed)}["qdrant_metrics_key"]
    assert (found["kind"], found["provider"]) == ("own", "qdrant")
    assert found["holders"] == ["prometheus", "qdrant"]
    alone = {one["secret"]: one for one in credentials(core)}["qdrant_metrics_key"]
    assert alone["holders"] == ["qdrant"]
