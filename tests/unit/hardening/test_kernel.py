"""Settings of the kernel, modules and mounts: what is changed right away, and what never is."""

import pytest

from garrison.controls.conditions import Module, Mount, Sysctl
from garrison.hardening.modules import PATH as MODPROBE
from garrison.hardening.modules import module_files, modules_in_use
from garrison.hardening.mounts import edit_fstab, plan_mounts
from garrison.hardening.sysctl import plan_sysctl, sysctl_files
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


def test_a_setting_that_is_as_wanted_is_left_alone() -> None:
    assert list(plan_sysctl(seen(sysctl={ASLR: "2"}), [sysctl(ASLR, "2")])) == []


def test_a_setting_that_the_kernel_lacks_is_left_alone() -> None:
    assert list(plan_sysctl(seen(sysctl={ASLR: None}), [sysctl(ASLR, "2")])) == []


def test_a_full_machine_has_all_its_settings_set() -> None:
    steps = plan_sysctl(seen(sysctl={ASLR: "0"}), [sysctl(ASLR, "2")])
    assert lines(*steps) == [f"sysctl -q -w {ASLR}=2"]


def test_a_container_has_only_the_networks_settings_set() -> None:
    snapshot = seen(kernel=A_CONTAINER, sysctl={ASLR: "0", FORWARD: "1"})
    steps = plan_sysctl(snapshot, [sysctl(ASLR, "2"), sysctl(FORWARD)])
    assert lines(*steps) == [f"sysctl -q -w {FORWARD}=0"]


def test_redirects_are_set_again_after_forwarding_was_switched() -> None:
    """The kernel accepts redirects as soon as it no longer forwards."""
    snapshot = seen(sysctl={REDIRECTS: "0", FORWARD: "1"})
    last = lines(*plan_sysctl(snapshot, [sysctl(REDIRECTS), sysctl(FORWARD)]))[-1]
    assert last == f"sysctl -q -w {FORWARD}=0 {REDIRECTS}=0"


def test_interfaces_that_are_there_get_what_holds_for_all() -> None:
    first = lines(*plan_sysctl(seen(sysctl={REDIRECTS: "1"}), [sysctl(REDIRECTS)]))[0]
    assert "/proc/sys/net/ipv4/conf/*/accept_redirects" in first


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
