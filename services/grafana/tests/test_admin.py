"""Who comes in: the admin with the secret's password, which is the secret's again after each start."""

import json
import os
import subprocess
import sys

import httpx
import pytest
from grafana_process import PASSWORD, ROOT, Client, Site

CLOSED = (
    "/",
    "/api/search",
    "/api/datasources",
    "/api/dashboards/uid/garrison-overview",
    "/api/admin/settings",
)
ASK = ROOT / "garrison" / "hostside" / "ask-openly"
OTHER = "another-password-that-only-these-tests-know"


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("password", [None, "", "admin", PASSWORD[:-1], PASSWORD.upper()])
def test_nobody_else_comes_in(path: str, password: str | None, grafana: Client) -> None:
    answer = grafana.get(path, password)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_admin_does(grafana: Client) -> None:
    assert grafana.get("/api/search").status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "Basic YWRtaW4="])
def test_a_header_that_says_nothing_lets_nobody_in(header: str, grafana: Client) -> None:
    assert grafana.http.get("/api/search", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("path", ["/api/health", "/login", "/metrics"])
def test_probes_and_the_page_to_log_in_need_no_password(path: str, grafana: Client) -> None:
    assert grafana.get(path, None).status_code == 200


def test_a_secret_that_changes_later_counts_for_nothing_by_itself(site: Site) -> None:
    """As in Grafana: its configuration makes the password once."""
    with site.running():
        pass
    site.secret.write_text(OTHER)
    with site.running() as client:
        assert client.get("/api/search").status_code == 200
        assert client.get("/api/search", OTHER).status_code == 401


def test_our_start_makes_the_secret_the_password_again(site: Site) -> None:
    script = str(site.start_script())
    with site.running(script) as client:
        assert client.get("/api/search").status_code == 200
    site.secret.write_text(OTHER)
    with site.running(script) as client:
        assert client.get("/api/search", OTHER).status_code == 200
        assert client.get("/api/search").status_code == 401
    assert OTHER not in client.log


def test_a_password_that_can_not_be_set_keeps_it_from_starting(site: Site) -> None:
    with site.running():
        pass
    site.config.write_text(site.config.read_text().replace("admin_password", "admin_pass"))
    with pytest.raises(AssertionError, match="doesn't answer"), site.running(str(site.start_script())):
        pass


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[security]", "[auth.anonymous]\nenabled = true\n[security]", "everybody could look"),
        ("admin_password", "admin_pass", "security.admin_password is not set"),
        ("[security]", "nothing here\n[security]", "parsing errors"),
        ("grafana_admin_password", "no_such_secret", "No such file"),
    ],
)
def test_a_configuration_that_lets_too_many_in_or_nobody_is_refused(
    before: str, after: str, said: str, site: Site
) -> None:
    site.config.write_text(site.config.read_text().replace(before, after, 1))
    assert said in site.fails()


def test_the_database_is_nobody_elses_to_read(site: Site) -> None:
    with site.running():
        (path,) = (site.folder / "data").glob("*.db")
        assert path.stat().st_mode & 0o777 == 0o600
        assert PASSWORD.encode() not in path.read_bytes()


def test_errors_tell_no_password(grafana: Client) -> None:
    answer = httpx.get(f"{grafana.http.base_url}/api/none", auth=("admin", PASSWORD))
    assert answer.status_code == 501
    assert PASSWORD not in answer.text


def test_a_check_is_refused(site: Site) -> None:
    """L07 asks so."""
    asked = f"grafana:viewer:{site.port}:nobody"
    with site.running():
        done = subprocess.run(
            [sys.executable, "-I", str(ASK), asked],
            env={**os.environ, "GARRISON_NETWORK": "own"},
            capture_output=True,
            text=True,
            check=True,
        )
    assert json.loads(done.stdout) == {asked: "refused"}
