"""Programs of the outer machine, run so that a failure says which one failed and how."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from garrison.lab.locks import held_locks
from garrison.problem import Problem, ProblemError

TOOLS: Final = ("mmdebstrap", "systemd-nspawn", "ip", "nft", "ssh", "ssh-keygen", "tar", "apt-get")
_PACKAGES: Final = "mmdebstrap systemd-container iproute2 nftables openssh-client"


def run(argv: Sequence[str], *, stdin: str | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run ``argv`` and return its stdout; raises ProblemError with its stderr when it fails."""
    done = subprocess.run(
        argv,
        input=stdin,
        env=env,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        pass_fds=held_locks(),
    )
    if done.returncode == 0:
        return done.stdout
    said = " / ".join((done.stderr or done.stdout).strip().splitlines()[-5:])
    problem = Problem(
        where=f"command {argv[0]}",
        id="lab-command-failed",
        what=f"`{' '.join(argv)}` ended with {done.returncode}: {said or 'no message'}.",
        remedy="Mend what it names and run the same command again; what is half done is done anew.",
    )
    raise ProblemError([problem])


def check_tools() -> None:
    """Raise ProblemError when a program the lab needs is missing."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        problem = Problem(
            where="this machine",
            id="lab-tools-missing",
            what=f"lacks {', '.join(missing)}.",
            remedy=f"Run as root: apt-get update && apt-get install {_PACKAGES}",
        )
        raise ProblemError([problem])
