"""Requests are counted many at a time, and come out as if each had been counted by itself."""

import pytest
from garrison_kit.metrics import Answered, Metrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("demo", "1.0")


def samples(metrics: Metrics, name: str) -> list[Sample]:
    text = metrics.render("application/openmetrics-text")[0].decode()
    return [
        one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name
    ]


def test_each_is_counted_by_its_labels_and_its_client(metrics: Metrics) -> None:
    one = Answered("GET", "/a", 200, 0.001, client="anna")
    metrics.count([one, one._replace(status=404), one, one._replace(client=""), one._replace(route=None)])
    metrics.count([one, one._replace(client="bert"), one._replace(method="BREW")])
    counted = {tuple(each.labels.values()): each.value for each in samples(metrics, "http_requests_total")}
    assert counted == {
        ("GET", "/a", "200"): 5,
        ("GET", "/a", "404"): 1,
        ("GET", "unmatched", "200"): 1,
        ("other", "/a", "200"): 1,
    }
    clients = samples(metrics, "garrison_client_requests_total")
    assert {each.labels["client"]: each.value for each in clients} == {"anna": 6, "bert": 1}


def test_the_time_of_each_is_in_its_bucket(metrics: Metrics) -> None:
    metrics.count([Answered("GET", "/a", 200, seconds) for seconds in (0.001, 0.005, 0.006, 2.0, 99.0)])
    buckets = samples(metrics, "http_request_duration_seconds_bucket")
    found = {each.labels["le"]: each.value for each in buckets}
    assert (found["0.005"], found["0.01"], found["1.0"], found["2.5"], found["+Inf"]) == (2, 3, 3, 4, 5)
    assert samples(metrics, "http_request_duration_seconds_sum")[0].value == pytest.approx(101.012)


def test_each_bucket_shows_the_latest_of_its_traces_that_are_kept(metrics: Metrics) -> None:
    told = [(0.001, "1"), (0.002, "2"), (0.003, None), (0.02, "3"), (99.0, "4"), (0.005, "5"), (0.02, None)]
    metrics.count([Answered("GET", "/a", 200, seconds, trace_id=trace) for seconds, trace in told])
    buckets = samples(metrics, "http_request_duration_seconds_bucket")
    shown = {each.labels["le"]: each.exemplar for each in buckets if each.exemplar}
    assert {bound: each.labels["trace_id"] for bound, each in shown.items()} == {
        "0.005": "5",
        "0.025": "3",
        "+Inf": "4",
    }
    assert shown["0.005"].value == 0.005
