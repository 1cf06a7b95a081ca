"""A service's own start.sh with the real program, in a root file system of its own."""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from garrison.catalog.loader import load_catalog
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings

ROOT = Path(__file__).parents[2]
REMEDY = "set GARRISON_TEST_PG to what `sh services/tree.sh` prints (make services-test does)"
SECRETS = {"hybrid-coordinator": "h" * 64, "aidb": "a" * 64}
STANDBY = "s" * 64  # the next key, which nobody sends yet
OWN = "o" * 64  # what a service declares besides, a key for those who only measure it, say
PROOFS_FILE = "/run/clients/proofs"
# A consumer is any service that needs the one under test.
_CONSUMER = """name: {name}
title: A consumer in a test
image: {{build: .}}
user: {user}
health: {{exec: ["true"]}}
needs: [{need}]
limits: {{memory: 64M, cpus: 1, pids: 32}}
"""


def _load_program(name: str) -> ModuleType:
    """A program of the host's, which has no ending in its name."""
    sys.dont_write_bytecode = True
    loader = SourceFileLoader(name, str(ROOT / "garrison" / "hostside" / name))
    spec = spec_from_loader(name, loader)
    assert spec is not None  # noqa: S101 - a loader of ours always gives one
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


PROOFS = _load_program("proofs")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class ContainerRoot:
    """``secrets`` are the passwords by the name of the consumer; all are consumers. Run as root."""

    def __init__(self, service: str, folder: Path, secrets: Mapping[str, str]) -> None:
        tree = Path(os.environ.get("GARRISON_TEST_PG", ""))
        if not (tree / "usr/bin/redis-server").exists() or tree == Path():
            pytest.fail(f"no tree with PostgreSQL and Redis; {REMEDY}")
        self.service, self.folder, self.port = service, folder, free_port()
        self._tree, self._log = tree, folder / "log"
        self.root = folder / "root"
        for name in ("upper", "work", "root", "catalog", "tmp"):
            (folder / name).mkdir()
        (folder / "tmp").chmod(0o1777)
        self._running: subprocess.Popen[bytes] | None = None
        self._render(secrets)
        self._passwords: dict[str, tuple[str, ...]] = {}
        for consumer, secret in secrets.items():
            self.set_secret(consumer, secret)

    def _users(self) -> None:
        """The uid of the images, where Debian's package has chosen another."""
        accounts = (self._tree / "etc/passwd").read_text().splitlines()
        kept = [line for line in accounts if not line.startswith(f"{self.service}:")]
        self.write(
            "/etc/passwd",
            "\n".join([*kept, f"{self.service}:x:{self.user}:{self.user}::/tmp:/bin/bash"]) + "\n",
        )

    def _render(self, consumers: Mapping[str, str]) -> None:
        catalog = self.folder / "catalog"
        shutil.copytree(ROOT / "services" / self.service, catalog / self.service)
        path = catalog / self.service / "service.yaml"
        said = yaml.safe_load(path.read_text())
        said["listen"] = dict.fromkeys(said["listen"], self.port)
        path.write_text(yaml.safe_dump(said))
        for number, name in enumerate(consumers):
            (catalog / name).mkdir()
            (catalog / name / "Containerfile").touch()
            text = _CONSUMER.format(name=name, user=20000 + number, need=self.service)
            (catalog / name / "service.yaml").write_text(text)
        loaded = load_catalog([catalog])
        settings = HostSettings(server_names=("lab.test",))
        self.declared = loaded.services[self.service]
        self.user = self.declared.user
        self._users()
        for file, content in render_tree(loaded, self.declared, settings).files.items():
            self.write(self.declared.files[file], content.content, content.mode)
        for own in self.declared.secrets:
            self.write(f"/run/secrets/{own}", OWN, 0o400)
        for mount in self.declared.volumes.values():
            self._make(mount, 0o700)

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """A file of the root, owned by the service's user."""
        outside = self.folder / "upper" / path.lstrip("/")
        self._make(str(Path(path).parent), 0o755)
        outside.unlink(missing_ok=True)
        outside.write_bytes(content.encode() if isinstance(content, str) else content)
        outside.chmod(mode)
        os.chown(outside, self.user, self.user)

    def _make(self, path: str, mode: int) -> None:
        outside = self.folder / "upper" / path.lstrip("/")
        if not outside.exists():
            outside.mkdir(parents=True)
            outside.chmod(mode)
            if str(path) != "/etc":
                os.chown(outside, self.user, self.user)

    def set_secret(self, consumer: str, *secrets: str) -> None:
        """The passwords of one consumer, of which the service gets proofs; or the key that all have, and the next."""
        if self.declared.credential == "each":
            self._passwords[consumer] = secrets
            if self._running is None:
                self.write(PROOFS_FILE, self.proofs(), 0o400)
            else:  # from inside: a layer must not change below an overlay
                Path(f"/proc/{self.pid}/root{PROOFS_FILE}").write_text(self.proofs())
            return
        for name, secret in {"key": secrets[0], "key_standby": STANDBY}.items():
            self.write(f"/run/secrets/{self.service.replace('-', '_')}_{name}", secret, 0o400)

    def proofs(self) -> str:
        """What the host's program lays down."""
        found = [
            (consumer, PROOFS.prove(self.declared.proof, secret))
            for consumer, secrets in sorted(self._passwords.items())
            for secret in secrets
        ]
        return "".join(f"{consumer} {proof['id']} {proof['proof']}\n" for consumer, proof in found)

    def _command(self) -> list[str]:
        """Starts the service in namespaces of its own: when its first process ends, all end, as in a container."""
        overlay = f"lowerdir={self._tree},upperdir={self.folder}/upper,workdir={self.folder}/work"
        mount = f"mount -t overlay overlay -o {overlay} {self.root}"
        # Of its own, for other tests write below the tree's; a layer must not change below an overlay.
        mount += f" && mount --bind {self.folder}/tmp {self.root}/tmp"  # noqa: S108 - paths of the test's own root
        enter = shlex.join([*self._enter, "/etc/garrison/start.sh"])
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL"]
        return [*words, "sh", "-ec", f"{mount} && exec {enter}"]

    @property
    def _enter(self) -> list[str]:
        path = "PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin"
        return ["chroot", f"--userspec={self.user}:{self.user}", str(self.root), "env", "-i", path]

    def run(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        """``words`` inside the running service, as its user and with nothing in the environment."""
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", *self._enter, *words], capture_output=True
        )

    def start(self, is_up: Callable[[], bool], seconds: float = 90) -> None:
        """Starts the service by its start.sh and waits until ``is_up``."""
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(self._command(), stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._running.poll() is None:
            with contextlib.suppress(Exception):
                if is_up():
                    return
            time.sleep(0.1)
        pytest.fail(f"{self.service} didn't start:\n{self.log()}")

    def fails(self, seconds: float = 60) -> int:
        """Starts the service, which must end by itself; its exit code."""
        with self._log.open("ab") as log:
            started = subprocess.Popen(self._command(), stdout=log, stderr=log)
        return started.wait(seconds)

    @property
    def pid(self) -> int:
        """The server's process, as seen from out here."""
        if self._running is None:
            raise RuntimeError(f"{self.service} doesn't run")
        children = Path(f"/proc/{self._running.pid}/task/{self._running.pid}/children").read_text().split()
        return int(children[0])

    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends the server if it runs; its data stay."""
        if self._running is not None:
            with contextlib.suppress(IndexError, OSError):
                os.kill(self.pid, how)
            self._running.wait(60)
            self._running = None
