"""A hardened host as it was recorded, made a full machine: what its kernel would say is as the controls want it."""

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from garrison.controls.conditions import Audit, Module, Sysctl
from garrison.controls.model import Control
from garrison.snapshot.model import Snapshot

SNAPSHOTS = Path(__file__).parents[2] / "fixtures" / "snapshots"
Document = dict[str, Any]


def whole_document(controls: Iterable[Control]) -> Document:
    """The document of that host; every list in it may be changed."""
    document: Document = json.loads((SNAPSHOTS / "hardened.json").read_text(encoding="utf-8"))
    patch = yaml.safe_load((SNAPSHOTS / "whole.yaml").read_text(encoding="utf-8"))
    host = document["host"] = lay_over(document["host"], patch)
    document["controllers"] = document["account"]["controllers"] = ["cpu", "cpuset", "io", "memory", "pids"]
    conditions = [each for control in controls for each in control.holds]
    rules = [each.rule for each in conditions if isinstance(each, Audit)]
    host["audit"] = {"enabled": 2, "rules": list(dict.fromkeys(rules))}
    for each in conditions:
        if isinstance(each, Sysctl):
            host["sysctl"][each.key] = each.value
        elif isinstance(each, Module):
            host["modules"][each.name] = {"loaded": False, "loadable": False}
    return document


def patched(document: Document, patch: Document) -> Snapshot:
    """The same host with ``patch`` laid over what it tells of itself."""
    return Snapshot.parse({**document, "host": lay_over(document["host"], patch)})


def lay_over(below: Document, patch: Document) -> Document:
    """Mappings are merged; of a list, ``key+`` adds and ``key-`` takes away; everything else is replaced."""
    merged = copy.deepcopy(below)
    for key, value in patch.items():
        name, known = key.rstrip("+-"), merged.get(key.rstrip("+-"))
        if key.endswith("-"):
            assert set(value) <= set(known), f"{name} has no such thing: {value}"
            merged[name] = [one for one in known if one not in value]
        elif key.endswith("+"):
            merged[name] = [*known, *value]
        else:
            both = isinstance(known, dict) and isinstance(value, dict)
            merged[key] = lay_over(known, value) if both else value
    return merged
