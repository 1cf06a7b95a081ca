"""What the collector has to look at so that controls can be judged."""

from collections import defaultdict
from collections.abc import Iterable

from garrison.controls.applies import CARDS, GPU, NVIDIA_SMI
from garrison.controls.conditions import Apt, Code, Condition, Config, File, Module, Sysctl, TextFile, Unit
from garrison.controls.model import Control
from garrison.controls.places import fill
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostWant


def ask(controls: Iterable[Control], settings: HostSettings, *, walks: bool = False) -> HostWant:
    """``want["host"]`` for these controls. What isn't a key there (sshd, mounts, packages …) is always told.

    ``settings`` say where on this host a path such as ``{stack_home}/x`` is. ``walks``: whether whole file systems
    may be walked, for the conditions that need it.
    """
    asked: dict[str, set[str]] = defaultdict(set, files={GPU, NVIDIA_SMI}, texts={CARDS})
    for condition in (each for control in controls for each in control.holds):
        for key, thing in _of(condition):
            asked[key].add(fill(thing, settings))
    return HostWant.model_validate({**asked, "walks": walks})


def _of(condition: Condition) -> Iterable[tuple[str, str]]:
    match condition:
        case Apt():
            return [("apt", condition.key)]
        case Sysctl():
            return [("sysctl", condition.key)]
        case Module():
            return [("modules", condition.name)]
        case File():
            return [("files", condition.path)]
        case Unit():
            return [("units", condition.name)]
        case Config():
            return [("config", condition.file)]
        case TextFile():
            return [("texts", condition.path)]
        case Code():
            return [(key, thing) for key, things in condition.asks.items() for thing in things]
        case _:
            return []
