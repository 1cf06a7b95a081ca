"""Secrets, request ids, limits, text, settings, startup, probe: the parts that fit in a page."""

import http.server
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from garrison_kit import request_id, settings
from garrison_kit.probe import probe
from garrison_kit.problems import of_validation
from garrison_kit.secrets import SecretError, read_secret
from garrison_kit.text import check_text
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict


def test_a_secret_is_read_without_its_newline(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("abc\n")
    assert read_secret("password", tmp_path) == "abc"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_an_unusable_secret_is_an_error_that_names_the_file(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    with pytest.raises(SecretError, match=str(tmp_path / "password")):
        read_secret("password", tmp_path)


@given(st.one_of(st.none(), st.text()))
def test_whatever_id_comes_in_a_safe_one_goes_on(given_id: str | None) -> None:
    accepted = request_id.accept(given_id)
    assert 8 <= len(accepted) <= 64
    assert accepted.isascii()
    assert not set(accepted) & set('\r\n" <>&')


def test_the_id_goes_outwards_only_within_a_request() -> None:
    assert request_id.outbound_headers() == {}
    token = request_id.enter("abcdefgh")
    assert request_id.outbound_headers() == {"X-Request-ID": "abcdefgh"}
    request_id.leave(token)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "nul\x00"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="text must"):
        check_text(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_every_other_text_passes_unchanged(text: str) -> None:
    assert check_text(text) is text


class Demo(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: int = 1
    folder: Path = Path("/x")


def test_a_key_as_long_as_the_body_does_not_come_back_whole() -> None:
    problem = of_validation([{"type": "extra_forbidden", "loc": ("k" * 100_000,), "msg": "Not permitted"}])
    assert problem.errors == ({"where": "k" * 64, "what": "Not permitted"},)


def test_settings_come_from_the_environment_under_the_prefix() -> None:
    loaded = settings.load(Demo, "DEMO_", {"DEMO_PORT": "7", "OTHER": "1"})
    assert (loaded.port, loaded.folder) == (7, Path("/x"))


def test_all_faults_of_the_settings_are_named_at_once_and_no_value_is_shown() -> None:
    with pytest.raises(settings.SettingsError) as refused:
        settings.load(Demo, "DEMO_", {"DEMO_PROT": "1", "DEMO_PORT": "hush"})
    assert str(refused.value) == (
        "DEMO_PROT: unknown setting, did you mean DEMO_PORT?; "
        "DEMO_PORT: Input should be a valid integer, unable to parse string as an integer"
    )


def test_a_service_that_cannot_start_writes_one_json_line_and_ends_with_2() -> None:
    program = (
        "from garrison_kit import logging, startup, clients\n"
        "logging.configure('demo', '1')\n"
        "with startup.fail_closed(): clients.ClientKeys('/nowhere/clients.json')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], env=_environment(), capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (2, b"")
    (line,) = ran.stdout.splitlines()
    assert (
        json.loads(line)["reason"]
        == "clients file /nowhere/clients.json cannot be read: No such file or directory"
    )


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.5)
        self.send_response(503 if self.path == "/missing" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Nothing: the test reads the probe's answer only."""


@pytest.fixture(scope="module")
def answering() -> str:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_probe_tells_ready_from_not_ready_late_and_absent(answering: str) -> None:
    assert probe(f"{answering}/ready")
    assert not probe(f"{answering}/missing")
    assert not probe(f"{answering}/slow", timeout=0.1)
    assert not probe("http://127.0.0.1:1/")


@pytest.mark.parametrize(("path", "code"), [("/ready", 0), ("/missing", 1)])
def test_the_probe_ends_with_what_it_found(answering: str, path: str, code: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "garrison_kit.probe", f"{answering}{path}"], env=_environment()
    )
    assert ran.returncode == code


def test_the_probe_imports_nothing_heavy() -> None:
    program = "import sys, garrison_kit.probe; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], env=_environment(), capture_output=True, check=True)
    assert not {b"pydantic", b"structlog", b"prometheus_client", b"asyncio"} & set(ran.stdout.split())


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(request_id.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
