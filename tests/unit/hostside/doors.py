"""A door of the tests' own for the programs that change certificates: real TLS, and a stand-in for its systemd."""

import json
import os
import shutil
import socket
import ssl
import threading
from pathlib import Path

from tests.unit.hostside.conftest import HOSTSIDE, Host

NAMES = ["lab.example.org", "127.0.0.1"]
# The stack user's systemd: a reload has the door take up what `live` names, unless a file says that it won't.
SYSTEMD = """#!/bin/sh
here=$(dirname "$0")
case "$*" in
    *"show"*) cat "$here/state" ;;
    *"reload"*|*"restart"*) [ -e "$here/stubborn" ] || readlink "$here/../home/tls/live" > "$here/serving" ;;
    pwd) readlink -f "$here/../home" ;;
esac
"""


class Door:
    """Listens on 127.0.0.1 and shows the certificates of the folder that it was last told to read."""

    def __init__(self, host: Host) -> None:
        self.host, self.home = host, host.lib.parent / "home"
        self.tls = self.home / "tls"
        self.etc, self.state = host.lib.parent / "etc", host.lib.parent / "state"
        for folder in (self.home, self.etc, self.state):
            folder.mkdir()
        for program in (*HOSTSIDE.glob("tls-*"), HOSTSIDE / "textfile"):
            shutil.copy(program, host.lib)
        host.add_program("as-stack", SYSTEMD)
        (host.lib / "state").write_text("active\n")
        for file, number in (("subuid", os.getuid()), ("subgid", os.getgid())):
            (self.etc / file).write_text(f"garrison:{number}:1\n")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def tell(self, **said: object) -> None:
        """What a deploy lays down for the programs."""
        known = {
            "home": str(self.home), "user": "garrison", "door_uid": 1, "names": NAMES, "http": 1,
            "https": self.listener.getsockname()[1], "trust": str(self.etc / "ca.crt"), "mode": "fleet",
            "source": "fleet", "acme": None,
        }  # fmt: skip
        (self.etc / "tls.json").write_text(json.dumps(known | said))

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                for chain in self.serving.glob("*.crt"):
                    context.load_cert_chain(chain, chain.with_suffix(".key"))
                context.wrap_socket(plain, server_side=True).close()
            except OSError:
                plain.close()

    @property
    def serving(self) -> Path:
        """The folder that it reads."""
        said = self.host.lib / "serving"
        return self.tls / (said.read_text().strip() if said.exists() else "nothing")

    @property
    def live(self) -> str:
        return str((self.tls / "live").readlink())

    def be_stubborn(self) -> None:
        """From now on a reload changes nothing, as with a configuration that nginx refuses."""
        (self.host.lib / "stubborn").touch()

    def close(self) -> None:
        self.listener.close()
