"""The network matrix in one pass, beside the same attempts made one by one with ``podman exec``, in one run."""

import json
import time
from itertools import islice
from statistics import mean

import pytest

from garrison.evidence.look import ask_pairs
from garrison.evidence.probes import Connection, Pairs
from garrison.plan.step import LIB
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.walls.conftest import site
from tests.walls.site import Site

__all__ = ["site"]
pytestmark = pytest.mark.live

SAMPLE = 12
AIM = 20
# What the small services' image has: perl. 1.5 s is as long as knock waits.
_CONNECT = (
    'use IO::Socket::IP; IO::Socket::IP->new(PeerHost=>"{address}", PeerPort=>{port}, Timeout=>1.5) ? 1 : 0'
)


def test_the_matrix_is_twenty_times_faster_than_one_by_one(site: Site) -> None:
    """The slow side is a sample, spread over all attempts: the whole would take many minutes."""
    before = load_average()
    _, wanted = site.look()
    began = time.monotonic()
    pairs = ask_pairs(site.ask, wanted)
    fast = time.monotonic() - began
    attempts = [one for one in pairs.connections if one.protocol == "tcp" and "%" not in one.address]
    chosen = list(islice(attempts, 0, None, max(1, len(attempts) // SAMPLE)))
    seconds = _one_by_one(site, chosen)
    whole = mean(seconds) * (len(attempts) + len(pairs.names))
    keep(_section(pairs, fast, seconds, whole, (before, load_average())))
    assert whole / fast >= AIM


def _one_by_one(site: Site, chosen: list[Connection]) -> list[float]:
    """Seconds of each attempt on the host itself, without SSH's share."""
    lines = [
        [f"{LIB}/as-stack", "podman", "exec", one.source, "perl", "-e",
         _CONNECT.format(address=one.address, port=one.port)]
        for one in chosen
    ]  # fmt: skip
    program = (
        "import json,subprocess,sys,time\nfound=[]\n"
        "for words in json.load(sys.stdin):\n"
        "    began=time.monotonic(); subprocess.run(words, check=True, capture_output=True)\n"
        "    found.append(time.monotonic()-began)\nprint(json.dumps(found))"
    )
    answer = site.machine.sh(f"python3 -I -c '{program}'", stdin=json.dumps(lines))
    return [float(one) for one in json.loads(answer)]


def _section(
    pairs: Pairs, fast: float, seconds: list[float], whole: float, load: tuple[float, float]
) -> Section:
    count = len(pairs.connections) + len(pairs.names)
    rows = (
        Row(what="try-pairs, all of it, over SSH", figures={"attempts": count, "seconds": round(fast, 2)}),
        Row(what=f"podman exec one by one, from a sample of {len(seconds)}",
            figures={"attempts": count, "seconds": round(whole, 1)}),
    )  # fmt: skip
    outcome = Outcome(
        what="The matrix in one pass beside pair by pair",
        measured=f"{whole / fast:.0f} times faster",
        aim=f"≥ {AIM}",
    )
    method = (
        f"{len(pairs.containers)} containers; every address of both families, names, gateways and the host's ports. "
        "The slow side is extrapolated from a sample of its attempts, and counts none for link-local addresses."
    )
    return Section(id="matrix", method=method, rows=rows, outcomes=(outcome,), load=load)
