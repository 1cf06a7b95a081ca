"""Latencies as rows of a table."""

from statistics import median, quantiles

from tests.bench.report import Figures, Row


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20)[18]


def times_row(what: str, seconds: list[float]) -> Row:
    """Minimum, median and 95th percentile in milliseconds."""
    in_ms = [1000 * one for one in seconds]
    figures: Figures = {"requests": len(in_ms), "min ms": min(in_ms), "p50 ms": median(in_ms)}
    return Row(what=what, figures={**figures, "p95 ms": p95(in_ms)})
