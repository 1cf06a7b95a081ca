"""Memory and processor time of each container here, as JSON. As root: ``python3 -I - UID [SECONDS] < memory.py``.

PSS counts a page that n processes share as 1/n of a page in each: the sum over all processes is what is used.
Processor time is that of the next SECONDS, none unless they are given. Whoever ends meanwhile (a health probe, most
often) has its whole time counted by the parent that waited for it, so a sum over processes misses nobody.
"""

import json
import os
import sys
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def pss(process: Path) -> int:
    """Bytes of one process; 0 when it has ended meanwhile."""
    try:
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def ticks(process: Path) -> int:
    """Processor time of one process and of the children it has waited for; 0 when it has ended meanwhile."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def processes(uid: int) -> dict[str, list[Path]]:
    """By pid namespace; ``helpers`` are the processes of user ``uid`` that are in the host's own."""
    found: dict[str, list[Path]] = {}
    own = str(Path("/proc/1/ns/pid").readlink())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            space = str((process / "ns" / "pid").readlink())
            owner = process.stat().st_uid
        except OSError:
            continue
        if space != own or owner == uid:
            found.setdefault("helpers" if space == own else space, []).append(process)
    return found


def spent(uid: int) -> dict[str, int]:
    """Ticks so far."""
    return {space: sum(map(ticks, members)) for space, members in processes(uid).items()}


def measure(uid: int, seconds: float) -> dict[str, dict[str, float]]:
    """Bytes, number of processes and seconds of processor time."""
    before = spent(uid)
    time.sleep(seconds)
    after = spent(uid)
    return {
        space: {
            "pss": sum(map(pss, members)),
            "processes": len(members),
            "cpu": (after.get(space, 0) - before.get(space, 0)) / TICKS,
        }
        for space, members in processes(uid).items()
    }


json.dump(measure(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0), sys.stdout)
