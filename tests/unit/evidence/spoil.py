"""Ways to spoil a faultless host."""

from collections.abc import Callable
from typing import Any

from garrison.plan.exposure import EVERYWHERE
from tests.unit.evidence.conftest import Host

EDGE = "garrison-api--store"


def add_listener(host: Host, **said: Any) -> None:
    base = {"protocol": "tcp", "address": EVERYWHERE[0], "port": 4444, "process": "nc", "uid": 0}
    host.snapshot["listeners"].append(base | said)


def connect(host: Host, source: str, to: str, result: str = "connected") -> None:
    for one in host.pairs["connections"]:
        is_it = (one["from"], one["to"]) == (f"garrison-{source}", f"garrison-{to}")
        if is_it and not one["address"].startswith("fe80:"):
            one["result"] = result


def connect_by_link(host: Host, source: str, to: str) -> None:
    for one in host.pairs["connections"]:
        is_it = (one["from"], one["to"]) == (f"garrison-{source}", f"garrison-{to}")
        if is_it and one["address"].startswith("fe80:"):
            one["result"] = "connected"


def undeclared(host: Host, source: str, to: str, port: int) -> None:
    (address, *_) = host.tried(to)["addresses"][f"garrison-{source}--{to}"]
    ends = {"from": f"garrison-{source}", "to": f"garrison-{to}", "kind": "peer"}
    host.pairs["connections"].append(ends | {"address": address, "port": port, "result": "connected"})


def reach(host: Host, source: str, kind: str, port: int, to: str | None = None) -> None:
    for one in host.pairs["connections"]:
        is_it = (one["from"], one["kind"], one["port"]) == (f"garrison-{source}", kind, port)
        if is_it and to in (None, one["to"]):
            one["result"] = "connected"


def answer(host: Host, source: str, name: str, *addresses: str) -> None:
    for one in host.pairs["names"]:
        if (one["from"], one["name"]) == (f"garrison-{source}", name):
            one["addresses"] = list(addresses)


def devices(service: str, seen: dict[str, Any] | None) -> Callable[[Host], None]:
    """Its first process sees these, or nobody could tell."""
    return lambda host: host.container(service)["Process"].update(devices=seen)


def config(service: str, **said: Any) -> Callable[[Host], None]:
    return lambda host: host.container(service)["HostConfig"].update(said)


def status(service: str, **said: str) -> Callable[[Host], None]:
    return lambda host: host.container(service)["Process"]["status"].update(said)


def mount(service: str, **said: Any) -> Callable[[Host], None]:
    base = {"Type": "bind", "Source": "/etc", "Destination": "/host", "RW": False, "Propagation": "rprivate"}
    return lambda host: host.container(service)["Mounts"].append(base | said)


def secret(service: str, name: str, **said: Any) -> Callable[[Host], None]:
    path = f"/run/secrets/{name}"
    return lambda host: host.container(service)["Process"]["secrets"].setdefault(path, {}).update(said)


def drop_secret(host: Host) -> None:
    del host.container("api")["Process"]["secrets"]["/run/secrets/store_api_password"]


def drop_container(host: Host) -> None:
    host.snapshot["containers"] = [
        one for one in host.snapshot["containers"] if one["Name"] != "garrison-store"
    ]


def stray_container(host: Host) -> None:
    copy = host.container("store") | {"Name": "helper", "NetworkSettings": {"Networks": None}}
    copy["Config"] = copy["Config"] | {"Labels": {}}
    host.snapshot["containers"].append(copy)


def drop_listener(port: int) -> Callable[[Host], None]:
    def spoil(host: Host) -> None:
        host.snapshot["listeners"] = [one for one in host.snapshot["listeners"] if one["port"] != port]

    return spoil


def own_listener(port: int, uid: int) -> Callable[[Host], None]:
    def spoil(host: Host) -> None:
        for one in host.snapshot["listeners"]:
            if one["port"] == port:
                one["uid"] = uid

    return spoil


def state(service: str, status: str) -> Callable[[Host], None]:
    return lambda host: host.container(service)["State"].update(Status=status)


def health(service: str, status: str) -> Callable[[Host], None]:
    return lambda host: host.container(service)["State"]["Health"].update(Status=status)


def join(network: str, service: str) -> Callable[[Host], None]:
    return lambda host: host.container(service)["NetworkSettings"]["Networks"].update({network: {}})


def part(network: str, service: str) -> Callable[[Host], None]:
    return lambda host: host.container(service)["NetworkSettings"]["Networks"].pop(network)


def leak(place: str) -> Callable[[Host], None]:
    found = {"secret": "model_key", "form": "in base64", "place": place}
    return lambda host: host.leaks["leaks"].append(found)
