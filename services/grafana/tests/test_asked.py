"""What is asked through it reaches Prometheus and Jaeger, and what it says of itself can be read."""

import json
import socket
import struct
from pathlib import Path

from grafana_process import Client, Site, answering
from prometheus_client.parser import text_string_to_metric_families

PROXY = "/api/datasources/proxy/uid/prometheus/api/v1"


def test_a_question_reaches_prometheus(grafana: Client) -> None:
    assert grafana.get(f"{PROXY}/query?query=1%2B1").json()["data"]["result"][1] == "2"
    assert grafana.post(f"{PROXY}/query_range", query="1+1", step="15").json()["status"] == "success"


def test_by_its_number_too(grafana: Client) -> None:
    assert grafana.get("/api/datasources/proxy/1/api/v1/query?query=1").status_code == 200


def test_what_prometheus_refuses_comes_back_as_it_is(grafana: Client) -> None:
    answer = grafana.get(f"{PROXY}/labels")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad data")


def test_a_source_that_is_not_there_is_told(grafana: Client) -> None:
    assert grafana.get("/api/datasources/proxy/uid/loki/api").status_code == 404
    assert grafana.get("/api/datasources/uid/loki/health").status_code == 404


def test_a_source_that_answers_is_well(grafana: Client) -> None:
    assert grafana.get("/api/datasources/uid/prometheus/health").json()["status"] == "OK"


def test_a_question_reaches_jaeger(grafana: Client) -> None:
    answer = grafana.get("/api/datasources/proxy/uid/jaeger/api/services")
    assert (answer.status_code, answer.json()["data"]) == (200, ["aidb"])
    assert grafana.get("/api/datasources/uid/jaeger/health").json()["status"] == "OK"


def test_a_jaeger_that_is_away_or_is_none_is_not_well(tmp_path: Path, prometheus: str) -> None:
    for name, url, said in (("away", "http://127.0.0.1:1", "refused"), ("other", prometheus, "bad data")):
        with Site(tmp_path / name, prometheus, url).running() as client:
            answer = client.get("/api/datasources/uid/jaeger/health")
            assert (answer.status_code, answer.json()["status"]) == (400, "ERROR")
            assert said in answer.json()["message"]
            assert client.get("/api/datasources/uid/prometheus/health").status_code == 200


def test_who_answers_otherwise_than_jaeger_is_not_well(tmp_path: Path) -> None:
    with (
        answering({"/api/services": {"services": []}}) as url,
        Site(tmp_path, jaeger=url).running() as client,
    ):
        assert client.get("/api/datasources/uid/jaeger/health").json()["message"] == "it names no services"


def test_a_source_of_another_kind_is_none_that_it_could_ask(site: Site) -> None:
    site.sources.write_text(site.sources.read_text().replace("type: jaeger", "type: loki"))
    with site.running() as client:
        assert (
            client.get("/api/datasources/uid/jaeger/health").json()["message"] == "the stand-in asks no loki"
        )


def test_a_source_that_is_away_is_not(tmp_path: Path) -> None:
    with Site(tmp_path).running() as client:
        answer = client.get("/api/datasources/uid/prometheus/health")
        assert (answer.status_code, answer.json()["status"]) == (400, "ERROR")
        assert "refused" in answer.json()["message"]
        assert client.get(f"{PROXY}/query").status_code == 502


def test_it_names_itself_a_stand_in(grafana: Client) -> None:
    assert "stand-in" in grafana.get("/login", None).text
    assert grafana.get("/api/health", None).json()["commit"] == "stand-in"
    assert "stand-in" in grafana.get("/api/health", None).headers["Server"]


def test_what_grafana_serves_and_this_does_not_is_said_plainly(grafana: Client) -> None:
    for answer in (grafana.get("/api/alerts"), grafana.post("/api/dashboards/db")):
        assert answer.status_code == 501
        assert "doesn't serve" in answer.json()["message"]


def test_its_metrics_are_ones_that_prometheus_reads(grafana: Client) -> None:
    text = grafana.get("/metrics", None).text
    found = {one.name: one.samples[0].value for one in text_string_to_metric_families(text)}
    assert found["grafana_stat_totals_dashboard"] == len(grafana.get("/api/search").json())
    assert 5e6 < found["process_resident_memory_bytes"] < 60e6


def test_a_body_without_a_length_or_a_long_one_is_refused(grafana: Client) -> None:
    def parts() -> object:
        yield b"x"

    answer = grafana.http.post(f"{PROXY}/query", content=parts())  # type: ignore[arg-type]
    assert answer.status_code == 413


def test_its_log_is_one_json_object_a_line(site: Site) -> None:
    with site.running() as client:
        client.get("/api/search")
        client.get("/api/health", None)
    lines = [json.loads(line) for line in client.log.splitlines()]
    assert {"t", "level", "logger", "msg"} <= lines[0].keys()
    assert [line["path"] for line in lines if "path" in line] == ["/api/search"]


def test_a_client_that_goes_away_is_one_line_too(site: Site) -> None:
    with site.running() as client:
        with socket.create_connection(("127.0.0.1", site.port)) as gone:
            # Closed so, it is reset while the next request is waited for.
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert gone.recv(12) == b"HTTP/1.1 200"
        client.get("/api/search")
    lines = [json.loads(line) for line in client.log.splitlines()]
    assert "a client went away" in [line["msg"] for line in lines]
