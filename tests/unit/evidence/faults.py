"""Faults, each with a way to spoil a faultless host and the findings that must follow."""

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
        if (one["from"], one["to"]) == (f"garrison-{source}", f"garrison-{to}"):
            one["result"] = result


def reach(host: Host, source: str, kind: str, port: int, to: str | None = None) -> None:
    for one in host.pairs["connections"]:
        is_it = (one["from"], one["kind"], one["port"]) == (f"garrison-{source}", kind, port)
        if is_it and to in (None, one["to"]):
            one["result"] = "connected"


def answer(host: Host, source: str, name: str, *addresses: str) -> None:
    for one in host.pairs["names"]:
        if (one["from"], one["name"]) == (f"garrison-{source}", name):
            one["addresses"] = list(addresses)


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
    del host.container("store")["Process"]["secrets"]["/run/secrets/store_api_password"]


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


SPOILT: dict[str, tuple[Callable[[Host], None], list[str]]] = {
    "a stray program listens for everybody": (add_listener, ["exposure.unexpected"]),
    "a stray program listens for everybody over IPv6": (
        lambda host: add_listener(host, address="::"), ["exposure.unexpected"]),
    "a stray program is bound to a UDP port": (
        lambda host: add_listener(host, protocol="udp"), ["exposure.unexpected"]),
    "a program of the stack user listens on loopback": (
        lambda host: add_listener(host, address="127.0.0.1", uid=4000), ["exposure.unexpected"]),
    "the door doesn't listen": (drop_listener(8443), ["exposure.missing"] * 2),
    "another user holds a port of the stack": (
        own_listener(8091, 1000), ["exposure.missing", "exposure.taken"]),
    "the host doesn't say what listens": (
        lambda host: host.snapshot.update(listeners=None), ["exposure.unknown"]),
    "a database is published": (
        config("store", PortBindings={"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5432"}]}),
        ["ports-are-on-loopback.undeclared"]),
    "a service is published on every address": (
        config("api", PortBindings={"8091/tcp": [{"HostIp": "", "HostPort": "8091"}]}),
        ["ports-are-on-loopback.missing", "ports-are-on-loopback.undeclared"]),
    "a container is missing": (
        drop_container, ["containers-are-the-declared-ones.missing"]),
    "a container is nobody's": (stray_container, ["containers-are-the-declared-ones.unknown"]),
    "two containers are the same service": (
        lambda host: host.snapshot["containers"].append(host.container("store") | {"Name": "garrison-store2"}),
        ["containers-are-the-declared-ones.twice", "containers-are-the-declared-ones.unknown",
         *["networks-are-one-for-each-need.member"] * 2]),
    "a container has stopped": (
        state("store", "exited"), ["containers-are-the-declared-ones.stopped"]),
    "a container is of an earlier configuration": (
        lambda host: host.container("store")["Config"]["Labels"].update({"garrison.config-digest": "old"}),
        ["containers-are-the-declared-ones.outdated"]),
    "a container says it is another service": (
        lambda host: host.container("store")["Config"]["Labels"].update({"garrison.service": "jobs2"}),
        ["containers-are-the-declared-ones.label"]),
    "a container runs another image": (
        lambda host: host.container("store").update(ImageName="localhost/evil:1"),
        ["containers-are-the-declared-ones.image"]),
    "the planned image's name was moved": (
        lambda host: host.container("store").update(Image="f" * 64),
        ["containers-are-the-declared-ones.image-moved"]),
    "Podman doesn't say which containers there are": (
        lambda host: host.snapshot.update(containers=None), ["containers-are-the-declared-ones.unknown"]),
    "a container was started as root": (
        lambda host: host.container("store")["Config"].update(User=""), ["containers-are-confined.user"]),
    "a container's process is root inside": (
        status("store", Uid="4000\t4000\t4000\t4000"), ["containers-are-confined.uid"]),
    "a container's process has a foreign saved uid": (
        status("store", Uid="166534\t166534\t4000\t166534"), ["containers-are-confined.uid"]),
    "a container's process is outside its user namespace": (
        status("store", Uid="0\t0\t0\t0"), ["containers-are-confined.uid"]),
    "a container is privileged": (config("store", Privileged=True), ["containers-are-confined.privileged"]),
    "a container's root can be written to": (
        config("store", ReadonlyRootfs=False), ["containers-are-confined.root"]),
    "a capability was added": (
        config("store", CapAdd=["CAP_NET_RAW"]), ["containers-are-confined.capabilities-added"]),
    "a capability is in force": (
        status("store", CapEff="0000000000000400"), ["containers-are-confined.capabilities"]),
    "a capability could come back": (
        status("store", CapBnd="0000000000000400"), ["containers-are-confined.capabilities"]),
    "a device was given": (
        config("store", Devices=[{"PathOnHost": "/dev/fuse"}]), ["containers-are-confined.devices"]),
    "no-new-privileges wasn't asked for": (
        config("store", SecurityOpt=[]), ["containers-are-confined.privileges"]),
    "no-new-privileges isn't in force": (
        status("store", NoNewPrivs="0"), ["containers-are-confined.privileges-live"]),
    "the seccomp filter was switched off": (
        config("store", SecurityOpt=["no-new-privileges", "seccomp=unconfined"]),
        ["containers-are-confined.security-options"]),
    "only the filter of the host is in force": (
        status("store", Seccomp_filters="5"), ["containers-are-confined.seccomp"]),
    "no seccomp filter is in force": (status("store", Seccomp="0"), ["containers-are-confined.seccomp"]),
    "a container is in the host's network": (
        config("store", NetworkMode="host"), ["containers-are-confined.network-namespace"]),
    "a container sees the host's processes": (
        config("store", PidMode="host"), ["containers-are-confined.pid-namespace"]),
    "a container shares another's IPC": (
        config("store", IpcMode="container:abc"), ["containers-are-confined.ipc-namespace"]),
    "a container sets the host's name": (
        config("store", UTSMode="host"), ["containers-are-confined.uts-namespace"]),
    "a container has the host's user namespace": (
        config("store", UsernsMode="host"), ["containers-are-confined.userns-namespace"]),
    "a container sees the host's control groups": (
        config("store", CgroupMode="host"), ["containers-are-confined.cgroup-namespace"]),
    "a folder of the host is mounted": (mount("store"), ["mounts-are-the-declared-ones.undeclared"]),
    "a volume of another service is mounted": (
        mount("api", Type="volume", Name="garrison-store-data", Destination="/data", RW=True),
        ["mounts-are-the-declared-ones.undeclared"]),
    "a declared file can be written to": (
        lambda host: host.container("store")["Mounts"][0].update(RW=True),
        ["mounts-are-the-declared-ones.writable"]),
    "Podman's socket is mounted": (
        mount("store", Source="/run/user/4000/podman/podman.sock"), ["mounts-are-the-declared-ones.socket"]),
    "a mount passes changes on": (
        lambda host: host.container("store")["Mounts"][0].update(Propagation="shared"),
        ["mounts-are-the-declared-ones.propagation"]),
    "an undeclared place is writable": (
        config("store", Tmpfs={"/tmp": "rw", "/var": "rw"}), ["mounts-are-the-declared-ones.tmpfs"]),
    "a container may use all memory": (config("store", Memory=0), ["containers-are-limited.memory"]),
    "a container may use more processors": (
        config("store", NanoCpus=8_000_000_000), ["containers-are-limited.cpu"]),
    "a container may fork without end": (config("store", PidsLimit=-1), ["containers-are-limited.pids"]),
    "a container isn't healthy": (health("store", "unhealthy"), ["containers-are-supervised.health"]),
    "a container's health is asked otherwise": (
        lambda host: host.container("store")["Config"].update(Healthcheck={"Test": ["CMD", "true"]}),
        ["containers-are-supervised.probe"]),
    "a container has no health check": (
        lambda host: host.container("store")["Config"].update(Healthcheck=None),
        ["containers-are-supervised.probe"]),
    "a container logs to a file": (
        config("store", LogConfig={"Type": "k8s-file"}), ["containers-are-supervised.log"]),
    "a container isn't started again": (
        config("store", RestartPolicy={"Name": "no"}), ["containers-are-supervised.restart"]),
    "the door's unit isn't active": (
        lambda host: host.snapshot["user_units"]["garrison-door.service"].update(ActiveState="failed"),
        ["containers-are-supervised.unit"]),
    "a secret can be read by everybody inside": (
        secret("store", "store_api_password", mode=0o444), ["secrets-are-readable-by-one-user.mode"]),
    "a secret belongs to root inside": (
        secret("store", "store_api_password", uid=0), ["secrets-are-readable-by-one-user.owner"]),
    "a secret is missing": (drop_secret, ["secrets-are-readable-by-one-user.missing"]),
    "a service has another's secret": (
        secret("store", "model_key", mode=0o400, uid=999, gid=999),
        ["secrets-are-readable-by-one-user.undeclared"]),
    "a secret's mode can't be read": (
        secret("store", "store_api_password", mode=None), ["secrets-are-readable-by-one-user.unknown"]),
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
    "a container reaches the outside": (
        lambda host: reach(host, "api", "canary", 443), ["pairs-are-the-declared-ones.canary"]),
    "something serves SSH on a gateway": (
        lambda host: reach(host, "alone", "gateway", 22, "garrison-alone"),
        ["pairs-are-the-declared-ones.gateway"]),
    "a gateway of another network answers": (
        lambda host: reach(host, "alone", "gateway", 53, EDGE), ["pairs-are-the-declared-ones.gateway"]),
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
