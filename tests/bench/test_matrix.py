"""The network matrix of the whole stack in one pass, beside the same attempts made one by one with ``podman exec``."""

import json
import shlex
import time
from collections.abc import Sequence
from itertools import islice
from statistics import mean

from garrison.catalog.loader import load_catalog
from garrison.evidence.asking import ask_pairs
from garrison.evidence.probes import Connection, Pairs
from garrison.plan.expect import PROJECT
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.compliance.live import LiveHost

SAMPLE = 24
AIM = 20
# What every image on Debian's base has: perl. 1.5 s is as long as knock waits.
_CONNECT = (
    'use IO::Socket::IP; IO::Socket::IP->new(PeerHost=>"{address}", PeerPort=>{port}, Timeout=>1.5) ? 1 : 0'
)
_ONE_BY_ONE = """\
import json, subprocess, sys, time
found = []
for words in json.load(sys.stdin):
    began = time.monotonic()
    subprocess.run(words, check=True, capture_output=True)
    found.append(time.monotonic() - began)
print(json.dumps(found))
"""


def test_the_matrix_is_twenty_times_faster_than_one_by_one(host: LiveHost, wanted: Wanted) -> None:
    """The slow side is a sample, spread over all attempts: the whole would take many minutes."""
    before = load_average()
    began = time.monotonic()
    pairs = ask_pairs(host.ask, wanted)
    fast = time.monotonic() - began
    _is_whole(pairs, wanted)
    attempts = _attempts(pairs)
    able = _with_perl(host, {one.source for one in attempts})
    seconds = _one_by_one(host, _spread([one for one in attempts if one.source in able], SAMPLE))
    whole = mean(seconds) * (len(attempts) + len(pairs.names))
    keep(_section(pairs, fast, seconds, whole, (before, load_average())))
    assert whole / fast >= AIM


def _is_whole(pairs: Pairs, wanted: Wanted) -> None:
    """Every service that the project has, each with every other one, in both families and by name."""
    services = load_catalog((PROJECT / "services",)).services
    assert wanted.catalog.services.keys() >= services.keys(), "deploy with every profile of the catalog"
    containers = {f"garrison-{name}" for name in wanted.catalog.services}
    assert {one.name for one in pairs.containers} == containers
    peers = [one for one in pairs.connections if one.kind == "peer"]
    both = {(one, other) for one in containers for other in containers if one != other}
    for family in (".", ":"):
        tried = {(one.source, one.to) for one in peers if family in one.address}
        assert both - tried == set(), f"pairs were not tried by addresses with {family!r}"
    asked = {(one.source, one.to) for one in pairs.names if one.to}
    assert both - asked == set(), "pairs were not tried by name"


def _attempts(pairs: Pairs) -> list[Connection]:
    return [one for one in pairs.connections if one.protocol == "tcp" and "%" not in one.address]


def _spread(attempts: Sequence[Connection], count: int) -> list[Connection]:
    """At most ``count`` of them, evenly spread."""
    return list(islice(attempts, 0, None, -(-len(attempts) // count)))


def _with_perl(host: LiveHost, containers: set[str]) -> set[str]:
    """Those in which an attempt can be made by ``podman exec``; an image of its makers' may have nothing but them."""
    lines = [
        f"{LIB}/as-stack podman exec {one} perl -MIO::Socket::IP -e 1 && echo {one}; true"
        for one in containers
    ]
    able = {said for line in lines for said in host.sh(line).split()}
    assert len(able) > len(containers) / 2, able
    return able


def _one_by_one(host: LiveHost, chosen: Sequence[Connection]) -> list[float]:
    """Seconds of each attempt on the host itself, without SSH's share."""
    lines = [
        [f"{LIB}/as-stack", "podman", "exec", one.source, "perl", "-e",
         _CONNECT.format(address=one.address, port=one.port)]
        for one in chosen
    ]  # fmt: skip
    answer = host.pipe(json.dumps(lines), f"python3 -I -c {shlex.quote(_ONE_BY_ONE)}")
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
