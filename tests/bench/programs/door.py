"""Seconds of one cheap request, through the door and directly, in turns. Runs on the host as root.

The argument is a JSON object with lib, name, https, port, route, path, ca and requests. The client's key is
made here and revoked here. Answers in JSON.
"""

import http.client
import json
import socket
import ssl
import subprocess
import sys
import time

want = json.loads(sys.argv[1])
CLIENT = "bench"
WARM = 100


class Door(http.client.HTTPSConnection):
    """TLS to this host's own loopback, under the name that the certificate is for."""

    def connect(self) -> None:
        link = socket.create_connection(("127.0.0.1", want["https"]), 30)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context(cafile=want["ca"])
        self.sock = context.wrap_socket(link, server_hostname=want["name"])


def ask(link: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, float]:
    """Status and seconds."""
    began = time.perf_counter()
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - began


def measure(key: str) -> dict[str, list[float]]:
    """One request through the door, one directly, and so on."""
    headers = {"X-API-Key": key}
    sides = {
        "door": (Door(want["name"]), want["route"] + want["path"]),
        "direct": (http.client.HTTPConnection("127.0.0.1", want["port"], timeout=30), "/" + want["path"]),
    }
    for link, path in sides.values():
        deadline = time.monotonic() + 30  # services read a new key within seconds
        while ask(link, path, headers)[0] != 200:
            if time.monotonic() > deadline:
                sys.exit(f"{path} never answered 200 to a new key")
            time.sleep(0.2)
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(WARM + want["requests"]):
        for name, (link, path) in sides.items():
            status, seconds = ask(link, path, headers)
            if status != 200:
                sys.exit(f"{path} answered {status}")
            if number >= WARM:
                found[name].append(seconds)
    return found


keys = [f"{want['lib']}/keys"]
made = subprocess.run([*keys, "add", CLIENT, "--scopes", "read"], check=True, capture_output=True, text=True)
try:
    json.dump(measure(made.stdout.strip()), sys.stdout)
finally:
    subprocess.run([*keys, "revoke", CLIENT], check=True, capture_output=True)
