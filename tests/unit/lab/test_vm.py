import os
import subprocess
import sys
from pathlib import Path

import pytest

from garrison.lab.lab import Lab
from garrison.lab.names import LabNames
from garrison.lab.places import Places
from garrison.lab.recipe import PACKAGES
from garrison.lab.vm import argv, machine
from garrison.lab.vm.clock import answer
from garrison.lab.vm.disk import kernel_of
from garrison.lab.vm.network import files_for_network
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.recipe import emulator_digest, machine_recipe
from garrison.lab.vm.state import VmState, is_running, load_state, start_of

LAB = Places(checkout=Path("/src"), cache=Path("/cache"), lab_id="0a1b2c3d")
PLACES = VmPlaces(lab=LAB)
QEMU = argv.qemu_argv(PLACES.tree, PLACES.inside, 2222)


def test_the_machine_is_a_lab_host_with_a_kernel_and_with_what_a_deploy_installs() -> None:
    packages = set(machine_recipe().packages)
    assert packages >= {*PACKAGES, "linux-image-cloud-amd64"}
    assert packages >= {"podman", "auditd", "apparmor", "aide", "systemd-timesyncd"}


def test_the_emulator_s_tree_is_called_by_what_is_in_it() -> None:
    assert PLACES.tree == Path("/cache/vm") / emulator_digest()


def test_two_labs_share_the_tree_and_not_the_machine() -> None:
    assert PLACES.folder == PLACES.tree / "vm/0a1b2c3d"


def test_the_emulator_sees_paths_below_its_own_root() -> None:
    assert "file=/vm/0a1b2c3d/disk.raw,if=virtio,format=raw,cache=unsafe" in QEMU


def test_ssh_is_forwarded_from_the_loopback_only() -> None:
    assert "user,id=net,hostfwd=tcp:127.0.0.1:2222-10.0.2.10:22" in QEMU


def test_the_emulator_gives_way_to_everything_else() -> None:
    assert QEMU[:3] == ["nice", "-n", "10"]


def test_ssh_knows_the_host_before_it_connects() -> None:
    words = argv.ssh_argv(LAB.ssh_key, PLACES.known_hosts, 2222, ["true"])
    assert "StrictHostKeyChecking=yes" in words
    assert words[-2:] == ["ops@127.0.0.1", "true"]


def test_the_machine_has_the_address_that_qemu_forwards_to() -> None:
    text = files_for_network()["etc/systemd/network/10-lab.network"]
    assert "Address=10.0.2.10/24\nGateway=10.0.2.2\n" in text


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    mine = start_of(os.getpid())
    assert mine is not None
    assert is_running(VmState(process=os.getpid(), started=mine, ssh_port=1))
    assert not is_running(VmState(process=os.getpid(), started=mine + 1, ssh_port=1))


def test_a_process_that_has_ended_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = start_of(process.pid)
        assert started is not None
    assert not is_running(VmState(process=process.pid, started=started, ssh_port=1))


def test_no_file_is_no_machine(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state.json") is None


def test_the_newest_kernel_gets_its_own_initial_ram_disk(tmp_path: Path) -> None:
    for number, name in enumerate(("vmlinuz-6.1", "vmlinuz-6.2", "initrd.img-6.2", "initrd.img-6.1")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (number, number))
    assert [path.name for path in kernel_of(tmp_path)] == ["vmlinuz-6.2", "initrd.img-6.2"]


def test_a_guest_is_told_the_time_of_this_machine() -> None:
    sent = bytes(range(8))
    answered = answer(bytes([0x23]) + bytes(39) + sent, 1.5)
    assert answered is not None
    assert (answered[0], answered[1], answered[24:32]) == (0x24, 1, sent)
    assert answered[40:48] == (2208988801).to_bytes(4, "big") + (2**31).to_bytes(4, "big")


def test_what_is_no_question_gets_no_answer() -> None:
    assert answer(b"", 0.0) is None


def test_the_upgrade_leaves_no_mount_behind() -> None:
    words = argv.upgrade_argv(Path("/new"))
    assert words[:2] == ["unshare", "--mount"]
    assert words[-5:-1] == ["chroot", "/new", "sh", "-c"]


# What ssh gives from a hardened machine; it comes up anew when it is told to, and has to be asked twice for that.
_SSH = """#!/bin/sh
echo 'Authorized access only, as evidence.' >&2
for said; do :; done
cd {folder}
case "$said" in
  *reboot) echo of-the-new >boot; exit 255;;
  *is-system-running)
    [ -e asked ] || {{ touch asked; echo of-the-old; echo running; exit; }}
    cat boot; echo degraded; exit 1;;
  *) echo of-the-old;;
esac
"""


def test_a_machine_with_a_banner_is_up_again_once_it_has_booted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(_SSH.format(folder=tmp_path))
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(machine, "_BOOT_DEADLINE_S", 20)
    monkeypatch.setattr(machine.time, "sleep", lambda _: None)
    state = VmState(process=os.getpid(), started=start_of(os.getpid()) or 0, ssh_port=2222)
    machine.reboot(Lab(names=LabNames(lab_id="0a1b2c3d"), places=LAB), state)
    assert (tmp_path / "asked").exists()
