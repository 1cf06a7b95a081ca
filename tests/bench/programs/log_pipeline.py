"""Has a container log at a steady pace and counts what the journal kept, as JSON: ``python3 -I - QUESTION``, as root.

QUESTION: {"lib": FOLDER, "image": IMAGE, "writer": PROGRAM, "rate": LINES A SECOND, "seconds": SECONDS}.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any

NAME = "garrison-bench-log"
# What journald does where its configuration says nothing.
DEFAULTS = {"RateLimitIntervalSec": "30s", "RateLimitBurst": "10000"}
PATIENCE = 120
Record = dict[str, Any]
_LINE, _LAST = re.compile(r"line (\d+) .* end"), re.compile(r"wrote (\d+) in ([\d.]+)")


def laid_down(lib: str, name: str) -> ModuleType:
    """A module of the host's own programs."""
    sys.dont_write_bytecode = True
    loader = SourceFileLoader(name, f"{lib}/{name}")
    spec = spec_from_loader(name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def count(entries: Iterable[Record]) -> Record:
    """How many lines are there whole, once each; what the writer said at its end, and the unit that journald saw."""
    kept: set[int] = set()
    found: Record = {"written": None}
    for entry in entries:
        said = str(entry.get("MESSAGE")).rstrip("\n")  # conmon leaves it there
        if line := _LINE.fullmatch(said):
            kept.add(int(line[1]))
        elif last := _LAST.fullmatch(said):
            found |= {"written": int(last[1]), "took": float(last[2]), "unit": entry["_SYSTEMD_UNIT"]}
    return found | {"kept": len(kept)}


def limit(configuration: str) -> Record:
    """Lines of a unit that are let through in how many seconds; no lines where nothing is limited."""
    said = dict(DEFAULTS)
    for line in configuration.splitlines():
        key, found, value = line.strip().partition("=")
        if found and key in said:
            said[key] = value.strip() or DEFAULTS[key]
    told = run("systemd-analyze", "timespan", said["RateLimitIntervalSec"])
    seconds = int(re.search(r"s: (\d+)", told)[1]) / 1e6  # type: ignore[index] # it always says so
    burst = int(said["RateLimitBurst"])
    return {"seconds": seconds, "lines": burst} if seconds and burst else {"seconds": 0.0, "lines": 0}


def run(*words: str) -> str:
    """What a command prints; ends the program with its words when it fails."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words[:4])}: {done.stderr[-800:]}")
    return done.stdout


def write(question: Record, pause: float) -> None:
    """Run the writer in a container of the stack's own engine, to its end, with no more than it needs."""
    podman = (f"{question['lib']}/as-stack", "podman")
    confined = ("--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")
    logged = ("--log-driver=journald", f"--log-opt=tag={NAME}", "--entrypoint=python3")
    said = ("-I", "-c", question["writer"], str(question["rate"]), str(question["seconds"]), str(pause))
    run(*podman, "rm", "--force", "--ignore", NAME)
    try:
        run(*podman, "run", "--detach", f"--name={NAME}", *confined, *logged, question["image"], *said)
        run(*podman, "wait", NAME)
    finally:
        run(*podman, "rm", "--force", "--ignore", NAME)


def measure(question: Record) -> Record:
    """Everything, once the journal has the writer's last line."""
    limited = limit(run("systemd-analyze", "cat-config", "systemd/journald.conf"))
    journal = laid_down(question["lib"], "journal")
    since = f"--since=@{int(time.time())}"
    write(question, pause=limited["seconds"] + 1)
    end = time.monotonic() + PATIENCE
    lines = (since, f"CONTAINER_NAME={NAME}")
    while (found := count(journal.entries(*lines, fields="MESSAGE,_SYSTEMD_UNIT")))["written"] is None:
        if time.monotonic() > end:
            sys.exit("the writer's last line never came to the journal")
        time.sleep(2)
    told = journal.kept_out(journal.suppressed(since))
    dropped = sum(lines for unit, lines in told if unit == found["unit"])
    return found | {"dropped": dropped, "limit": limited}


if __name__ == "__main__":
    json.dump(measure(json.loads(sys.argv[1])), sys.stdout)
