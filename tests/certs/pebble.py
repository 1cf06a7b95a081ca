"""Pebble, an ACME server for tests, as Debian packages it, with its DNS server, on the lab's own network."""

import json
import os
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.certificates import TestAuthority

DIRECTORY, MANAGEMENT, DNS, DNS_MANAGEMENT = 14000, 15000, 8053, 8055
PATIENCE = 60.0
BLIND = "127.0.0.9"  # nobody answers at the door's port there


@dataclass(frozen=True)
class Pebble:
    """Listens on ``address``. ``own_ca`` signed its own certificate; ``root`` is what it issues under."""

    address: str
    folder: Path
    host: str

    @property
    def directory(self) -> str:
        return f"https://{self.address}:{DIRECTORY}/dir"

    @property
    def own_ca(self) -> Path:
        return self.folder / "pebble-ca.crt"

    @property
    def root(self) -> Path:
        return self.folder / "issued-ca.crt"

    @property
    def trusted(self) -> list[str]:
        return [str(self.own_ca), str(self.root)]

    def tell_dns(self, what: str, **said: object) -> None:
        """Have names lead elsewhere."""
        body = json.dumps(said).encode()
        request = urllib.request.Request(f"http://{self.address}:{DNS_MANAGEMENT}/{what}", body)
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - an address of ours
            pass

    def lead(self, address: str) -> None:
        """Every name leads there."""
        self.tell_dns("set-default-ipv4", ip=address)

    @contextmanager
    def running(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """The ACME server, and nothing at its port afterwards. It forgets at once what it was once convinced of."""
        said = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "10", "PEBBLE_AUTHZREUSE": "0"}
        every = {**os.environ, **said, **environment}
        words = [str(self.folder / "usr/bin/pebble"), "-config", str(self.folder / "config.json")]
        words += ["-dnsserver", f"{self.address}:{DNS}", "-strict"]
        with logging(self.folder / "pebble.log", words, env=every) as process:
            self._fetch_root()
            yield process

    def _fetch_root(self) -> None:
        client, end = ssl.create_default_context(cafile=str(self.own_ca)), time.monotonic() + PATIENCE
        while True:
            try:
                url = f"https://{self.address}:{MANAGEMENT}/roots/0"
                with urllib.request.urlopen(url, context=client, timeout=5) as answer:
                    self.root.write_bytes(answer.read())
                    return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


@contextmanager
def logging(log: Path, words: list[str], **how: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that writes to ``log`` for as long as the block runs."""
    with log.open("ab") as file, subprocess.Popen(words, stdout=file, stderr=file, **how) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def acme_server(folder: Path, address: str, host: str) -> Iterator[Pebble]:
    """Unpacked and with a DNS server in which every name leads to ``host``; the ACME server isn't started yet."""
    folder.chmod(0o755)
    subprocess.run(["apt-get", "-qq", "download", "pebble"], cwd=folder, check=True, capture_output=True)
    (package,) = folder.glob("pebble_*.deb")
    subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    authority = TestAuthority()
    chain, key = authority.issue(address)
    made = Pebble(address, folder, host)
    made.own_ca.write_text(authority.pem)
    (folder / "pebble.crt").write_text(chain)
    (folder / "pebble.key").write_text(key)
    (folder / "config.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"{address}:{DIRECTORY}", "managementListenAddress": f"{address}:{MANAGEMENT}",
        "certificate": str(folder / "pebble.crt"), "privateKey": str(folder / "pebble.key"),
        "httpPort": 8088, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": False,
    }}))  # fmt: skip
    words = [
        "-dns01",
        f"{address}:{DNS}",
        "-management",
        f"{address}:{DNS_MANAGEMENT}",
        "-http01",
        "",
        "-https01",
        "",
    ]
    words += ["-tlsalpn01", "", "-doh", "", "-defaultIPv4", host, "-defaultIPv6", ""]
    if (
        "-doh"
        not in subprocess.run(
            [folder / "usr/bin/pebble-challtestsrv", "-h"], capture_output=True, text=True
        ).stderr
    ):
        at = words.index("-doh")
        del words[at : at + 2]
    with logging(folder / "dns.log", [str(folder / "usr/bin/pebble-challtestsrv"), *words]):
        yield made
