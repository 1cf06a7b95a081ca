"""Shows the breakers of a process on its /metrics: their states, failures and refusals."""

import threading
import weakref
from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector


class Shown(Protocol):
    """What is read of a breaker."""

    name: str
    failed: int
    rejected: int

    @property
    def state(self) -> int: ...


class _Breakers(Collector):
    """A collector of its own: breakers are made before the registry is, and several may share one name."""

    def __init__(self) -> None:
        self._shown: weakref.WeakSet[Shown] = weakref.WeakSet()
        self._lock = threading.Lock()

    def add(self, breaker: Shown) -> None:
        with self._lock:
            self._shown.add(breaker)

    def describe(self) -> Iterator[Metric]:
        return iter(self._families())

    def collect(self) -> Iterator[Metric]:
        state, failed, rejected = families = self._families()
        with self._lock:
            breakers = list(self._shown)
        for name in sorted({breaker.name for breaker in breakers}):
            same = [breaker for breaker in breakers if breaker.name == name]
            state.add_metric((name,), max(breaker.state for breaker in same))
            failed.add_metric((name,), sum(breaker.failed for breaker in same))
            rejected.add_metric((name,), sum(breaker.rejected for breaker in same))
        return iter(families)

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, CounterMetricFamily, CounterMetricFamily]:
        label = ("dependency",)
        return (
            GaugeMetricFamily("garrison_breaker_state", "0 closed, 1 half-open, 2 open", labels=label),
            CounterMetricFamily("garrison_breaker_failures", "Calls that failed", labels=label),
            CounterMetricFamily("garrison_breaker_rejections", "Calls refused while open", labels=label),
        )


_process = _Breakers()
_own: weakref.WeakKeyDictionary[CollectorRegistry, _Breakers] = weakref.WeakKeyDictionary()


def show(breaker: Shown, registry: CollectorRegistry | None) -> None:
    """Show ``breaker`` in ``registry``, or in every registry that was given to ``expose``."""
    if registry is None:
        _process.add(breaker)
        return
    if registry not in _own:
        _own[registry] = _Breakers()
        registry.register(_own[registry])
    _own[registry].add(breaker)


def expose(registry: CollectorRegistry) -> None:
    """Have ``registry`` show the breakers that were made without a registry."""
    registry.register(_process)
