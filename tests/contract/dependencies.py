"""A service and one thing that it needs: stopped, looked at from outside, and started again."""

import json
import re
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from garrison.plan.step import LIB
from tests.compliance.live import LiveHost
from tests.contract.first_party import FirstParty
from tests.contract.openapi import FITTING, Api
from tests.contract.said import Need

OPEN = 2.0
# Nobody waits longer than this; what is promised is compared with what was measured.
LONGEST = 180.0
# One answer of a busy machine takes longer than one of an idle one, and so does everything that is promised in seconds.
SLACK = 20

Seen = TypeVar("Seen")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A service and one of its needs, by the catalog."""

    service: FirstParty
    need: str

    def __str__(self) -> str:
        return f"{self.service.name}-{self.need}"

    @property
    def said(self) -> Need:
        """What the service's folder says about it."""
        return self.service.said.needs.get(self.need, Need())

    @property
    def expected(self) -> tuple[int, ...]:
        """The statuses of a call while the need is gone."""
        return (self.said.without.status,) if self.said.without else (503, 504)

    def ask(self, api: Api, client: httpx.Client) -> list[httpx.Response]:
        """The answers of the operation that the folder names, or of every one."""
        if self.said.ask is None:
            return [one.ask(client) for one in api.operations]
        (operation,) = [one for one in api.operations if str(one) == self.said.ask]
        return [operation.ask(client, FITTING if self.said.body is None else _unheard(self.said.body))]


@dataclass(frozen=True)
class Outage:
    """A container that doesn't run for a while."""

    host: LiveHost
    name: str

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """It is stopped while the block runs, and answers again afterwards, whatever happens."""
        self.host.podman("stop", "--time", "30", f"garrison-{self.name}")
        try:
            yield
        finally:
            self.host.podman("start", f"garrison-{self.name}")
            self.host.sh(f"{LIB}/gate {self.name} --deadline 300")


def readiness(client: httpx.Client, service: FirstParty) -> tuple[int, set[str]]:
    """The status of /health/ready, and what it says is missing."""
    answer = client.get(f"{service.prefix}/health/ready")
    return answer.status_code, set(answer.json().get("missing", ()))


def measure_floor(client: httpx.Client, service: FirstParty) -> float:
    """Seconds that an answer takes now, with everything well."""
    return statistics.median(seconds_of(lambda: readiness(client, service)) for _ in range(5))


def wait_until(look: Callable[[], Seen], is_good: Callable[[Seen], bool]) -> tuple[float, Seen]:
    """Seconds until what is seen is good, and what was seen last; the patience has an end."""
    began = time.monotonic()
    while True:
        seen = look()
        passed = time.monotonic() - began
        if is_good(seen) or passed > LONGEST:
            return passed, seen
        time.sleep(0.2)


def breakers(host: LiveHost, service: FirstParty) -> dict[str, float]:
    """The state of each breaker, by its dependency, read on the host's loopback."""
    text = host.sh(f"curl --silent --fail http://127.0.0.1:{service.loopback}/metrics")
    pattern = r'^garrison_breaker_state\{dependency="([^"]+)"\} (\S+)$'
    return {name: float(value) for name, value in re.findall(pattern, text, re.MULTILINE)}


def identity(host: LiveHost, service: FirstParty) -> str:
    """Which container it is, and since when it runs."""
    return host.podman("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", service.container)


def _unheard(body: dict[str, Any]) -> Any:
    """The body with something in place of NUMBER that nobody can have kept an answer to."""
    return json.loads(json.dumps(body).replace("NUMBER", secrets.token_hex(8)))


def seconds_of(action: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began
