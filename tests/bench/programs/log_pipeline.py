"""Has a container log at a steady pace and counts what the journal kept, as JSON: ``python3 -I - QUESTION``, as root.

QUESTION: {"lib": FOLDER, "image": IMAGE, "writer": PROGRAM, "rate": LINES A SECOND, "seconds": SECONDS}.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

NAME = "garrison-bench-log"
# journald's own message about messages that a unit's limit kept out: SD_MESSAGE_JOURNAL_DROPPED.
SUPPRESSED = "a596d6fe7bfa4994828e72309e95d61e"
# What journald does where its configuration says nothing.
DEFAULTS = {"RateLimitIntervalSec": "30s", "RateLimitBurst": "10000"}
PATIENCE = 120
Record = dict[str, Any]
_LINE, _LAST = re.compile(r"line (\d+) .* end"), re.compile(r"wrote (\d+) in ([\d.]+)")
_TOLD = re.compile(r"Suppressed (\d+) messages from (\S+)")


def count(entries: Iterable[Record]) -> Record:
    """How many lines are there whole, once each; what the writer said at its end, and the unit that journald saw."""
    kept: set[int] = set()
    found: Record = {"written": None}
    for entry in entries:
        said = str(entry.get("MESSAGE"))
        if line := _LINE.fullmatch(said):
            kept.add(int(line[1]))
        elif last := _LAST.fullmatch(said):
            found |= {"written": int(last[1]), "took": float(last[2]), "unit": entry["_SYSTEMD_UNIT"]}
    return found | {"kept": len(kept)}


def dropped(entries: Iterable[Record], unit: str) -> int:
    """How many messages of ``unit`` journald says that it has kept out."""
    told = (_TOLD.match(str(entry["MESSAGE"])) for entry in entries)
    return sum(int(one[1]) for one in told if one and one[2] == unit)


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


def journal(since: float, *matches: str) -> Iterator[Record]:
    """The entries since then, one after the other: they may be a million."""
    words = ["journalctl", "--quiet", "--no-pager", "--output=json", f"--since=@{int(since)}"]
    words += ["--output-fields=MESSAGE,_SYSTEMD_UNIT", *matches]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield from map(json.loads, process.stdout)


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
    limited, began = limit(run("systemd-analyze", "cat-config", "systemd/journald.conf")), time.time()
    write(question, pause=limited["seconds"] + 1)
    end = time.monotonic() + PATIENCE
    while (found := count(journal(began, f"CONTAINER_NAME={NAME}")))["written"] is None:
        if time.monotonic() > end:
            sys.exit("the writer's last line never came to the journal")
        time.sleep(2)
    told = dropped(journal(began, f"MESSAGE_ID={SUPPRESSED}"), found["unit"])
    return found | {"dropped": told, "limit": limited}


if __name__ == "__main__":
    json.dump(measure(json.loads(sys.argv[1])), sys.stdout)
