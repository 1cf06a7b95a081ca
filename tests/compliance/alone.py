"""The door's image with its check of keys alone: a list that the test writes, two workers, no network."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost

NAME = "door-test-keys"
CONFIG = Path(__file__).parent / "data" / "keys-alone.conf"
TRIES = 8  # so that either worker is asked


@dataclass(frozen=True)
class Alone:
    """The container, which the deploy knows nothing of."""

    live: LiveHost

    def make(self) -> None:
        """With the keys' code of the running door, and nothing running in it yet."""
        door = json.loads(self.live.podman("inspect", "garrison-nginx"))[0]
        (code,) = [one["Source"] for one in door["Mounts"] if one["Destination"] == "/etc/garrison/nginx"]
        self.live.podman(
            *("run", "--detach", "--replace", "--rm", "--name", NAME, "--network", "none", "--read-only"),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "101:101"),
            *("--tmpfs", "/tmp:rw,mode=1777", "--tmpfs", "/run/clients:rw,mode=1777"),
            *("--volume", f"{code}:/etc/garrison/nginx:ro", "--entrypoint", "sleep"),
            *(door["ImageName"], "infinity"),
        )
        self.run("cat > /tmp/alone.conf", CONFIG.read_text())

    def remove(self) -> None:
        """Also where it was never made."""
        self.live.quietly(f"{LIB}/as-stack podman rm --force --time 0 --ignore {NAME}")

    def run(self, line: str, text: str = "") -> str:
        """Standard output of a shell line in it, with ``text`` as standard input."""
        words = ["podman", "exec", "--interactive", NAME, "sh", "-c", line]
        return self.live.pipe(text, f"{LIB}/as-stack {shlex.join(words)}")

    def put(self, content: Any) -> None:
        """Replace the list in one go, as the host does."""
        text = content if isinstance(content, str) else json.dumps(content)
        self.run("cat > /run/clients/new && mv /run/clients/new /run/clients/clients.json", text)

    def start(self) -> str:
        """What nginx says where it refuses to start; empty once it serves."""
        self.run("rm -f /tmp/log")
        return self.run(
            "nginx -c /tmp/alone.conf > /tmp/log 2>&1 || cat /tmp/log\n"
            "for _ in 1 2 3 4 5 6 7 8 9 10; do curl -so /dev/null http://127.0.0.1:8000 && break; sleep 0.1; done"
        )

    def stop(self) -> None:
        """nginx; the container stays."""
        self.run(
            "[ ! -e /tmp/pid ] || { kill -TERM $(cat /tmp/pid); while [ -e /tmp/pid ]; do sleep 0.1; done; }"
        )

    def ask(self, *headers: str) -> set[str]:
        """Client and upstream, as every worker answers."""
        shown = " ".join(f"-H {shlex.quote(header)}" for header in headers)
        return set(
            self.run(f"for _ in $(seq {TRIES}); do curl -s {shown} http://127.0.0.1:8000/; done").splitlines()
        )

    def is_outdated(self) -> bool:
        """Whether it says that an earlier list than the file's is in force."""
        return self.run("curl -s http://127.0.0.1:8000/outdated") == "true"

    def said(self) -> list[str]:
        """The errors that nginx wrote so far."""
        return [line for line in self.run("cat /tmp/log").splitlines() if "[error]" in line]
