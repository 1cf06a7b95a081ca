"""Records a hardened host for the tests without one: ``python -m tests.controls.record HOST``.

HOST is ``vm``, the full machine, whose kernel tells most; or a host of the lab.
"""

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from garrison.controls.load import load_controls
from garrison.evidence.look import ask_snapshot
from tests.controls.hardened import connected
from tests.faults.machine import ROOT, Machine
from tests.faults.runs import Workplace
from tests.vm.host import VmHost
from tests.vm.machine import SLOW_S

FILE = ROOT / "tests" / "fixtures" / "snapshots" / "hardened.json"


def neutral(document: dict[str, Any]) -> dict[str, Any]:
    """Without where this lab gets its packages from."""
    texts = document["host"]["texts"]
    for path, text in texts.items():
        if path.startswith("/etc/apt/sources") and text:
            texts[path] = re.sub(r"https?://[^\s/]+\S*", "https://packages.example/debian", text)
    apt = document["host"]["apt"]
    document["host"]["apt"] = {key: values for key, values in apt.items() if "://" not in str(values)}
    return document


def main(name: str) -> None:
    """Deploy HOST at the strictest level, look at it with walks, and write what was seen."""
    with TemporaryDirectory() as folder:
        place = Workplace(Path(folder), longest=4 * SLOW_S)
        machine = VmHost() if name == "vm" else Machine(name)
        with connected(machine, place, load_controls()) as host:
            run = host.deploy()
            if run.code:
                sys.exit(run.said)
            snapshot = ask_snapshot(host.ask, host.settings, walks=True)
    FILE.write_text(json.dumps(neutral(snapshot.raw), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
