"""The lab's stand-in as a process of the tests, and who answers in the place of Prometheus and Jaeger."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).parents[4]
SOURCES = ROOT / "garrison" / "lab" / "stand_ins" / "grafana" / "src"
BOARDS = ROOT / "tests" / "golden" / "dashboards"
START = ROOT / "services" / "grafana" / "files" / "start.sh"
PASSWORD = "a-password-that-only-these-tests-know-0123456789"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Site:
    """A folder that looks like the container from inside: secrets, configuration, provisioning, dashboards."""

    def __init__(
        self, folder: Path, prometheus: str = "http://127.0.0.1:1", jaeger: str = "http://127.0.0.1:1"
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.secret = folder / "secrets" / "grafana_admin_password"
        self.boards = folder / "boards"
        self.sources = folder / "provisioning" / "datasources" / "garrison.yaml"
        self.providers = folder / "provisioning" / "dashboards" / "garrison.yaml"
        for path in (self.secret, self.sources, self.providers, folder / "data" / "x"):
            path.parent.mkdir(parents=True)
        shutil.copytree(BOARDS, self.boards)
        self.secret.write_text(PASSWORD)
        sources = [
            {
                "name": "Prometheus",
                "uid": "prometheus",
                "type": "prometheus",
                "url": prometheus,
                "jsonData": {
                    "exemplarTraceIdDestinations": [{"name": "trace_id", "datasourceUid": "jaeger"}]
                },
            },
            {"name": "Jaeger", "uid": "jaeger", "type": "jaeger", "url": jaeger},
        ]
        provider = {"name": "garrison", "folder": "Garrison", "options": {"path": str(self.boards)}}
        self.sources.write_text(yaml.safe_dump({"apiVersion": 1, "datasources": sources}))
        self.providers.write_text(yaml.safe_dump({"apiVersion": 1, "providers": [provider]}))
        self.config = folder / "grafana.ini"
        self.config.write_text(
            f"[server]\nhttp_addr = 127.0.0.1\nhttp_port = {self.port}\n"
            f"[paths]\ndata = {folder / 'data'}\nprovisioning = {folder / 'provisioning'}\n"
            f"[security]\nadmin_password = $__file{{{self.secret}}}\n"
            f"[dashboards]\ndefault_home_dashboard_path = {self.boards / 'overview.json'}\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1"}

    def command(self, *words: str) -> list[str]:
        command, *rest = words
        return [sys.executable, "-m", "grafana_stand_in", command, "--config", str(self.config), *rest]

    def fails(self) -> str:
        """What it says when it doesn't even start."""
        done = subprocess.run(
            self.command("server"), env=self.environment, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 2, done.stdout
        return done.stderr

    def start_script(self) -> Path:
        """``start.sh`` with the paths of this folder in the place of the container's."""
        text = START.read_text()
        program = self.folder / "home" / "bin" / "grafana"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m grafana_stand_in "$@"\n')
        program.chmod(0o755)
        for inside, here in (
            ("/etc/garrison/grafana.ini", self.config),
            ("/usr/share/grafana", self.folder / "home"),
            ("/var/lib/grafana", self.folder / "data"),
            ("/run/secrets", self.secret.parent),
            ("/tmp/reset.log", self.folder / "reset.log"),
        ):
            assert inside in text, inside
            text = text.replace(inside, str(here))
        script = self.folder / "start.sh"
        script.write_text(text)
        script.chmod(0o755)
        return script

    @contextmanager
    def running(self, *command: str) -> Iterator["Client"]:
        """The process from ready to stopped; a stop takes no longer than a moment and ends with 0."""
        words = list(command) or self.command("server")
        process = subprocess.Popen(
            words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        client = Client(self.port)
        try:
            client.wait(process)
            yield client
        finally:
            process.terminate()
            client.log = process.communicate(timeout=10)[0]
            client.http.close()
        assert process.returncode == 0


class Client:
    """Somebody who asks; ``log`` is what the process wrote, once it has stopped."""

    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self.log = ""

    def wait(self, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and process.poll() is None:
            try:
                if self.http.get("/api/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("it doesn't answer")

    def get(self, path: str, password: str | None = PASSWORD) -> httpx.Response:
        auth = None if password is None else ("admin", password)
        return self.http.get(path, auth=auth)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.http.post(path, auth=("admin", PASSWORD), data=fields)


@contextmanager
def answering(answers: dict[str, Any]) -> Iterator[str]:
    """A server that answers each path as it is told, with what it was asked beside it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            body = json.dumps(answers.get(path, {"status": "error", "error": "bad data"})).encode()
            self.send_response(200 if path in answers else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
