"""Faults of listeners and containers, each with the findings that must follow."""

from collections.abc import Callable

from tests.unit.evidence.conftest import Host
from tests.unit.evidence.spoil import (
    add_listener,
    config,
    devices,
    drop_container,
    drop_listener,
    drop_secret,
    health,
    mount,
    own_listener,
    secret,
    state,
    status,
    stray_container,
)

CONTAINERS: dict[str, tuple[Callable[[Host], None], list[str]]] = {
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
    "a container runs a stand-in": (
        lambda host: host.container("model").update(ImageName="localhost/garrison/stand-in/model:0"),
        ["containers-are-the-declared-ones.image", "images-are-the-services-own.stand-in"]),
    "the planned image's name was moved": (
        lambda host: host.container("store").update(Image="f" * 64),
        ["containers-are-the-declared-ones.image-moved"]),
    "Podman doesn't say which containers there are": (
        lambda host: host.snapshot.update(containers=None),
        ["containers-are-the-declared-ones.unseen", "images-are-the-services-own.unseen",
         "ports-are-on-loopback.unseen", "containers-are-confined.unseen",
         "mounts-are-the-declared-ones.unseen", "containers-are-limited.unseen", "containers-are-supervised.unseen",
         "secrets-are-readable-by-one-user.unseen"]),
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
        devices("store", {"/mnt/fuse": ["c", 10, 229]}), ["containers-are-confined.devices"]),
    "a device has the name of a harmless one": (
        devices("store", {"/dev/null": ["b", 1, 3]}), ["containers-are-confined.devices"]),
    "nobody could say which devices there are": (devices("store", None), ["containers-are-confined.devices"]),
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
    "a socket of another name is mounted": (
        mount("store", Source="/run/systemd/notify", IsSocket=True), ["mounts-are-the-declared-ones.socket"]),
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
        secret("api", "store_api_password", mode=0o444), ["secrets-are-readable-by-one-user.mode"]),
    "a secret belongs to root inside": (
        secret("api", "store_api_password", uid=0), ["secrets-are-readable-by-one-user.owner"]),
    "a secret is missing": (drop_secret, ["secrets-are-readable-by-one-user.missing"]),
    "a service has another's secret": (
        secret("store", "model_key", mode=0o400, uid=999, gid=999),
        ["secrets-are-readable-by-one-user.undeclared"]),
    "a secret's mode can't be read": (
        secret("api", "store_api_password", mode=None), ["secrets-are-readable-by-one-user.unknown"]),
}  # fmt: skip
