"""What the kernel says, without a package that would ask it."""

from pathlib import Path

import pytest

from garrison.snapshot.parts.kernel import is_synchronized, mounts, sysctl, unescape


def test_a_value_has_single_spaces() -> None:
    assert sysctl("net.ipv4.ip_local_port_range") == " ".join(
        Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    )


@pytest.mark.parametrize("key", ["net.ipv4.conf.lo.rp_filter", "net/ipv4/conf/lo/rp_filter"])
def test_a_key_may_be_written_both_ways(key: str) -> None:
    assert sysctl(key) == Path("/proc/sys/net/ipv4/conf/lo/rp_filter").read_text().strip()


def test_a_dot_in_an_interfaces_name_is_a_slash_in_a_key() -> None:
    assert sysctl("net.ipv4.conf.no/such.rp_filter") is None


def test_a_mount_has_its_own_options_and_its_file_systems() -> None:
    proc = next(one for one in mounts() if one["path"] == "/proc")
    assert proc["fstype"] == "proc"
    assert "rw" in proc["options"]


MOUNTINFO = """\
10 1 8:1 / / rw,relatime - ext4 /dev/vda rw
31 33 8:1 /home /home rw,nosuid - ext4 /dev/vda rw
32 31 8:1 /home /home rw,nosuid,nodev - ext4 /dev/vda rw
33 10 8:1 /home /home rw - ext4 /dev/vda rw
40 10 8:1 /var/log /var/log rw,nodev - ext4 /dev/vda rw
41 40 8:1 /var/log/audit /var/log/audit rw,noexec - ext4 /dev/vda rw
42 10 8:1 /var/log/audit /var/log/audit rw - ext4 /dev/vda rw
43 10 8:1 / /var/log/hidden rw - ext4 /dev/vdb rw
"""


def test_at_a_path_the_mount_that_is_to_be_seen_counts() -> None:
    found = {one["path"]: one["options"] for one in mounts(MOUNTINFO)}
    assert found == {
        "/": ["relatime", "rw"],
        "/home": ["nodev", "nosuid", "rw"],
        "/var/log": ["nodev", "rw"],
        "/var/log/audit": ["noexec", "rw"],
    }


def test_without_a_root_there_is_nothing_to_see() -> None:
    assert mounts("") == []


def test_a_blank_in_a_path_is_escaped() -> None:
    assert unescape(r"/mnt/a\040b") == "/mnt/a b"


def test_whether_the_clock_is_disciplined_is_known() -> None:
    assert is_synchronized() in {True, False}


def test_a_key_with_a_star_is_asked_of_each_interface() -> None:
    told = sysctl("net.ipv4.conf.*.rp_filter")
    assert told is not None
    assert {"all", "default", "lo"} <= {one.rpartition("=")[0] for one in told.split()}
    assert sysctl("net.ipv4.conf.*.no_such_setting") is None
