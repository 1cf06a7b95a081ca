"""Two services and a collector, each for real: one trace over all, and no harm where the collector is away."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from kit_collector import Collector, Seen, collecting
from prometheus_client.openmetrics.parser import text_string_to_metric_families

SUPPORT = Path(__file__).parent / "support"
KEY = {"X-API-Key": "gk_reader"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
# The pipeline is the same; only its pauses are shorter.
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Service:
    """A service in a process of its own."""

    def __init__(self, framework: str, folder: Path, clients: Path, *next_url: str, **environ: str) -> None:
        self.port = free_port()
        self.log = folder / f"{framework}.log"
        words = [sys.executable, str(SUPPORT / "kit_traced.py"), framework, str(self.port), str(clients)]
        given = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SUPPORT.parents[1] / "src"),
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*words, *next_url], env=given | environ, stdout=log, stderr=subprocess.STDOUT
            )
        self.client = httpx.Client(base_url=self.url, headers=KEY, trust_env=False, timeout=20)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.client.get("/health/live")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(self.log.read_text()[-2000:])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> float:
        """Tell it to stop; how many seconds that took."""
        began = time.monotonic()
        self.client.close()
        self.process.terminate()
        assert self.process.wait(30) == 0, self.log.read_text()[-2000:]
        return time.monotonic() - began


@contextmanager
def running(framework: str, folder: Path, clients: Path, *next_url: str, **environ: str) -> Iterator[Service]:
    service = Service(framework, folder, clients, *next_url, **environ)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()


def by_kind(spans: list[Seen], service: str, kind: str) -> Seen:
    (found,) = (span for span in spans if (span.service, span.kind, span.trace_id) == (service, kind, TRACE))
    return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


def test_one_trace_goes_through_both_services(
    collector: Collector, tmp_path: Path, clients_file: Path
) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **QUICK}
    with ExitStack() as stack:
        back = stack.enter_context(running("aiohttp", tmp_path, clients_file, **environ))
        front = stack.enter_context(running("fastapi", tmp_path, clients_file, back.url, **environ))
        answer = front.client.get("/jobs/3", headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"})
        assert answer.json() == '"done"'
        spans = collector.wait_for(lambda seen: sum(one.trace_id == TRACE for one in seen) == 5)
        for one in (front, back):
            one.stop()
        logged = [line for one in (front, back) for line in one.lines() if line.get("event") == "request"]
    server, call = by_kind(spans, "fastapi", "server"), by_kind(spans, "fastapi", "client")
    answered = by_kind(spans, "aiohttp", "server")
    assert (server.parent_id, server.name) == ("1" * 16, "GET /jobs/{number}")
    assert call.parent_id == by_kind(spans, "fastapi", "internal").span_id
    assert (answered.parent_id, answered.name) == (call.span_id, "GET /jobs/{number}")
    learned = {"http.response.status_code": 200, "garrison.client": "anna"}
    assert learned.items() <= answered.attributes.items()
    assert server.attributes["garrison.request_id"] == answered.attributes["garrison.request_id"]
    assert [line["trace_id"] for line in logged if line["path"].startswith("/jobs")] == [TRACE, TRACE]
    assert collector.paths == {"/v1/traces"}
    assert not [one for one in spans if "hush" in one.raw], "the query went into a span"
    assert not [one for one in spans if "health" in one.name], "probes are not worth a span"


def test_an_error_marks_its_span_by_class_and_says_no_more(
    collector: Collector, tmp_path: Path, clients_file: Path
) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **QUICK}
    with running("fastapi", tmp_path, clients_file, **environ) as service:
        assert service.client.get("/boom").status_code == 500
        (span,) = collector.wait_for(bool)
    assert (span.name, span.is_error, span.attributes["error.type"]) == ("GET /boom", True, "500")
    assert "secret" not in span.raw


@pytest.mark.parametrize(
    ("ratio", "flags", "count"),
    [("0", "01", 1), ("1", "00", 0), ("0", None, 0), ("1", None, 1), ("nonsense", None, 1)],
)
def test_the_caller_decides_and_else_the_ratio(
    collector: Collector, tmp_path: Path, clients_file: Path, ratio: str, flags: str | None, count: int
) -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER_ARG": ratio,
        **QUICK,
    }
    headers = {"traceparent": f"00-{TRACE}-{'1' * 16}-{flags}"} if flags else {}
    with running("aiohttp", tmp_path, clients_file, **environ) as service:
        service.client.get("/jobs/1", headers=headers)
        service.stop()
    assert sum(span.kind == "server" for span in collector.spans) == count


@pytest.mark.parametrize("flags", ["00", None])
def test_a_request_that_fails_is_kept_with_all_that_it_did_here(
    collector: Collector, tmp_path: Path, clients_file: Path, flags: str | None
) -> None:
    """The next service isn't there; neither the caller nor the ratio wants the trace."""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_SAMPLER_ARG": "0", **QUICK}
    headers = {"traceparent": f"00-{TRACE}-{'1' * 16}-{flags}"} if flags else {}
    away = f"http://127.0.0.1:{free_port()}"
    with running("fastapi", tmp_path, clients_file, away, **environ) as service:
        assert service.client.get("/jobs/1", headers=headers).status_code == 503
        service.stop()
        logged = [line for line in service.lines() if line.get("event") == "request"]
    assert sorted(span.kind for span in collector.spans) == ["client", "internal", "server"]
    assert {span.trace_id for span in collector.spans} == {logged[-1]["trace_id"]}
    server, call = (one for kind in ("server", "client") for one in collector.spans if one.kind == kind)
    (inner,) = (one for one in collector.spans if one.kind == "internal")
    assert (call.parent_id, inner.parent_id) == (inner.span_id, server.span_id)
    assert (server.is_error, call.is_error) == (True, True)


def test_what_a_client_asks_wrongly_is_no_error_to_keep(
    collector: Collector, tmp_path: Path, clients_file: Path
) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_SAMPLER_ARG": "0", **QUICK}
    with running("fastapi", tmp_path, clients_file, **environ) as service:
        assert service.client.get("/nowhere").status_code == 404
        assert service.client.get("/boom").status_code == 500
        service.stop()
    assert [span.name for span in collector.spans] == ["GET /boom"]


def test_the_latency_names_a_trace_that_is_kept_for_who_reads_openmetrics(
    collector: Collector, tmp_path: Path, clients_file: Path
) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_SAMPLER_ARG": "0", **QUICK}
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}
    with running("aiohttp", tmp_path, clients_file, **environ) as service:
        service.client.get("/jobs/1", headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"})
        service.client.get("/openapi.json")
        read = service.client.get("/metrics", headers=accept)
        plain = service.client.get("/metrics")
    assert read.headers["content-type"].startswith("application/openmetrics-text")
    examples = {
        (sample.labels["route"], sample.exemplar.labels["trace_id"])
        for family in text_string_to_metric_families(read.text)
        for sample in family.samples
        if sample.exemplar
    }
    assert examples == {("/jobs/{number}", TRACE)}
    assert plain.headers["content-type"].startswith("text/plain")
    assert TRACE not in plain.text


def count_lost(service: Service) -> float:
    """How many spans the service says it has lost."""
    name = "garrison_spans_lost_total "
    (found,) = (line for line in service.client.get("/metrics").text.splitlines() if line.startswith(name))
    return float(found.removeprefix(name))


def test_spans_that_never_arrive_are_counted(tmp_path: Path, clients_file: Path) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}", **QUICK}
    with running("aiohttp", tmp_path, clients_file, **environ) as service:
        service.client.get("/jobs/1")
        deadline = time.monotonic() + 30
        while (lost := count_lost(service)) < 2:  # the two may leave in a batch each
            assert time.monotonic() < deadline, lost
            time.sleep(0.1)
    assert lost == 2


def test_the_last_spans_arrive_though_the_service_is_stopped_at_once(
    collector: Collector, tmp_path: Path, clients_file: Path
) -> None:
    with running("aiohttp", tmp_path, clients_file, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as service:
        service.client.get("/jobs/1")
        assert service.stop() < 4
    assert len(collector.spans) == 2


@pytest.mark.parametrize("collector_is", ["absent", "silent"])
def test_without_its_collector_a_service_is_as_quick_and_nearly_as_quiet(
    tmp_path: Path, clients_file: Path, collector_is: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if collector_is == "silent" else free_port()
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", **QUICK}
        with running("aiohttp", tmp_path, clients_file, **environ) as service:
            slowest = 0.0
            for _ in range(1500):
                began = time.monotonic()
                assert service.client.get("/jobs/1").status_code == 200
                slowest = max(slowest, time.monotonic() - began)
            assert service.stop() < 6
    other = [line for line in service.lines() if line["event"] not in ("request", "breaker_changed")]
    assert slowest < 2
    assert len(other) <= 3, other
