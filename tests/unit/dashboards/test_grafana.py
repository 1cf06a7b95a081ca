"""What Grafana is given is whole: the lab's stand-in, which refuses broken files, starts with it and shows all."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import ConfigParser
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.dashboards.every import pages
from garrison.evidence.dashboards import Loaded
from garrison.render.credentials import credentials
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings
from tests.unit.hostside.conftest import Host, host

__all__ = ["host"]  # a fixture
PASSWORD = "a-password-of-this-test-alone"  # noqa: S105
PROFILES = ("core", "observability")


@pytest.fixture(scope="module")
def chosen(whole: Catalog) -> Catalog:
    return whole.select(PROFILES)


@pytest.fixture(scope="module")
def tree(chosen: Catalog, settings: HostSettings, fixtures: Path) -> dict[str, str]:
    with_own = settings.model_copy(update={"dashboards": fixtures / "own_dashboards"})
    found = render_tree(chosen, chosen.services["grafana"], with_own)
    return {path: file.content.decode() for path, file in found.files.items()}


@pytest.fixture(scope="module")
def ini(tree: dict[str, str]) -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read_string(tree["grafana.ini"])
    return parser


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def port(
    tree: dict[str, str], chosen: Catalog, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The stand-in with the real files, which lie in a folder as they do in the container."""
    top, port = tmp_path_factory.mktemp("container"), free_port()
    service = chosen.services["grafana"]
    places = {
        **service.files,
        **{path: f"/etc/garrison/{path}" for path in tree if path not in service.files},
    }
    for path, text in tree.items():
        for inside in ("/etc/garrison", "/run/secrets"):
            text = text.replace(inside, f"{top}{inside}")
        target = top / places[path].lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace("http_port = 3000", f"http_port = {port}"))
    for secret in service.secrets:
        (top / "run/secrets").mkdir(parents=True, exist_ok=True)
        (top / "run/secrets" / secret).write_text(PASSWORD)
    (top / "data").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(root / "garrison/lab/stand_ins/grafana/src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GF_PATHS_DATA": str(top / "data"),
        "GF_PATHS_PROVISIONING": f"{top}{service.environment['GF_PATHS_PROVISIONING']}",
    }
    command = [
        sys.executable,
        "-m",
        "grafana_stand_in",
        "server",
        "--config",
        str(top / "etc/garrison/grafana.ini"),
    ]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    assert process.poll() is None
    yield port
    process.terminate()
    assert process.wait(10) == 0


def ask(port: int, path: str) -> Any:
    sent = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Basic {sent}"})
    found = json.load(connection.getresponse())
    connection.close()
    return found


def test_every_dashboard_of_the_release_is_loaded(port: int, chosen: Catalog) -> None:
    found = {one["uid"]: one["folderTitle"] for one in ask(port, "/api/search?type=dash-db")}
    assert found == {page.uid: "Garrison" for page in pages(chosen)} | {"my-load": "Own"}


def test_the_gates_program_finds_them_there(port: int, chosen: Catalog, host: Host) -> None:
    host.add_secret("grafana_admin_password", PASSWORD)
    given = {"port": port, "secret": "grafana_admin_password", "dashboards": [], "deadline": 0}
    found = Loaded.model_validate_json(host.run("look-dashboards", json.dumps(given)).stdout)
    assert set(found.dashboards) == {"my-load", *(page.uid for page in pages(chosen))}
    assert set(found.sources) == {"Prometheus", "Jaeger"}
    assert all(found.sources.values())  # nobody is called prometheus or jaeger here


def test_the_data_sources_are_prometheus_and_jaeger_by_their_names(port: int) -> None:
    found = {one["uid"]: (one["url"], one["isDefault"]) for one in ask(port, "/api/datasources")}
    assert found == {
        "prometheus": ("http://prometheus:9090", True),
        "jaeger": ("http://jaeger:16686", False),
    }


def test_an_exemplar_leads_to_its_trace_in_jaeger(port: int) -> None:
    said = ask(port, "/api/datasources/uid/prometheus")["jsonData"]
    (way,) = said["exemplarTraceIdDestinations"]
    assert (way["name"], way["datasourceUid"]) == ("trace_id", "jaeger")


def test_grafana_may_ask_prometheus_and_jaeger_alone(whole: Catalog, ini: ConfigParser) -> None:
    assert whole.services["grafana"].needs == ("prometheus", "jaeger")
    assert whole.services["grafana"].egress is None
    assert ini["security"]["data_source_proxy_whitelist"] == "prometheus:9090 jaeger:16686"


def test_secrets_are_files_and_in_no_environment(whole: Catalog, ini: ConfigParser) -> None:
    grafana = whole.services["grafana"]
    said = {ini["security"][key] for key in ("admin_password", "secret_key")}
    assert said == {f"$__file{{/run/secrets/{secret}}}" for secret in grafana.secrets}
    assert not [name for name in grafana.environment if name.startswith("GF_SECURITY")]


def test_the_password_can_be_rotated_and_what_encrypts_the_database_can_not(chosen: Catalog) -> None:
    own = [one for one in credentials(chosen) if one["provider"] == "grafana"]
    assert own == [
        {
            "secret": "grafana_admin_password",
            "provider": "grafana",
            "holders": ["grafana"],
            "kind": "own",
        }
    ]
    assert "grafana_secret_key" not in chosen.rotatable()


@pytest.mark.parametrize(
    ("section", "key", "wanted"),
    [
        ("auth.anonymous", "enabled", "false"),
        ("users", "allow_sign_up", "false"),
        ("users", "allow_org_create", "false"),
        ("analytics", "reporting_enabled", "false"),
        ("analytics", "check_for_updates", "false"),
        ("analytics", "check_for_plugin_updates", "false"),
        ("news", "news_feed_enabled", "false"),
        ("plugins", "plugin_admin_enabled", "false"),
        ("plugins", "preinstall_disabled", "true"),
        ("plugins", "public_key_retrieval_disabled", "true"),
        ("security", "disable_gravatar", "true"),
        ("snapshots", "external_enabled", "false"),
        ("public_dashboards", "enabled", "false"),
        ("log.console", "format", "json"),
    ],
)
def test_grafana_is_closed(section: str, key: str, wanted: str, ini: ConfigParser) -> None:
    assert ini[section][key] == wanted


def test_what_is_provisioned_is_not_edited(tree: dict[str, str]) -> None:
    sources = yaml.safe_load(tree["sources.yaml"])["datasources"]
    providers = yaml.safe_load(tree["boards.yaml"])["providers"]
    assert [one["name"] for one in providers] == ["garrison", "own"]
    assert {one["editable"] for one in sources} == {False}
    assert {one["allowUiUpdates"] for one in providers} == {False}


def test_without_dashboards_of_ones_own_there_is_one_provider(
    chosen: Catalog, settings: HostSettings
) -> None:
    found = render_tree(chosen, chosen.services["grafana"], settings)
    (provider,) = yaml.safe_load(found.files["boards.yaml"].content)["providers"]
    assert provider["options"]["path"] == "/etc/garrison/dashboards/garrison"
    assert not [path for path in found.files if path.startswith("dashboards/own")]
