"""The door's nginx with everything on beside the same nginx that only ends TLS: requests and new handshakes."""

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.bench.host_programs import run_on
from tests.bench.report import Outcome, Row, Section, keep, load_average
from tests.bench.rounds import ROUNDS
from tests.compliance.live import LiveHost

SERVICE, PATH = "embeddings", "info"
REQUESTS, SECONDS = 1000, 2
AIMS = {"requests": 0.85, "handshakes": 0.9}
ASKED = {"requests": "requests, kept alive", "handshakes": "new handshakes"}
SAID = {"plain": "nginx, TLS alone", "door": "with the door's whole configuration"}
Found = dict[str, dict[str, list[dict[str, float]]]]


@pytest.fixture
def tools(host: LiveHost) -> Iterator[None]:
    """The load generator, on the host for the time of the measurement."""
    host.sh(
        "env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nghttp2-client"
    )
    yield
    host.sh("env DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq --autoremove nghttp2-client")


@pytest.mark.usefixtures("tools")
def test_the_door_does_at_least_half_of_what_plain_tls_does(host: LiveHost, wanted: Wanted) -> None:
    service = wanted.catalog.services[SERVICE]
    assert service.route
    question: dict[str, Any] = {
        "lib": LIB,
        "name": wanted.settings.server_names[0],
        "service": SERVICE,
        "port": service.listen[service.route.port],
        "path": f"{service.route.path}{PATH}",
        "rounds": ROUNDS,
        "requests": REQUESTS,
        "seconds": SECONDS,
    }
    before = load_average()
    found: Found = run_on(host, "door_speed", json.dumps(question))
    keep(
        Section(
            id="door-speed",
            method=(
                f"{ROUNDS} rounds in turns: GET by h2load over HTTP/1.1, {REQUESTS} on 8 connections; `openssl s_time "
                f"-new`, twice at once for {SECONDS} s. Two containers of the door's image with two workers each on "
                "one core, the same certificates and the same upstream; load and upstream on the other core. Limits "
                "are on, and too high to be met."
            ),
            rows=tuple(
                _row(f"{what}: {SAID[side]}", found[kind][side])
                for kind, what in ASKED.items()
                for side in SAID
            ),
            outcomes=tuple(_outcome(kind, found) for kind in ASKED),
            load=(before, load_average()),
        )
    )
    assert _ratio("requests", "cpu", found) >= 0.5
    assert _ratio("handshakes", "cpu", found) >= 0.5


def _ratio(kind: str, figure: str, found: Found) -> float:
    """Door to plain, by the medians of each round's ratio: both sides of a round met the same machine."""
    pairs = zip(found[kind]["plain"], found[kind]["door"], strict=True)
    if figure == "cpu":
        return median(plain["cpu"] / door["cpu"] for plain, door in pairs)
    return median(door["rate"] / plain["rate"] for plain, door in pairs)


def _outcome(kind: str, found: Found) -> Outcome:
    best = min(one["cpu"] for one in found[kind]["plain"]) / min(one["cpu"] for one in found[kind]["door"])
    cpu = f"by processor time: {_ratio(kind, 'cpu', found):.2f}, best {best:.2f}"
    measured = f"{_ratio(kind, 'rate', found):.2f} ({cpu})"
    return Outcome(what=f"door / plain, {ASKED[kind]}", measured=measured, aim=f"at least {AIMS[kind]}")


def _row(what: str, rounds: list[dict[str, float]]) -> Row:
    rates = [one["rate"] for one in rounds]
    spent = [1e6 * one["cpu"] for one in rounds]
    figures = {"rounds": len(rates), "best a second": max(rates), "median a second": median(rates)}
    return Row(what=what, figures={**figures, "CPU µs min": min(spent), "CPU µs median": median(spent)})
