"""The deployed host, and a second machine on the lab's network that scans it and attacks it from two addresses."""

import ipaddress
import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.expect import expect
from garrison.plan.wanted import Wanted
from tests.compliance.live import LIB, LiveHost
from tests.faults.machine import ROOT, Machine
from tests.hosts import host, mark_all, shared_host

HERE = Path(__file__).parent
PROBER = "prober"
CLIENT = "door-test"

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def live() -> LiveHost:
    """The deployed host."""
    return shared_host()


@pytest.fixture(scope="session")
def wanted(live: LiveHost) -> Wanted:
    """What the host should be."""
    return expect(live.settings, live.snapshot())


@dataclass(frozen=True)
class Prober:
    """The second machine. It has two addresses of each family: ``attacker`` and ``other``."""

    machine: Machine
    attacker: str
    other: str

    def start(self, program: str, *words: str) -> "subprocess.Popen[str]":
        """A program of tests/door/programs, begun there."""
        pipe = subprocess.PIPE
        command = self.machine.argv("python3", "-I", "-", *words)
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert process.stdin
        process.stdin.write((HERE / "programs" / f"{program}.py").read_text())
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, program: str, *words: str) -> Any:
        """What it prints, once it has ended."""
        return end(self.start(program, *words))


def end(process: "subprocess.Popen[str]") -> Any:
    """What a program printed."""
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err[-2000:]
    return json.loads(out)


@pytest.fixture(scope="session")
def prober() -> Iterator[Prober]:
    """A bare host, gone at the end; GARRISON_KEEP_HOSTS=1 keeps it, as in tests/faults."""
    for machine in host(PROBER):
        first = ipaddress.ip_address(machine.address)
        second = str(first + 100)  # the lab counts its hosts from ten
        machine.sh(f"ip addr add {second}/24 dev eth0 2>/dev/null || true")
        yield Prober(machine, attacker=str(first), other=second)


@pytest.fixture(scope="session")
def addresses(live: LiveHost) -> tuple[str, str]:
    """The host's IPv4 and IPv6 address."""
    _, four, six = live.data["server_names"]
    return four, six


@pytest.fixture(scope="session")
def key(live: LiveHost) -> Iterator[str]:
    """A key that is revoked in the end."""
    keys = f"{LIB}/keys"
    live.quietly(f"{keys} revoke {CLIENT}")
    made = live.sh(f"{keys} add {CLIENT} --scopes read")
    yield made
    live.sh(f"{keys} revoke {CLIENT}")


@dataclass(frozen=True)
class Ask:
    """How programs on the prober are told of the door, and to ask less often than the door's limit ``rate``."""

    base: dict[str, Any]
    rate: int

    def __call__(self, **said: Any) -> str:
        wanted = {**self.base, **said}
        return json.dumps({"pause": wanted["workers"] / (0.8 * self.rate), **wanted})


@pytest.fixture(scope="session")
def ask(live: LiveHost, wanted: Wanted, key: str, prober: Prober) -> Ask:
    assert wanted.catalog.door
    assert wanted.catalog.door.door
    return Ask(
        {
            "host": live.address,
            "port": wanted.catalog.door.door.https,
            "name": wanted.settings.server_names[0],
            "ca": (ROOT / wanted.settings.ca_dir / "ca.crt").read_text(),
            "path": "/embeddings/info",
            "key": key,
            "source": prober.other,
            "seconds": 10,
            "workers": 4,
            "kept": False,
        },
        wanted.settings.door_limits.requests_per_second,
    )


@contextmanager
def listening(live: LiveHost, port: int, protocol: str = "tcp") -> Iterator[None]:
    """Something that nobody declared listens on every address of the host for as long as the block runs."""
    kind = "SOCK_STREAM" if protocol == "tcp" else "SOCK_DGRAM"
    program = (
        "import socket, time\n"
        f"s = socket.socket(socket.AF_INET6, socket.{kind})\n"
        "s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n"
        f"s.bind(('::', {port}))\n"
        + (
            "s.listen(64); time.sleep(900)"
            if protocol == "tcp"
            else "while True: s.sendto(b'here', s.recvfrom(64)[1])"
        )
    )
    words = shlex.join(["python3", "-c", program])
    live.sh(f"systemd-run -q --collect --unit=door-test-listener {words}")
    try:
        yield
    finally:
        live.quietly("systemctl stop door-test-listener")


@contextmanager
def no_firewall(live: LiveHost) -> Iterator[None]:
    """Garrison's table is gone for as long as the block runs."""
    live.sh("nft delete table inet garrison")
    try:
        yield
    finally:
        live.sh("systemctl restart garrison-firewall.service")
