"""Functions of controls about the engine, its user, images, releases and listeners: what each finds, and only that."""

from collections.abc import Callable
from typing import Any

import pytest

from garrison.controls.code import find_functions
from garrison.controls.seen import Seen
from garrison.render.model import ReleaseFile
from tests.unit.evidence.conftest import Host

Spoil = Callable[[Host], Any]


def found(host: Host, name: str, **arguments: Any) -> list[str]:
    seen = Seen(evidence=host.evidence, wanted=host.wanted)
    return [f"{one.where}: {one.what}" for one in find_functions()[name](seen, **arguments)]


def facts(*keys: str, **said: Any) -> Spoil:
    """Something that the host says of itself is otherwise."""

    def spoil(host: Host) -> None:
        place = host.snapshot["host"]
        for key in keys:
            place = place[key]
        place.update(said)

    return spoil


def tree(name: str, **said: Any) -> Spoil:
    """The first file of the release, or of another tree."""

    def spoil(host: Host) -> None:
        files = host.snapshot["trees"][f"/srv/garrison/{name}"]
        files[min(files)].update(said)

    return spoil


def lay_release(host: Host) -> None:
    release = host.wanted.release
    host.snapshot["trees"]["/srv/garrison/config"] = {
        f"{tree.service}/{tree.digest[:16]}/{path}": laid(file)
        for tree in release.config_trees.values()
        for path, file in tree.files.items()
    }
    host.snapshot["trees"]["/srv/garrison/releases"] = {
        f"{release.digest}/{path}": laid(file) for path, file in release.files.items()
    }


def laid(file: ReleaseFile) -> dict[str, Any]:
    return {"mode": file.mode, "uid": 0, "gid": 0, "sha256": file.sha256}


CASES: dict[str, tuple[str, Spoil, str]] = {
    "podman says nothing": ("engine-is-rootless", facts(engine=None), "it gave no answer as the stack user."),
    "the engine is root's": (
        "engine-is-rootless", facts("engine", "host", "security", rootless=False), "it runs as root."),
    "Debian's own switch is off": (
        "user-namespaces-are-available", facts("sysctl", **{"kernel.unprivileged_userns_clone": "0"}),
        "it is 0: no user namespace can be made."),
    "no number of user namespaces was told": (
        "user-namespaces-are-available", facts("sysctl", **{"user.max_user_namespaces": None}),
        "it couldn't be read, so nothing is known of it."),
    "storage is copied": (
        "storage-is-native-overlay", facts("engine", "store", graphDriverName="vfs"),
        "the storage driver is vfs, not overlay."),
    "storage runs in user space": (
        "storage-is-native-overlay", facts("engine", "store", graphStatus={"Native Overlay Diff": "false"}),
        "its overlay isn't the kernel's own."),
    "a default capability was added": (
        "engine-defaults-are-safe", facts("engine", "host", "security", capabilities="CAP_CHOWN,CAP_SYS_ADMIN"),
        "it gives containers CAP_SYS_ADMIN by default."),
    "no default capabilities were told": (
        "engine-defaults-are-safe", facts("engine", "host", "security", capabilities=None),
        "it doesn't tell which capabilities it gives containers by default."),
    "the engine's security is no record": (
        "engine-defaults-are-safe", facts("engine", "host", security="none"), "it gave no answer as the stack user."),
    "the default filter was replaced": (
        "engine-defaults-are-safe", facts("engine", "host", "security", seccompProfilePath="/etc/all.json"),
        "its seccomp filter is /etc/all.json, not /usr/share/containers/seccomp.json."),
    "containers log to files": (
        "engine-defaults-are-safe", facts("engine", "host", logDriver="k8s-file"),
        "containers log by k8s-file, not by journald."),
    "users may bind low ports": (
        "low-ports-are-kept", facts("sysctl", **{"net.ipv4.ip_unprivileged_port_start": "80"}),
        "every user may bind ports from 80; nothing needs one below 1024."),
    "another user has the same ids": (
        "subordinate-ids-are-its-own", facts("texts", **{"/etc/subuid": "garrison:165536:65536\nanna:200000:65536\n"}),
        "anna has ids of garrison."),
    "a user has neighbouring ids": (
        "subordinate-ids-are-its-own", facts("texts", **{"/etc/subuid": "garrison:165536:65536\nanna:231072:65536\n"}),
        ""),
    "the stack user has too few ids": (
        "subordinate-ids-are-its-own", facts("texts", **{"/etc/subgid": "garrison:165536:1000\n"}),
        "garrison has fewer than 65536 ids."),
    "logind ends processes": (
        "stack-user-lingers", facts("config", **{"systemd/logind.conf": {"Login.KillUserProcesses": "yes"}}),
        "KillUserProcesses is on, which ends what runs when the last session does."),
    "the stack user's systemd doesn't run": (
        "stack-user-lingers", lambda host: host.snapshot["account"].update(bus=False),
        "its systemd doesn't run."),
    "the engine's socket waits": (
        "user-socket-is-off",
        lambda host: host.snapshot["user_units"].update(
            {"podman.socket": {"Id": "podman.socket", "ActiveState": "inactive", "UnitFileState": "enabled"}}),
        "of the stack user, it is enabled: any login may start it."),
    "a policy of the stack user's own counts first": (
        "signature-policy-asks-for-signatures",
        facts("texts", **{"/srv/garrison/.config/containers/policy.json": '{"default": [{"type": "reject"}]}'}), ""),
    "a policy that can't be read is none": (
        "signature-policy-asks-for-signatures",
        facts("texts", **{"/srv/garrison/.config/containers/policy.json": "{"}),
        "it is no policy that Podman could read."),
    "a registry without TLS": (
        "registries-are-secure", facts("texts", **{"/etc/containers/registries.conf": "\ninsecure = true\n"}),
        "it says insecure = true of a registry."),
    "the text of registries is withheld": (
        "registries-are-secure", facts(texts_withheld=["/etc/containers/registries.conf"]),
        "it couldn't be read, so nothing is known of it."),
    "a remark about a registry without TLS": (
        "registries-are-secure", facts("texts", **{"/etc/containers/registries.conf": "# insecure = true\n"}), ""),
    "an image that nobody planned": (
        "images-are-known",
        lambda host: host.snapshot.update(images=host.snapshot["images"] + "sha256:1 docker.io/library/x:1 sha256:2\n"),
        "no service is made from it."),
    "Podman says of no images": (
        "images-are-known", lambda host: host.snapshot.update(images=None), "Podman didn't say which there are."),
    "a file of the release was edited": (
        "release-is-as-deployed", tree("releases", sha256="0" * 64), "it isn't what was deployed."),
    "what a service reads was edited": (
        "release-is-as-deployed", tree("config", sha256="0" * 64), "it isn't what was deployed."),
    "another release is current": (
        "release-is-as-deployed", lambda host: host.snapshot.update(current={"link": "releases/1"}),
        "it leads to releases/1, not to "),
    "no release is current": (
        "release-is-as-deployed", lambda host: host.snapshot.update(current=None), "it leads to no release."),
    "a file of the release may be written": (
        "release-files-are-roots", tree("releases", mode=0o664), "others than its owner may write it."),
    "a file of the release is the stack user's": (
        "release-files-are-roots", tree("releases", uid=4000), "uid 4000 owns it, not root."),
    "there is no folder of releases": (
        "release-files-are-roots", lambda host: host.snapshot["trees"].update({"/srv/garrison/releases": None}),
        "there is no such folder."),
    "the stack user listens for everybody": (
        "only-the-door-is-outside",
        lambda host: host.snapshot["listeners"].append(
            {"protocol": "udp", "address": "::", "port": 8443, "process": "nc", "uid": 4000}),
        "nc of the stack user listens there."),
    "the host says of no listeners": (
        "only-the-door-is-outside", lambda host: host.snapshot.update(listeners=None),
        "the host didn't say what listens on it."),
}  # fmt: skip


@pytest.fixture
def whole(deployed: Host) -> Host:
    """The same with its release laid down, as the functions want everything."""
    lay_release(deployed)
    units = {"podman.socket": {"Id": "podman.socket", "ActiveState": "inactive", "UnitFileState": "masked"}}
    deployed.snapshot["user_units"].update(units)
    policy = '{"default": [{"type": "reject"}]}'
    deployed.snapshot["host"]["texts"] |= {"/etc/containers/policy.json": policy}
    return deployed


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES.values()}))
def test_nothing_is_found_where_all_is_well(whole: Host, name: str) -> None:
    assert found(whole, name) == []


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_found_and_nothing_else(whole: Host, case: str) -> None:
    name, spoil, said = CASES[case]
    spoil(whole)
    problems = found(whole, name)
    assert len(problems) == (1 if said else 0), problems
    assert all(said in problem for problem in problems)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES.values()} - {"low-ports-are-kept"}))
def test_a_host_that_tells_nothing_passes_nothing(whole: Host, name: str) -> None:
    whole.snapshot |= {
        "host": None,
        "images": None,
        "listeners": None,
        "user_units": None,
        "trees": {},
        "current": None,
    }
    assert found(whole, name) != []


@pytest.mark.parametrize(
    ("places", "said"), [(["podman image inspect"], 1), (["the journal"], 0), (["podman"], 1)]
)
def test_a_leak_is_told_by_the_control_of_its_place(whole: Host, places: list[str], said: int) -> None:
    leak = {"secret": "model_key", "form": "as it is", "place": "podman image inspect x: Labels.a"}
    whole.leaks["leaks"].append(leak)
    assert len(found(whole, "no-secret-in", places=places, searched=["images"])) == said


def test_what_was_not_searched_is_no_pass(whole: Host) -> None:
    del whole.leaks["searched"]["images"]
    assert found(whole, "no-secret-in", places=["x"], searched=["images"]) == [
        "images: nothing was searched there."
    ]
