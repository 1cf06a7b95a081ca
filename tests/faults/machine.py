"""A lab host as the tests of faults reach it: over SSH, as root, and a picture of it to compare."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from garrison.lab.access import ssh_argv
from garrison.lab.inventory import describe_host
from garrison.lab.lab import open_checkout
from garrison.lab.outer import list_certificates
from garrison.lab.places import IMAGES_IN_HOST
from garrison.lab.state import full_name
from garrison.plan.question import PACKAGES
from garrison.plan.step import LIB
from garrison.snapshot.program import pack

ROOT = Path(__file__).parents[2]
STAND_INS = ROOT / "garrison" / "lab" / "stand_ins"
HOME = "/srv/garrison"
ABSENT = "absent"
QUESTION = {
    "stack_user": "garrison",
    "stack_uid": 4000,
    "stack_home": HOME,
    "files": ["/var/lib/dpkg/status"],
    "trees": [
        "/etc",
        "/usr/local",
        "/var/lib/garrison",
        *(f"{HOME}/{one}" for one in ("releases", "config", "tls")),
    ],
    "packages": list(PACKAGES),
}


def list_changes(before: object, after: object, where: str = "") -> list[str]:
    """What differs between two pictures, a line each: pytest would cut them off before it comes to that."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = {name: (before.get(name, ABSENT), after.get(name, ABSENT)) for name in {**before, **after}}
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = dict(enumerate(zip(before, after, strict=True)))
    else:
        return [f"{where.strip()}: {before!r:.300} became {after!r:.300}"]
    return [line for name, pair in pairs.items() for line in list_changes(*pair, f"{where} {name}")]


@dataclass(frozen=True)
class Machine:
    """One host of the lab."""

    name: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """What an inventory says about it."""
        lab = open_checkout(ROOT)
        described = describe_host(lab.places, lab.require(self.name), self.name, list_certificates())
        return {**described, "image_cache": IMAGES_IN_HOST, "stand_ins": str(STAND_INS)}

    @property
    def address(self) -> str:
        return str(self.data["ssh_hostname"])

    @property
    def full_name(self) -> str:
        return full_name(self.name)

    def argv(self, *words: str) -> list[str]:
        """The command that runs ``words`` there as root."""
        command = shlex.join(["sudo", "-n", *words])
        return ssh_argv(open_checkout(ROOT).places, self.address, [command], batch=True)

    def sh(self, line: str, stdin: str | None = None) -> str:
        """Standard output of a shell line that must succeed, run as root."""
        done = subprocess.run(
            self.argv("sh", "-c", line), input=stdin, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{line[:200]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout.strip()

    def podman(self, *words: str) -> str:
        """The same for Podman as the stack user."""
        return self.sh(f"{LIB}/as-stack podman {shlex.join(words)}")

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        """A file of root's."""
        self.sh(f"install -D -m {mode} /dev/stdin {path}", stdin=text)

    def picture(self) -> dict[str, Any]:
        """Everything the collector tells, all of /etc and /usr/local, without what changes by itself."""
        words = self.argv("python3", "-I", "-", json.dumps(QUESTION))
        done = subprocess.run(words, input=pack(), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        del document["time"], document["disk"]["free"]
        for container in document.get("containers") or ():
            # Health checks come and go.
            del container["State"]["Health"], container["ExecIDs"]
        # Podman's own network exists only in its mind: it was created whenever one asks.
        document["networks"] = [one for one in document.get("networks") or () if one["name"] != "podman"]
        for kind in ("containers", "networks", "secrets", "listeners"):
            document[kind] = sorted(document.get(kind) or (), key=_as_text)
        return document

    @property
    def current(self) -> str:
        """The release that passed every gate, or nothing."""
        return self.sh(f"readlink {HOME}/current || true")

    @contextmanager
    def mounted(self, path: str, *options: str, source: str = "tmpfs") -> Iterator[None]:
        """Something else at ``path`` for as long as the block runs."""
        self.sh(f"mount {shlex.join(options)} {shlex.quote(source)} {path}")
        try:
            yield
        finally:
            self.sh(f"umount {path}")

    @contextmanager
    def instead_of(self, path: str, text: str) -> Iterator[None]:
        """Another text in the file at ``path``, one of the kernel's too, for as long as the block runs."""
        self.write("/run/instead", text)
        with self.mounted(path, "--bind", source="/run/instead"):
            yield


def _as_text(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True)
