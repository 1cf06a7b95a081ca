"""Makes what the machine boots from: QEMU's tree, a disk with a furnished Debian, its kernel."""

import os
import shutil
from pathlib import Path

from garrison.lab import access, furnish, outer, rootfs, subnets
from garrison.lab.apt import Mirrors, read_mirrors
from garrison.lab.commands import run
from garrison.lab.lab import Lab
from garrison.lab.locks import hold
from garrison.lab.progress import say
from garrison.lab.state import HostState, LabState, give_to_owner
from garrison.lab.vm import argv
from garrison.lab.vm.network import NETWORK, files_for_network
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.recipe import DISK, INITIAL_RAM_DISK, machine_recipe

NAME = "vm"


def ensure_tree(places: VmPlaces, mirrors: Mirrors) -> None:
    """Make QEMU's tree where it is missing; it gets its name only when complete."""
    with hold(places.cache / "lock", "the emulator's tree"):
        if places.tree.is_dir():
            return
        say("making QEMU's tree (once; about a minute)")
        new = places.cache / "new"
        rootfs.remove_tree(new)
        run(argv.tree_argv(new, mirrors.main, mirrors.options))
        new.rename(places.tree)


def make_disk(lab: Lab, places: VmPlaces) -> list[str]:
    """Make a new machine's disk, kernel and initial RAM disk; return its public host keys."""
    mirrors = read_mirrors()
    ensure_tree(places, mirrors)
    tar = rootfs.ensure_tar(places.lab, machine_recipe(), mirrors)
    rootfs.remove_tree(places.folder)
    root = places.folder / "root"
    say("vm: unpacking and furnishing its root file system")
    rootfs.unpack(tar, root)
    _furnish(lab, root, mirrors)
    _keep_key(lab, places)
    say("vm: upgrading it, while that goes at this machine's own speed")
    run(argv.upgrade_argv(root), env=argv.CHROOT_ENVIRONMENT)
    for folder in ("etc", "var"):  # else the first boot makes the hardware database and other caches anew
        (root / folder / ".updated").touch()
    keys = furnish.read_host_keys(root)
    for path in kernel_of(root / "boot"):
        shutil.copyfile(path, places.folder / path.name.split("-", 1)[0])
    run(argv.disk_argv(root, places.folder / "disk.raw", DISK), env={**os.environ, "PATH": _path()})
    rootfs.remove_tree(root)
    return keys


def _keep_key(lab: Lab, places: VmPlaces) -> None:
    places.state_dir.mkdir(parents=True, exist_ok=True)
    shutil.copy(lab.places.ssh_key, places.ssh_key)
    for path in (places.state_dir, places.ssh_key):
        give_to_owner(path, places.lab.checkout)


def kernel_of(boot: Path) -> tuple[Path, Path]:
    """Return the newest kernel below ``boot`` and its own initial RAM disk: another's modules would not load.

    A kernel's file is as old as its build, and an initial RAM disk as old as the last time it was made.
    """
    kernel = max(boot.glob("vmlinuz-*"), key=lambda path: path.stat().st_mtime)
    return kernel, kernel.with_name(kernel.name.replace("vmlinuz", "initrd.img", 1))


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def _furnish(lab: Lab, root: Path, mirrors: Mirrors) -> None:
    state = LabState(
        checkout=lab.places.checkout,
        subnet=NETWORK,
        prefix6=subnets.derive_prefix6(lab.names.lab_id),
        hosts={NAME: HostState(index=0)},
    )
    furniture = furnish.Furniture(
        host=NAME,
        state=state,
        public_key=access.ensure_key(lab.places),
        resolv_conf=outer.read_resolv_conf(),
        mirrors=mirrors,
        certificates=tuple(outer.list_certificates()),
    )
    furnish.furnish(root, furniture)
    for path, text in {**files_for_network(), **INITIAL_RAM_DISK}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / "systemd-networkd.service").symlink_to("/usr/lib/systemd/system/systemd-networkd.service")
