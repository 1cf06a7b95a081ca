"""What a fresh root file system is given before its first boot: a user, keys, names, sources."""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from garrison.lab import apt
from garrison.lab.commands import run
from garrison.lab.recipe import SUITE
from garrison.lab.state import LabState, full_name

SSH_USER = "ops"


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """All that differs between one lab host and another."""

    host: str
    state: LabState
    public_key: str
    resolv_conf: str
    mirrors: apt.Mirrors
    certificates: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class HostFile:
    """A file to lie in the host."""

    path: str
    text: str
    mode: int = 0o644


def render_hosts(state: LabState, host: str) -> str:
    """Return /etc/hosts of ``host``: itself and the other hosts of the lab, by both addresses."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    for name in sorted(state.hosts, key=lambda other: (other != host, other)):
        lines += [f"{address} {full_name(name)} {name}" for address in (state.ipv4(name), state.ipv6(name))]
    return "\n".join(lines) + "\n"


def files_for_host(furniture: Furniture, machine_id: str) -> list[HostFile]:
    """Return the files that make a root file system this host."""
    return [
        HostFile(path="etc/hostname", text=f"{furniture.host}\n"),
        HostFile(path="etc/hosts", text=render_hosts(furniture.state, furniture.host)),
        HostFile(path="etc/resolv.conf", text=furniture.resolv_conf),
        # A set machine id keeps the first boot from applying every preset.
        HostFile(path="etc/machine-id", text=f"{machine_id}\n", mode=0o444),
        HostFile(path="etc/apt/sources.list", text=""),
        HostFile(
            path="etc/apt/sources.list.d/debian.sources", text=apt.render_sources(furniture.mirrors, SUITE)
        ),
        HostFile(path="etc/apt/apt.conf.d/90lab", text=apt.render_options(furniture.mirrors.options)),
        HostFile(path=f"etc/sudoers.d/{SSH_USER}", text=f"{SSH_USER} ALL=(ALL) NOPASSWD: ALL\n", mode=0o440),
        HostFile(
            path="etc/ssh/sshd_config.d/10-lab.conf",
            text="PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
        ),
        # Without linger the last logout can leave user@UID.service hanging for a minute.
        HostFile(path=f"var/lib/systemd/linger/{SSH_USER}", text=""),
    ]


def furnish(root: Path, furniture: Furniture) -> None:
    """Make the unpacked ``root`` the host that ``furniture`` describes."""
    for file in files_for_host(furniture, uuid.uuid4().hex):
        _write(root, file)
    _make_user(root, furniture.public_key)
    for old in (root / "etc/ssh").glob("ssh_host_*"):
        old.unlink()
    run(["ssh-keygen", "-A", "-q", "-f", str(root)])
    _trust(root, furniture.certificates)
    (root / "var/cache/garrison/images").mkdir(parents=True, exist_ok=True)


def _write(root: Path, file: HostFile) -> None:
    path = root / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(file.text)
    path.chmod(file.mode)


def _make_user(root: Path, public_key: str) -> None:
    _chroot(root, ["useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", SSH_USER])
    _write(root, HostFile(path=f"home/{SSH_USER}/.ssh/authorized_keys", text=public_key, mode=0o600))
    (root / f"home/{SSH_USER}/.ssh").chmod(0o700)
    _chroot(root, ["chown", "-R", f"{SSH_USER}:{SSH_USER}", f"/home/{SSH_USER}/.ssh"])


def _trust(root: Path, certificates: Sequence[Path]) -> None:
    for certificate in certificates:
        shutil.copyfile(certificate, root / "usr/local/share/ca-certificates" / certificate.name)
    _chroot(root, ["update-ca-certificates"])


def _chroot(root: Path, argv: Sequence[str]) -> None:
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    run(["chroot", str(root), *argv], env={"PATH": path, "LC_ALL": "C.UTF-8", "HOME": "/root"})


def read_host_keys(root: Path) -> list[str]:
    """Return the host's public SSH keys, as known_hosts wants them after the name."""
    keys = sorted((root / "etc/ssh").glob("ssh_host_*_key.pub"))
    return [" ".join(key.read_text().split()[:2]) for key in keys]
