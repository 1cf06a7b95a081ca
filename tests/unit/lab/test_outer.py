"""What the lab reads from the machine it runs on."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from garrison.lab.apt import pick_mirrors, render_sources
from garrison.lab.cgroups import is_machine_init, parse_hierarchies
from garrison.lab.outer import parse_networks, reachable_resolv_conf
from garrison.lab.rootfs import mounts_below
from garrison.problem import ProblemError

TARGETS = """\
https://third.example/linux/debian|bookworm|stable|Third
https://fourth.example/apt/|bookworm|main|Fourth
http://mirror.example/debian/|bookworm|main|Debian
http://mirror.example/debian/|bookworm-updates|main|Debian
http://mirror.example/debian-security/|bookworm-security|main|Debian
"""
HYBRID = """\
31 24 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
32 24 0:28 / /sys/fs/cgroup/systemd rw shared:9 - cgroup cgroup rw,xattr,name=systemd
33 24 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
"""
PURE = "33 24 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_the_mirror_is_debians_own_though_others_use_its_release_names() -> None:
    mirrors = pick_mirrors(TARGETS, "bookworm")
    assert mirrors.main == "http://mirror.example/debian/"
    assert mirrors.security == "http://mirror.example/debian-security/"


def test_a_mirror_is_found_before_apt_knows_any_origin() -> None:
    assert pick_mirrors(TARGETS.replace("|Debian", "|"), "bookworm").main == "http://mirror.example/debian/"


def test_sources_by_alias_are_understood() -> None:
    assert pick_mirrors("http://m.example/debian/|stable|main|Debian\n", "trixie").security is None


def test_no_debian_mirror_is_a_problem() -> None:
    with pytest.raises(ProblemError, match="no Debian mirror for bookworm"):
        pick_mirrors("https://third.example/|nodistro|main|Third\n", "bookworm")


def test_sources_hold_updates_and_security() -> None:
    text = render_sources(pick_mirrors(TARGETS, "bookworm"), "trixie")
    assert "Suites: trixie trixie-updates\n" in text
    assert "Suites: trixie-security\n" in text


def test_both_hierarchies_of_a_hybrid_machine_are_found() -> None:
    assert parse_hierarchies(HYBRID) == (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"))


def test_a_pure_machine_has_the_unified_hierarchy_alone() -> None:
    assert parse_hierarchies(PURE) == (Path("/sys/fs/cgroup"), None)


def test_a_machine_without_cgroup_v2_has_none() -> None:
    assert parse_hierarchies(HYBRID.splitlines()[0]) == (None, None)


@pytest.mark.parametrize(
    ("ids", "expected"), [("4711 1", True), ("4711 17", False), ("4711 30 1", False), ("1", False)]
)
def test_the_machines_init_is_told_from_processes_and_containers(ids: str, *, expected: bool) -> None:
    assert is_machine_init(f"Name:\tx\nNSpid:\t{ids}\n") is expected


def test_routes_become_networks() -> None:
    assert parse_networks(["default", "10.99.7.0/24", "10.0.0.1", ""]) == [
        IPv4Network("10.99.7.0/24"),
        IPv4Network("10.0.0.1/32"),
    ]


def test_a_loopback_name_server_is_left_out() -> None:
    text = "nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch example\n"
    assert reachable_resolv_conf([text]) == "nameserver 192.0.2.1\nsearch example\n"


def test_the_servers_behind_a_local_stub_are_used() -> None:
    stub, real = "nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n"
    assert reachable_resolv_conf([stub, real]) == real


def test_no_name_server_beyond_the_machine_is_a_problem() -> None:
    with pytest.raises(ProblemError, match="names no name server"):
        reachable_resolv_conf(["nameserver ::1\n"])


def test_mounts_below_a_tree_are_found_and_no_others() -> None:
    lines = [f"1 2 0:1 / {path} rw - ext4 x rw" for path in ("/", "/c/lab", "/c/lab/a\\040b", "/c/labor")]
    assert mounts_below("\n".join(lines), Path("/c/lab")) == [Path("/c/lab"), Path("/c/lab/a b")]
