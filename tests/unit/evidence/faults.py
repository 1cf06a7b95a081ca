"""Faults of networks, pairs and secrets; SPOILT has all there are, each with the findings that must follow."""

from collections.abc import Callable

from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults_of_containers import CONTAINERS
from tests.unit.evidence.spoil import (
    EDGE,
    answer,
    connect,
    connect_by_link,
    join,
    leak,
    part,
    reach,
    undeclared,
)
from tests.unit.evidence.synthetic_pairs import WORLD

FAULTS: dict[str, tuple[Callable[[Host], None], list[str]]] = {
    "a network has a way out": (
        lambda host: host.network(EDGE).update(internal=False), ["networks-are-one-for-each-need.internal"]),
    "a network isn't isolated": (
        lambda host: host.network(EDGE).update(options={}), ["networks-are-one-for-each-need.isolate"]),
    "a third container is on a network": (
        join(EDGE, "model"), ["networks-are-one-for-each-need.member"]),
    "an end isn't on its network": (
        part(EDGE, "store"), ["networks-are-one-for-each-need.absent"]),
    "a network is missing": (
        lambda host: host.snapshot["networks"].remove(host.network(EDGE)),
        ["networks-are-one-for-each-need.missing"]),
    "a network is nobody's need": (
        lambda host: host.snapshot["networks"].append({"name": "shortcut"}),
        ["networks-are-one-for-each-need.undeclared"]),
    "a container is on Podman's default network": (
        join("podman", "store"), ["networks-are-one-for-each-need.undeclared"]),
    "Podman doesn't say which networks there are": (
        lambda host: host.snapshot.update(networks=None), ["networks-are-one-for-each-need.unknown"]),
    "a declared pair doesn't connect": (
        lambda host: connect(host, "api", "store", "timeout"),
        ["pairs-are-the-declared-ones.closed"] + ["pairs-are-the-declared-ones.closed-by-name"] * 2),
    "a declared provider has no name": (
        lambda host: answer(host, "api", "store"), ["pairs-are-the-declared-ones.closed-by-name"]),
    "an undeclared pair connects": (
        lambda host: connect(host, "door", "store"), ["pairs-are-the-declared-ones.open"]),
    "an undeclared peer answers with a refusal": (
        lambda host: connect(host, "door", "store", "refused"), ["pairs-are-the-declared-ones.open"]),
    "a name tells an address of an undeclared peer": (
        lambda host: answer(host, "door", "store", "10.89.9.9"), ["pairs-are-the-declared-ones.name"]),
    "a container reaches the host's SSH": (
        lambda host: reach(host, "api", "host", 22), ["pairs-are-the-declared-ones.host"]),
    "a container that may go out reaches the host's SSH": (
        lambda host: reach(host, "fetch", "host", 22), ["pairs-are-the-declared-ones.host"]),
    "a container reaches the outside": (
        lambda host: reach(host, "api", "canary", 443), ["pairs-are-the-declared-ones.canary"] * 3),
    "something serves SSH on a gateway": (
        lambda host: reach(host, "alone", "gateway", 22, "garrison-alone"),
        ["pairs-are-the-declared-ones.gateway"]),
    "a gateway of another network answers": (
        lambda host: reach(host, "alone", "gateway", 53, EDGE), ["pairs-are-the-declared-ones.gateway"]),
    "something serves SSH on a gateway to a container that may go out": (
        lambda host: reach(host, "fetch", "gateway", 22, EDGE), ["pairs-are-the-declared-ones.gateway"]),
    "another network's name server tells a container that may go out": (
        lambda host: answer(host, "fetch", "store", "10.89.9.9"), ["pairs-are-the-declared-ones.name"]),
    "a provider begins a connection to its consumer": (
        lambda host: connect(host, "store", "api"), ["pairs-are-the-declared-ones.open"]),
    "a consumer reaches a port that its provider doesn't declare": (
        lambda host: undeclared(host, "api", "store", 2222), ["pairs-are-the-declared-ones.open"]),
    "a declared pair meets by an address of their link": (
        lambda host: connect_by_link(host, "api", "store"), ["pairs-are-the-declared-ones.open"]),
    "a container has an IPv6 address": (
        lambda host: host.tried("store")["addresses"][EDGE].append("fd00::2"),
        ["pairs-are-the-declared-ones.family"]),
    "a container has an interface that Podman doesn't know of": (
        lambda host: host.tried("store")["addresses"].update({"": ["10.1.2.3"]}),
        ["pairs-are-the-declared-ones.link"]),
    "a container that may go out reaches what it doesn't name": (
        lambda host: reach(host, "fetch", "canary", 443), ["pairs-are-the-declared-ones.canary"] * 3),
    "a name server tells a container names of the world": (
        lambda host: answer(host, "api", WORLD, "203.0.113.80"), ["pairs-are-the-declared-ones.world"]),
    "a wall is down": (
        lambda host: host.wall("api").update(found=None), ["walls-are-up.down"]),
    "a wall has another rule": (
        lambda host: host.wall("api")["found"].append("tcp dport 25 accept"), ["walls-are-up.changed"]),
    "a wall lets through what no service means": (
        lambda host: host.wall("api").update(asked="0.0.0.0/1=tcp/443"), ["walls-are-up.other"]),
    "a container that nobody knows stands behind no wall": (
        lambda host: host.pairs["walls"].append(
            {"name": "helper", "asked": None, "wanted": None, "found": None}),
        ["walls-are-up.unwalled"]),
    "the canary doesn't answer the host either": (
        lambda host: host.pairs.update(control={"192.0.2.1:443": "timeout"}),
        ["pairs-are-the-declared-ones.unproven"]),
    "a secret stands in an environment": (
        leak("/proc/77/environ (python)"), ["secrets-are-nowhere-else.leak"]),
    "a secret that should exist wasn't looked for": (
        lambda host: host.leaks["secrets"].remove("model_key"), ["secrets-are-nowhere-else.unsought"]),
    "a secret is too short to look for": (
        lambda host: host.leaks.update(too_short=["model_key"]), ["secrets-are-nowhere-else.too-short"]),
    "the journal wasn't searched": (
        lambda host: host.leaks["searched"].pop("journal_bytes"), ["secrets-are-nowhere-else.unsearched"]),
}  # fmt: skip

SPOILT = CONTAINERS | FAULTS
