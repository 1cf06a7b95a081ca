"""How to get into a lab host by SSH: the key, the known host keys, the command line."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from garrison.lab.commands import run
from garrison.lab.furnish import SSH_USER
from garrison.lab.places import Places
from garrison.lab.state import LabState, full_name, give_to_owner


def ensure_key(places: Places) -> str:
    """Return the lab's public key, making the pair where it is missing or half made."""
    public = places.ssh_key.with_suffix(".pub")
    if not (places.ssh_key.is_file() and public.is_file()):
        places.state_dir.mkdir(parents=True, exist_ok=True)
        places.ssh_key.unlink(missing_ok=True)
        comment = f"garrison-lab-{places.lab_id}"
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(places.ssh_key)]
        run(argv)
    for path in (places.checkout / ".garrison", places.state_dir, places.ssh_key, public):
        give_to_owner(path, places.checkout)
    return public.read_text()


def render_known_hosts(state: LabState, keys: Mapping[str, Sequence[str]]) -> str:
    """Return known_hosts for the hosts in ``keys`` (host to "type key" lines)."""
    return "".join(
        f"{state.ipv4(host)},{state.ipv6(host)},{full_name(host)} {key}\n"
        for host in sorted(keys)
        for key in keys[host]
    )


def ssh_argv(places: Places, address: str, command: Sequence[str] = (), *, batch: bool = False) -> list[str]:
    """Return the command that opens a shell, or runs ``command``, on the host at ``address``."""
    return [
        "ssh",
        *("-F", "/dev/null"),  # what a user keeps in ~/.ssh/config must not change the lab
        *("-i", str(places.ssh_key)),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", f"UserKnownHostsFile={_quote(places.known_hosts)}"),
        *("-o", "GlobalKnownHostsFile=/dev/null"),
        *("-o", "StrictHostKeyChecking=yes"),
        *("-o", "ConnectTimeout=5"),
        *(("-o", "BatchMode=yes") if batch else ()),
        f"{SSH_USER}@{address}",
        *command,
    ]


def _quote(path: Path) -> str:
    return f'"{path}"'


def ask(places: Places, address: str, command: Sequence[str], timeout_s: float) -> tuple[int | None, str]:
    """Run ``command`` on a host; return its exit code and output, or None and what went wrong.

    255 is ssh's own failure and becomes None: the host did not answer.
    """
    argv = ssh_argv(places, address, command, batch=True)
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no answer within {timeout_s:.0f} s"
    if done.returncode == 255:
        return None, (done.stderr.strip().splitlines() or ["ssh failed"])[-1]
    return done.returncode, done.stdout.strip()
