"""What the lab must know of the machine it runs on: its way out, its name servers, its CAs."""

import ipaddress
import json
import os
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from garrison.lab.commands import run
from garrison.problem import Problem, ProblemError

CA_DIR = Path("/usr/local/share/ca-certificates")
# systemd-resolved's own stub listens on the outer loopback; this file names the servers behind it.
_RESOLV_FILES = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))


@dataclass(frozen=True, kw_only=True)
class Uplink:
    """The interface of the default route."""

    name: str
    mtu: int


def check_root() -> None:
    """Raise ProblemError unless this process is root."""
    if os.geteuid() != 0:
        problem = Problem(
            where="this command",
            id="lab-needs-root",
            what="boots machines and sets up networks, which only root may.",
            remedy="Run it again with sudo.",
        )
        raise ProblemError([problem])


def find_uplink() -> Uplink:
    """Return the interface of the IPv4 default route; raises ProblemError without one."""
    routes = json.loads(run(["ip", "-j", "-4", "route", "show", "default"]) or "[]")
    if not routes:
        problem = Problem(
            where="this machine",
            id="lab-no-default-route",
            what="has no IPv4 default route, so the lab could reach no package mirror.",
            remedy="Connect it to a network (ip route show default).",
        )
        raise ProblemError([problem])
    name = routes[0]["dev"]
    return Uplink(name=name, mtu=int(Path(f"/sys/class/net/{name}/mtu").read_text()))


def list_networks() -> list[IPv4Network]:
    """Return every IPv4 network this machine has an address in or a route to."""
    routes = json.loads(run(["ip", "-j", "-4", "route", "show", "table", "all"]) or "[]")
    return parse_networks([route.get("dst", "") for route in routes])


def parse_networks(destinations: list[str]) -> list[IPv4Network]:
    """Return those of ``destinations`` that are networks or addresses; "default" is neither."""
    found = []
    for destination in destinations:
        try:
            found.append(ipaddress.IPv4Network(destination, strict=False))
        except ValueError:
            continue
    return found


def reachable_resolv_conf(texts: list[str]) -> str:
    """Return the first of ``texts`` with name servers a lab host can ask, without those it can't.

    A name server on the loopback answers the outer machine only. Raises ProblemError without any.
    """
    for text in texts:
        lines = [line for line in text.splitlines() if not _is_loopback_server(line)]
        if any(line.split()[:1] == ["nameserver"] for line in lines):
            return "\n".join(lines) + "\n"
    problem = Problem(
        where="/etc/resolv.conf",
        id="lab-no-name-server",
        what="names no name server that a lab host could ask (one on the loopback can't be).",
        remedy="Add a `nameserver` line with an address beyond this machine.",
    )
    raise ProblemError([problem])


def _is_loopback_server(line: str) -> bool:
    words = line.split()
    return words[:1] == ["nameserver"] and len(words) > 1 and words[1].startswith(("127.", "::1"))


def read_resolv_conf() -> str:
    """Return the resolv.conf for lab hosts."""
    return reachable_resolv_conf([path.read_text() for path in _RESOLV_FILES if path.is_file()])


def list_certificates() -> list[Path]:
    """Return the CA certificates added to this machine."""
    return sorted(CA_DIR.rglob("*.crt")) if CA_DIR.is_dir() else []
