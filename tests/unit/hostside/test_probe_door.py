"""What the host measures of the door from a client's side, against real TLS servers on 127.0.0.1."""

import json
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from garrison.tls.authority import Authority
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import NAME, Pems, healthy, pems, serving, tls

__all__ = ["pems"]  # a fixture
DAY = 24 * 3600


class Probe:
    """The program with settings and a place for its metrics of its own."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host, self.etc, self.file = host, folder / "etc", folder / "state" / "metrics" / "door.prom"
        self.trust = folder / "ca" / "ca.crt"
        self.etc.mkdir()
        self.file.parent.mkdir(parents=True)

    def run(self, port: int, **said: Any) -> dict[str, float]:
        """Each series that it left, without the prefix; what it complained of is in ``said``."""
        known = {"names": [NAME], "https": port, "trust": str(self.trust)}
        (self.etc / "tls.json").write_text(json.dumps({**known, **said}))
        done = self.host.run("probe-door")
        assert (done.returncode, done.stdout) == (0, "")
        self.said = done.stderr
        found = re.findall(r"^garrison_door_probe_(\w+) (\S+)$", self.file.read_text(), re.MULTILINE)
        return {name: float(value) for name, value in found}


@pytest.fixture
def probe(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Probe:
    monkeypatch.setenv("GARRISON_ETC", str(tmp_path / "etc"))
    monkeypatch.setenv("GARRISON_STATE", str(tmp_path / "state"))
    return Probe(host, tmp_path)


@contextmanager
def door(
    pems: Pems, folder: Path, answer: Callable[..., Any] = healthy, protocols: tuple[str, ...] = ()
) -> Iterator[int]:
    with serving(answer, tls(pems, folder, *protocols)) as port:
        yield port


def test_a_good_door_is_told_with_the_end_of_its_certificate(
    probe: Probe, pems: Pems, tmp_path: Path
) -> None:
    with door(pems, tmp_path) as port:
        found = probe.run(port)
    assert (found["success"], found["http_version"], probe.said) == (1, 1.1, "")
    assert DAY < found["certificate_not_after_timestamp_seconds"] - time.time() <= 2 * DAY
    assert 0 < found["duration_seconds"] < 10
    assert time.time() - found["timestamp_seconds"] < 60


def test_a_door_that_speaks_http_2_is_told_so(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    with door(pems, tmp_path, protocols=("h2", "http/1.1")) as port:
        assert probe.run(port)["http_version"] == 2


@pytest.mark.parametrize("name", ["127.0.0.1", "fd00::1"])
def test_a_host_that_is_known_by_its_address_is_asked_by_that(
    name: str, probe: Probe, pems: Pems, tmp_path: Path
) -> None:
    hosts = []

    def answer(_path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        hosts.append(headers["Host"])
        return 200, {}, b"ok"

    with door(pems, tmp_path, answer) as port:
        assert probe.run(port, names=[name])["success"] == 1
    assert hosts == [f"[{name}]:{port}" if ":" in name else f"{name}:{port}"]


def test_a_door_that_nobody_answers_at_does_not_pass(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    with door(pems, tmp_path) as port:
        pass
    assert set(probe.run(port)) == {"success", "timestamp_seconds"}
    assert probe.run(port)["success"] == 0
    assert "Connection refused" in probe.said


def test_a_door_that_is_not_healthy_does_not_pass(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    with door(pems, tmp_path, lambda *_: (503, {}, b"")) as port:
        assert probe.run(port)["success"] == 0
    assert "/healthz answers 503" in probe.said


def test_a_certificate_of_another_name_does_not_pass(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    with door(pems, tmp_path) as port:
        assert probe.run(port, names=["other.example.org"])["success"] == 0
    assert "CERTIFICATE_VERIFY_FAILED" in probe.said


def test_a_certificate_of_another_authority_does_not_pass(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    Authority.open(tmp_path / "other", None, datetime.now(UTC))
    with door(pems, tmp_path) as port:
        assert probe.run(port, trust=str(tmp_path / "other" / "ca.crt"))["success"] == 0
        assert probe.run(port, trust="system")["success"] == 0
    assert "CERTIFICATE_VERIFY_FAILED" in probe.said


def test_a_server_that_speaks_no_tls_does_not_pass(probe: Probe, pems: Pems) -> None:
    assert pems
    with serving(healthy) as port:
        assert probe.run(port)["success"] == 0


def test_what_was_measured_before_is_gone_when_the_door_is(probe: Probe, pems: Pems, tmp_path: Path) -> None:
    """An end that was seen a week ago would keep an alert from firing."""
    with door(pems, tmp_path) as port:
        assert "certificate_not_after_timestamp_seconds" in probe.run(port)
    assert "certificate_not_after_timestamp_seconds" not in probe.run(port)


def test_everybody_may_read_the_file_and_nothing_is_left_beside_it(
    probe: Probe, pems: Pems, tmp_path: Path
) -> None:
    with door(pems, tmp_path) as port:
        probe.run(port)
    assert stat.S_IMODE(probe.file.stat().st_mode) == 0o644
    assert [path.name for path in probe.file.parent.iterdir()] == ["door.prom"]


def test_without_settings_it_says_what_is_missing(probe: Probe) -> None:
    done = probe.host.run("probe-door")
    assert (done.returncode, "tls.json" in done.stderr, probe.file.exists()) == (1, True, False)
