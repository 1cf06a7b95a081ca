"""Memory of each container on this host, as JSON. Runs there as root: ``python3 -I - UID < memory.py``.

PSS counts a page that n processes share as 1/n of a page in each: the sum over all processes is what is used.
"""

import json
import sys
from pathlib import Path


def pss(process: Path) -> int:
    """Bytes of one process; 0 when it has ended meanwhile."""
    try:
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def containers(uid: int) -> dict[str, dict[str, int]]:
    """By pid namespace; ``helpers`` are the processes of user ``uid`` that are in the host's own."""
    found: dict[str, dict[str, int]] = {}
    own = str(Path("/proc/1/ns/pid").readlink())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            space = str((process / "ns" / "pid").readlink())
            owner = process.stat().st_uid
        except OSError:
            continue
        if space == own and owner != uid:
            continue
        entry = found.setdefault("helpers" if space == own else space, {"pss": 0, "processes": 0})
        entry["pss"] += pss(process)
        entry["processes"] += 1
    return found


json.dump(containers(int(sys.argv[1])), sys.stdout)
