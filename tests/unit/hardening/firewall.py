"""A host with a ruleset, as the judges of the firewall see it."""

import copy
import json
from types import SimpleNamespace
from typing import Any

from garrison.controls.code import find_functions
from garrison.hardening.ruleset import render_ruleset
from garrison.settings import HostSettings
from tests.unit.controls.facts import host_facts

EGRESS = {
    "to": [
        {"net": "203.0.113.0/24", "tcp": [443, 80]},
        {"net": "2001:db8::/32"},
        {"net": "198.51.100.7", "tcp": [5432], "udp": [123]},
    ],
    "dns": ["192.0.2.53", "2001:db8::53"],
}
EVERYTHING: dict[str, Any] = {"allowed_listeners": ("tcp/9100", "udp/51820"), "egress": EGRESS}
Document = dict[str, Any]


def seen(document: Document | None, port: str = "22", **settings: Any) -> Any:
    """What judges see of a host with that ruleset; the door has the project's ports."""
    host = host_facts(sshd={"port": [port]}, firewall=document)
    door = SimpleNamespace(http=8088, https=8443)
    wanted = SimpleNamespace(
        settings=HostSettings(server_names=("host.example",), **(EVERYTHING | settings)),
        catalog=SimpleNamespace(door=SimpleNamespace(door=door)),
    )
    return SimpleNamespace(host=host, snapshot=SimpleNamespace(host=host, listeners=()), wanted=wanted)


def ruleset(port: str = "22", **settings: Any) -> str:
    found = seen(None, port, **settings)
    return render_ruleset(found.snapshot, found.wanted)


def add(document: Document, rule: list[Any], chain: str = "input", at: int = -1) -> Document:
    changed = copy.deepcopy(document)
    item = {"rule": {"family": "inet", "table": "garrison", "chain": chain, "expr": rule}}
    changed["nftables"].insert(len(changed["nftables"]) if at < 0 else at, item)
    return changed


def port(number: int, protocol: str = "tcp") -> dict[str, Any]:
    left = {"payload": {"protocol": protocol, "field": "dport"}}
    return {"match": {"op": "==", "left": left, "right": number}}


INVALID = {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "invalid"}}


def policy(document: Document, hook: str) -> Document:
    changed = copy.deepcopy(document)
    for item in changed["nftables"]:
        if item.get("chain", {}).get("hook") == hook:
            item["chain"]["policy"] = "accept"
    return changed


def without(document: Document, word: str) -> Document:
    kept = [item for item in document["nftables"] if word not in json.dumps(item.get("rule", ""))]
    return {"nftables": kept}


def judged(name: str, document: Document | None, **arguments: Any) -> list[str]:
    return [f"{one.where}: {one.what}" for one in find_functions()[name](seen(document), **arguments)]
