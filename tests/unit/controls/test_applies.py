"""Facts are what the host told; what it didn't tell is neither true nor false."""

import pytest

from garrison.controls.applies import CARDS, FACTS, GPU, NVIDIA_SMI
from garrison.controls.asks import ask
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from garrison.snapshot.record import FileState
from tests.unit.controls.facts import NOTHING, host_facts
from tests.unit.controls.making import control

OF_THE_HOST = ("own-kernel", "time-is-its-own", "boots-itself", "apparmor", "audit", "gpu")
WITHOUT = {"container": "lxc", "release": "6", "apparmor": False, "audit": False, "boot_loader": False}


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_a_fact_has_a_sentence_for_when_it_is_false(fact: str) -> None:
    assert FACTS[fact].otherwise.endswith(".") or fact == "always"


@pytest.mark.parametrize("fact", OF_THE_HOST)
def test_a_fact_of_a_host_that_tells_nothing_is_unknown(fact: str, bare: Snapshot) -> None:
    assert FACTS[fact].holds(bare.model_copy(update={"host": None})) is None


@pytest.mark.parametrize("fact", OF_THE_HOST)
def test_a_fact_is_true_on_a_machine_and_false_in_a_container(fact: str, bare: Snapshot) -> None:
    machine = host_facts(files={GPU: {"/dev/nvidia0": {"mode": 438}}})
    container = host_facts(kernel=WITHOUT, files={GPU: {}})
    assert FACTS[fact].holds(bare.model_copy(update={"host": machine})) is True
    assert FACTS[fact].holds(bare.model_copy(update={"host": container})) is False


def card(vendor: str = "10DE", of: str = "bc03sc02i00") -> str:
    """What the kernel tells of a card behind a bridge of another maker's."""
    bridge = "pci:v00008086d00001901sv00001028sd0000085Abc06sc04i00"
    return f"{bridge}\n\npci:v0000{vendor}d00002330sv0000{vendor}sd000016C1{of}\n"


@pytest.mark.parametrize(
    ("container", "devices", "driver", "cards", "has_gpu"),
    [
        ("none", False, True, card(), True),
        ("none", True, False, None, True),
        ("none", False, True, None, False),
        ("none", False, True, card(vendor="1002"), False),
        ("none", False, True, card(of="bc04sc03i00"), False),
        ("none", False, False, card(), False),
        ("lxc", False, True, card(), False),
        ("lxc", True, True, card(), True),
    ],
    ids=[
        "a driver that isn't loaded yet",
        "a driver without its tool",
        "a driver whose card is gone",
        "a card of others",
        "the sound of a card",
        "a card that nobody has a driver for",
        "the card of the machine around a container",
        "a card that a container is given",
    ],
)
def test_a_gpu_is_a_card_with_its_driver_loaded_or_not(
    container: str, devices: bool, driver: bool, cards: str | None, has_gpu: bool, bare: Snapshot
) -> None:
    files = {
        GPU: {"/dev/nvidia0": {"mode": 438}} if devices else {},
        NVIDIA_SMI: {NVIDIA_SMI: {"mode": 493}} if driver else {},
    }
    host = host_facts(kernel=WITHOUT | {"container": container}, files=files, texts={CARDS: cards})
    assert FACTS["gpu"].holds(bare.model_copy(update={"host": host})) is has_gpu


@pytest.mark.parametrize(
    "told", [{}, {"texts": {CARDS: None}}, {"texts": {CARDS: card()}, "texts_withheld": [CARDS]}]
)
def test_whether_a_machine_has_a_gpu_is_unknown_without_its_cards_and_its_driver(
    told: dict[str, object], bare: Snapshot
) -> None:
    driver = {NVIDIA_SMI: {NVIDIA_SMI: {"mode": 493}}} if "texts_withheld" in told else {}
    host = host_facts(files={GPU: {}, **driver}, **told)
    assert FACTS["gpu"].holds(bare.model_copy(update={"host": host})) is None


@pytest.mark.parametrize("fact", ["apparmor", "audit", "controllers"])
def test_what_a_machine_of_its_own_switched_off_applies_all_the_same(fact: str, bare: Snapshot) -> None:
    for said in (False, None):
        machine = host_facts(kernel=WITHOUT | {"container": "none", "apparmor": said, "audit": said})
        seen = bare.model_copy(update={"host": machine, "controllers": ()})
        assert FACTS[fact].holds(seen) is True


@pytest.mark.parametrize("fact", ["apparmor", "audit", "controllers"])
def test_what_a_container_is_not_given_does_not_apply(fact: str, bare: Snapshot) -> None:
    seen = bare.model_copy(update={"host": host_facts(kernel=WITHOUT), "controllers": ()})
    assert FACTS[fact].holds(seen) is False


@pytest.mark.parametrize(
    ("fact", "changed"),
    [
        ("ipv6", {"ipv6": False}),
        ("controllers", {"controllers": ("pids",)}),
        ("stack", {"current": None, "trees": {}, "containers": ()}),
        ("containers", {"containers": ()}),
        ("podman", {"packages": {}}),
    ],
)
def test_a_fact_of_the_stack_is_false_without_it(
    fact: str, changed: dict[str, object], bare: Snapshot
) -> None:
    assert FACTS[fact].holds(bare.model_copy(update=changed)) is False


def test_containers_that_podman_did_not_tell_of_may_be_there(bare: Snapshot) -> None:
    current = FileState(link="releases/1")
    untold = bare.model_copy(update={"containers": None, "current": current})
    assert FACTS["containers"].holds(untold) is True


def test_the_collector_is_asked_for_what_conditions_and_facts_need(settings: HostSettings) -> None:
    holds = (
        {"kind": "sysctl", "key": "kernel.a", "value": "1"},
        {"kind": "module", "name": "cramfs"},
        {"kind": "file", "path": "/etc/x", "mode": "0600"},
        {"kind": "unit", "name": "a.service", "enabled": True},
        {"kind": "config", "file": "systemd/journald.conf", "section": "A", "key": "b", "value": "c"},
        {"kind": "text", "path": "{stack_home}/y", "has": "a"},
        {"kind": "package", "name": "p", "present": True},
        {"kind": "apt", "key": "APT::A", "value": "1"},
        {"kind": "code", "name": "x", "asks": {"texts": ("/etc/z",)}},
    )
    assert ask([control(holds=holds)], settings, walks=True).as_question() == {
        "sysctl": ["kernel.a"],
        "modules": ["cramfs"],
        "files": [GPU, "/etc/x", NVIDIA_SMI],
        "units": ["a.service"],
        "config": ["systemd/journald.conf"],
        "texts": ["/etc/z", "/srv/garrison/y", CARDS],
        "apt": ["APT::A"],
        "removals": [],
        "walks": True,
    }


def test_nothing_is_a_host_of_which_nothing_is_known() -> None:
    assert host_facts().sshd == NOTHING["sshd"] == {}
