"""Settings of the kernel, modules and mounts: what is changed right away, and what never is."""

import shlex
import subprocess
from pathlib import Path

import pytest

from garrison.controls.conditions import Module, Mount, Sysctl
from garrison.hardening.modules import PATH as MODPROBE
from garrison.hardening.modules import module_files, modules_in_use
from garrison.hardening.mounts import edit_fstab, plan_mounts
from garrison.hardening.sysctl import PATH, plan_sysctl, settings_withheld, sysctl_files
from garrison.plan.guarded import PROGRAM
from garrison.plan.hostfiles import HostFile
from garrison.snapshot.model import Snapshot
from tests.unit.hardening.seen import A_CONTAINER, lines, seen


def sysctl(key: str, value: str = "0") -> Sysctl:
    return Sysctl(kind="sysctl", key=key, value=value)


REDIRECTS = "net.ipv4.conf.all.accept_redirects"
FORWARD = "net.ipv4.ip_forward"
ASLR = "kernel.randomize_va_space"
SHM = Mount(kind="mount", path="/dev/shm", options=("nodev", "noexec"))
TMP = Mount(kind="mount", path="/tmp", options=("nosuid", "noexec"))


def mounted(path: str, *options: str) -> dict[str, object]:
    return {"path": path, "source": "tmpfs", "fstype": "tmpfs", "options": list(options)}


def sysctl_lines(snapshot: Snapshot, *wanted: Sysctl, file: HostFile | None = None) -> list[str]:
    """What is done, without arming and with what happens where it fails cut off."""
    found = lines(*plan_sysctl(snapshot, wanted, file))
    return [line.partition(" ) || ")[0].removeprefix("( ") for line in found if line.startswith("( ")]


def armed(snapshot: Snapshot, *wanted: Sysctl, file: HostFile | None = None) -> list[str]:
    (line,) = [one for one in lines(*plan_sysctl(snapshot, wanted, file)) if one.startswith(PROGRAM)]
    return shlex.split(line)


def test_a_setting_that_is_as_wanted_is_left_alone() -> None:
    assert list(plan_sysctl(seen(sysctl={ASLR: "2"}), [sysctl(ASLR, "2")], None)) == []


def test_a_setting_that_the_kernel_lacks_is_left_alone() -> None:
    assert list(plan_sysctl(seen(sysctl={ASLR: None}), [sysctl(ASLR, "2")], None)) == []


def test_a_full_machine_has_all_its_settings_set() -> None:
    assert sysctl_lines(seen(sysctl={ASLR: "0"}), sysctl(ASLR, "2")) == [f"sysctl -q -w {ASLR}=2"]


def test_a_container_has_only_the_networks_settings_set() -> None:
    snapshot = seen(kernel=A_CONTAINER, sysctl={ASLR: "0", FORWARD: "1"})
    assert sysctl_lines(snapshot, sysctl(ASLR, "2"), sysctl(FORWARD)) == [f"sysctl -q -w {FORWARD}=0"]


def test_redirects_are_set_again_after_forwarding_was_switched() -> None:
    """The kernel accepts redirects as soon as it no longer forwards."""
    snapshot = seen(sysctl={REDIRECTS: "0", FORWARD: "1"})
    last = sysctl_lines(snapshot, sysctl(REDIRECTS), sysctl(FORWARD))[-1]
    assert last == f"sysctl -q -w {FORWARD}=0 {REDIRECTS}=0"


def test_interfaces_that_are_there_get_what_holds_for_all() -> None:
    first = sysctl_lines(seen(sysctl={REDIRECTS: "1"}), sysctl(REDIRECTS))[0]
    assert "/proc/sys/net/ipv4/conf/*/accept_redirects" in first


RP_FILTER = "net.ipv4.conf.all.rp_filter"


EACH_FILTER = RP_FILTER.replace("all", "*")


def test_one_interface_that_is_otherwise_has_all_of_them_set() -> None:
    snapshot = seen(sysctl={RP_FILTER: "1", EACH_FILTER: "all=1 default=1 eth0=2 lo=2"})
    (step,) = plan_sysctl(snapshot, [sysctl(RP_FILTER, "1")], None)
    assert step.why == f"different: {EACH_FILTER}"
    first, last = sysctl_lines(snapshot, sysctl(RP_FILTER, "1"))
    assert "/proc/sys/net/ipv4/conf/*/rp_filter" in first
    assert last == f"sysctl -q -w {RP_FILTER}=1"


@pytest.mark.parametrize("told", ["all=1 default=1 eth0=0 lo=2", "all=1 eth0=1", None])
def test_interfaces_by_which_the_control_holds_are_let_be(told: str | None) -> None:
    snapshot = seen(sysctl={RP_FILTER: "1", EACH_FILTER: told})
    assert list(plan_sysctl(snapshot, [sysctl(RP_FILTER, "1")], None)) == []


def test_an_interface_keeps_the_advertisement_that_is_its_way_out() -> None:
    each = ADVERTISEMENTS.replace("all", "*")
    snapshot = seen(sysctl={ADVERTISEMENTS: "0", each: "all=0 eth0=2"}, advertised_route=True)
    assert list(plan_sysctl(snapshot, [sysctl(ADVERTISEMENTS)], None)) == []


def test_the_networks_old_settings_come_back_with_the_file() -> None:
    """The filter of return paths can cut the way by which the deploy came."""
    snapshot = seen(sysctl={RP_FILTER: "0", ASLR: "0", FORWARD: "0"})
    words = armed(snapshot, sysctl(RP_FILTER, "1"), sysctl(ASLR, "2"), sysctl(FORWARD))
    assert words[1:3] == ["arm", "sysctl"]
    assert words[words.index("--path") + 1] == PATH
    assert words[words.index("--reload") + 1] == f"sysctl -q -w {RP_FILTER}=0"


def test_interfaces_get_back_the_values_of_their_own(tmp_path: Path) -> None:
    """A shell notes them and puts them back, in files like the kernel's."""
    (step,) = plan_sysctl(seen(sysctl={RP_FILTER: "0"}), [sysctl(RP_FILTER, "1")], None)
    note = lines(step)[0].replace("/run/", f"{tmp_path}/run/").replace("/proc/", f"{tmp_path}/proc/")
    restore = armed(seen(sysctl={RP_FILTER: "0"}), sysctl(RP_FILTER, "1"))[-1]
    filters = [tmp_path / f"proc/sys/net/ipv4/conf/{name}/rp_filter" for name in ("eth0", "lo")]
    for path, value in zip(filters, ("2", "0"), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(f"{value}\n")
    (tmp_path / "run").mkdir()
    subprocess.run(["sh", "-c", note], check=True)
    for path in filters:
        path.write_text("1\n")
    subprocess.run(["sh", "-c", restore.replace("/run/", f"{tmp_path}/run/")], check=True)
    assert [path.read_text() for path in filters] == ["2\n", "0\n"]


def test_the_file_alone_is_laid_under_guard_too_for_a_boot_reads_it() -> None:
    file = sysctl_files([sysctl(FORWARD)], in_container=False)[PATH]
    snapshot = seen(sysctl={FORWARD: "0"})
    assert len(sysctl_lines(snapshot, sysctl(FORWARD), file=file)) == 1
    assert PATH in armed(snapshot, sysctl(FORWARD), file=file)


ADVERTISEMENTS = "net.ipv6.conf.all.accept_ra"


def test_advertisements_are_taken_while_the_way_out_is_an_advertised_one() -> None:
    snapshot = seen(sysctl={ADVERTISEMENTS: "1"}, advertised_route=True)
    assert list(plan_sysctl(snapshot, [sysctl(ADVERTISEMENTS)], None)) == []
    withheld = settings_withheld(snapshot)
    (file,) = sysctl_files([sysctl(ADVERTISEMENTS)], in_container=False, withheld=withheld).values()
    assert b"accept_ra" not in file.content


@pytest.mark.parametrize("told", [False, None])
def test_without_an_advertised_way_out_no_advertisement_is_taken(told: bool | None) -> None:
    snapshot = seen(sysctl={ADVERTISEMENTS: "1"}, advertised_route=told)
    assert sysctl_lines(snapshot, sysctl(ADVERTISEMENTS))[-1] == f"sysctl -q -w {ADVERTISEMENTS}=0"
    assert settings_withheld(snapshot) == frozenset()


def test_a_container_is_kept_from_setting_the_machine_around_it_at_boot() -> None:
    assert len(sysctl_files([sysctl(ASLR)], in_container=True)) == 2
    assert len(sysctl_files([sysctl(ASLR)], in_container=False)) == 1


MODULES = [Module(kind="module", name=name) for name in ("tipc", "usb-storage", "overlay")]
LOADED = {"usb-storage": {"loaded": True}, "overlay": {"loaded": True}, "tipc": {"loaded": False}}


def forbidden(snapshot: Snapshot) -> list[str]:
    text = module_files(MODULES, modules_in_use(snapshot))[MODPROBE].content.decode()
    return [line.split()[1] for line in text.splitlines() if line.startswith("install ")]


def test_a_module_in_use_is_not_forbidden_for_the_next_boot_may_need_it() -> None:
    assert forbidden(seen(modules=LOADED)) == ["tipc"]


def test_modules_of_the_machine_around_a_container_are_forbidden_all_the_same() -> None:
    assert forbidden(seen(modules=LOADED, kernel=A_CONTAINER)) == ["tipc", "usb-storage"]


def test_a_module_is_forbidden_as_soon_as_nobody_has_it_loaded() -> None:
    assert forbidden(seen(modules={"usb-storage": {"loaded": False}})) == ["tipc", "usb-storage"]


def test_a_mount_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    snapshot = seen(mounts=[mounted("/tmp", "rw", "nodev", "relatime")], texts={"/etc/fstab": ""})
    assert lines(*plan_mounts(snapshot, [TMP])) == ["mount -o remount,bind,nosuid,nodev,noexec,relatime /tmp"]


def test_what_is_not_mounted_is_never_mounted_over() -> None:
    assert list(plan_mounts(seen(texts={"/etc/fstab": ""}), [TMP])) == []


def test_a_mount_that_is_as_wanted_is_left_alone() -> None:
    fstab = "tmpfs /dev/shm tmpfs defaults,nodev,noexec 0 0\n"
    snapshot = seen(mounts=[mounted("/dev/shm", "nodev", "noexec")], texts={"/etc/fstab": fstab})
    assert list(plan_mounts(snapshot, [SHM])) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "tmpfs /dev/shm tmpfs defaults,nodev,noexec 0 0\n"),
        ("# none\n", "# none\ntmpfs /dev/shm tmpfs defaults,nodev,noexec 0 0\n"),
        (
            "tmpfs  /dev/shm\ttmpfs  size=1G,exec  0 0\n",
            "tmpfs  /dev/shm\ttmpfs  size=1G,nodev,noexec  0 0\n",
        ),
        (
            "#tmpfs /dev/shm tmpfs x\n",
            "#tmpfs /dev/shm tmpfs x\ntmpfs /dev/shm tmpfs defaults,nodev,noexec 0 0\n",
        ),
    ],
)
def test_shared_memory_gets_its_line_of_fstab(before: str, after: str) -> None:
    assert edit_fstab(before, [SHM]) == after
    assert edit_fstab(after, [SHM]) == after


def test_lines_of_other_file_systems_stay_as_somebody_laid_them_out() -> None:
    text = "UUID=1-2  /      ext4\terrors=remount-ro 0 1\n/dev/sdb1 /home ext4 defaults 0 2\n"
    assert edit_fstab(text, [TMP]) == text
