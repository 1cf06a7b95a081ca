"""A host that can't be reached or won't do is refused before the first change; every finding says what mends it."""

import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from garrison.lab.access import ssh_argv
from garrison.lab.lab import open_checkout
from tests.faults.machine import HOME, ROOT, Machine, list_changes
from tests.faults.runs import Workplace, assert_refused


def unused_address() -> str:
    """An address of the lab's own subnet that no host has."""
    return str(open_checkout(ROOT).require().subnet[-2])


def test_a_host_that_nobody_is(unchanged: Machine, workplace: Workplace) -> None:
    run = workplace.deploy(workplace.inventory(unchanged, ssh_hostname=unused_address()))
    assert_refused(run, "can't be reached over SSH", "Check ssh_hostname")


def test_a_key_that_the_host_does_not_know(unchanged: Machine, workplace: Workplace) -> None:
    key = workplace.folder / "key"
    make_key(key)
    run = workplace.deploy(workplace.inventory(unchanged, ssh_key=str(key)))
    assert_refused(run, "can't be reached over SSH", "Check ssh_hostname")


def make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def test_a_key_that_is_not_there(unchanged: Machine, workplace: Workplace) -> None:
    run = workplace.deploy(workplace.inventory(unchanged, ssh_key="nothing"))
    assert_refused(run, "can't be reached over SSH: No such private key file: nothing.", "Check ssh_hostname")


def test_a_host_that_nobody_knows(unchanged: Machine, workplace: Workplace) -> None:
    (workplace.folder / "known_hosts").touch()
    run = workplace.deploy(workplace.inventory(unchanged, ssh_known_hosts_file="known_hosts"))
    assert_refused(run, "can't be reached over SSH", "No host key for")
    assert (workplace.folder / "known_hosts").read_text() == ""


def test_a_host_that_is_not_the_known_one(unchanged: Machine, workplace: Workplace) -> None:
    make_key(workplace.folder / "key")
    public = (workplace.folder / "key.pub").read_text()
    (workplace.folder / "known_hosts").write_text(f"{unchanged.address} {public}")
    run = workplace.deploy(workplace.inventory(unchanged, ssh_known_hosts_file="known_hosts"))
    assert_refused(run, "can't be reached over SSH")


@pytest.fixture
def powerless(bare: Machine) -> Iterator[str]:
    """A user whom the key lets in and whom sudo doesn't know."""
    user = "powerless"
    bare.sh(
        f"id {user} 2>/dev/null || useradd --create-home --password '*' {user}; mkdir -p ~{user}/.ssh;"
        f"cp ~ops/.ssh/authorized_keys ~{user}/.ssh/; chown -R {user}: ~{user}/.ssh"
    )
    yield user
    bare.sh(f"loginctl terminate-user {user} 2>/dev/null; userdel --remove {user} 2>/dev/null || true")


def test_a_user_without_sudo(bare: Machine, powerless: str, workplace: Workplace) -> None:
    before = bare.picture()
    run = workplace.deploy(workplace.inventory(bare, ssh_user=powerless))
    assert_refused(run, "it asks the SSH user for a password", "NOPASSWD")
    assert list_changes(before, bare.picture()) == []


def test_no_sudo_asked_for(unchanged: Machine, workplace: Workplace) -> None:
    run = workplace.deploy(workplace.inventory(unchanged, _sudo=False))
    assert_refused(run, "commands don't run as root.", "_sudo = True")


@contextmanager
def squatter(bare: Machine) -> Iterator[None]:
    bare.sh("systemd-run --quiet --unit=squatter python3 -m http.server 8443")
    bare.sh("timeout 20 sh -c 'until ss -Hltn sport = :8443 | grep -q .; do sleep 0.1; done'")
    try:
        yield
    finally:
        bare.sh("systemctl stop squatter; systemctl reset-failed squatter 2>/dev/null || true")


Fault = Callable[[Machine], AbstractContextManager[None]]
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "another system": (
        lambda bare: bare.instead_of(
            "/etc/os-release", 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n'
        ),
        "the host runs Ubuntu 24.04.",
        "Garrison supports Debian 13",
    ),
    "an older Debian": (
        lambda bare: bare.instead_of(
            "/etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'
        ),
        "the host runs Debian 12.",
        "Garrison supports Debian 13",
    ),
    "too little disk": (
        lambda bare: bare.mounted(HOME, "-t", "tmpfs", "-o", "size=64m"),
        f"0.1 GiB are free at {HOME}, 8 GiB are needed.",
        "Free space or set stack_home.",
    ),
    "a disk for no programs": (
        lambda bare: bare.mounted(HOME, "-t", "tmpfs", "-o", "size=9g,noexec"),
        f"{HOME} lies on a file system mounted noexec.",
        "Set stack_home elsewhere.",
    ),
    "too little memory": (
        lambda bare: bare.instead_of("/proc/meminfo", "MemTotal: 1048576 kB\n"),
        "the host has 1.0 GiB of memory.",
        "Give it 2 GiB.",
    ),
    "no user namespaces": (
        lambda bare: bare.instead_of("/proc/sys/user/max_user_namespaces", "0\n"),
        "user namespaces are switched off.",
        "sysctl -w user.max_user_namespaces",
    ),
    "a port that is taken": (squatter, "port 8443 of nginx is taken by python3", "Stop it"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_host_that_will_not_do(bare: Machine, workplace: Workplace, fault: str) -> None:
    make, what, remedy = FAULTS[fault]
    bare.sh(f"mkdir -p {HOME}")
    with make(bare):
        before = bare.picture()
        run = workplace.deploy(workplace.inventory(bare))
        after = bare.picture()
    assert_refused(run, what, remedy, "refused, nothing was changed.")
    assert list_changes(before, after) == []


def test_every_finding_is_told_at_once_also_as_data(unchanged: Machine, workplace: Workplace) -> None:
    with squatter(unchanged), unchanged.instead_of("/proc/meminfo", "MemTotal: 1048576 kB\n"):
        run = workplace.deploy(workplace.inventory(unchanged), "--json")
    assert run.code == 1
    (result,) = run.hosts
    assert result["good"] is False
    assert {"preflight.port", "preflight.memory"} <= {problem["id"] for problem in result["problems"]}
    assert all(problem["remedy"] for problem in result["problems"])


def test_a_dry_run_on_a_bare_host_changes_nothing(unchanged: Machine, workplace: Workplace) -> None:
    # The bare host is the lab's registry, which the firewall would shut out.
    run = workplace.deploy(workplace.inventory(unchanged, allowed_listeners=["tcp/5000"]), "--dry")
    assert run.code == 0, run.said
    assert "none made (--dry)" in run.err


def test_a_host_without_python(unchanged: Machine, workplace: Workplace) -> None:
    unchanged.sh("mv /usr/bin/python3 /usr/bin/python3.away")
    try:
        run = workplace.deploy(workplace.inventory(unchanged))
    finally:
        away = shlex.join(["sudo", "mv", "/usr/bin/python3.away", "/usr/bin/python3"])
        subprocess.run(
            ssh_argv(open_checkout(ROOT).places, unchanged.address, [away], batch=True), check=True
        )
    assert_refused(run, "the host can't be looked at.", "python3 installed")
