"""The service as a process, over HTTP, with the real model."""

import base64
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from .conftest import AS_READER, SERVICE_KEY, Running, environment, running

JSON = {**AS_READER, "Content-Type": "application/json"}


def endless() -> Iterator[bytes]:
    for _ in range(48):
        yield b" " * 65536


# name: (path, body, wanted status)
REFUSALS = {
    "no JSON": ("/embed", b"inputs", 400),
    "invalid UTF-8": ("/embed", b'{"inputs": "\xff"}', 400),
    "lone surrogate": ("/embed", b'{"inputs": "\\ud800"}', 422),
    "nested too deeply": ("/embed", b"[" * 100_000, 400),
    "empty body": ("/embed", b"", (400, 415)),
    "no inputs": ("/embed", b"{}", 422),
    "empty list": ("/embed", b'{"inputs": []}', 422),
    "empty text": ("/embed", b'{"inputs": ["a", ""]}', 422),
    "number": ("/embed", b'{"inputs": 7}', 422),
    "list in a list": ("/embed", b'{"inputs": [["a"]]}', 422),
    "null": ("/embed", b"null", 422),
    "NUL": ("/embed", b'{"inputs": "a\\u0000"}', 422),
    "misspelt field": ("/embed", b'{"inputs": "a", "truncat": true}', 422),
    "truncate as text": ("/embed", b'{"inputs": "a", "truncate": "yes"}', 422),
    "too many": ("/embed", json.dumps({"inputs": ["a"] * 257}).encode(), 422),
    "too many characters": ("/embed", json.dumps({"inputs": "a" * 10_001}).encode(), 422),
    "too many tokens": ("/embed", json.dumps({"inputs": "a " * 300, "truncate": False}).encode(), 422),
    "too large": ("/embed", b" " * 2_097_153, 413),
    "too large in chunks": ("/embed", "endless", 413),
    "token ids": ("/v1/embeddings", b'{"input": [1, 2, 3]}', 422),
    "other model": ("/v1/embeddings", b'{"input": "a", "model": "text-embedding-3-small"}', 404),
    "other size": ("/v1/embeddings", b'{"input": "a", "dimensions": 256}', 422),
    "other encoding": ("/v1/embeddings", b'{"input": "a", "encoding_format": "hex"}', 422),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_gets_a_problem_document(service: Running, case: str) -> None:
    path, body, wanted = REFUSALS[case]
    answer = service.client.post(path, headers=JSON, content=endless() if body == "endless" else body)
    assert answer.status_code in (wanted if isinstance(wanted, tuple) else (wanted,)), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"title", "detail", "error_id", "request_id"} <= answer.json().keys()


BROKEN_HTTP = {
    "no HTTP": (b"GARBAGE\r\n\r\n", b"400"),
    "broken chunk": (
        b"POST /embed HTTP/1.1\r\nHost: x\r\nX-API-Key: gk_reader\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"400",
    ),
    "endless header": (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
    "endless line": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"414"),
}


@pytest.mark.parametrize("case", BROKEN_HTTP)
def test_broken_http_gets_a_problem_document_too(service: Running, case: str) -> None:
    raw, status = BROKEN_HTTP[case]
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(raw)
        reader = connection.makefile("rb")
        assert reader.readline().split()[1] == status
        assert any(b"application/problem+json" in line for line in iter(reader.readline, b"\r\n"))


def test_one_text_and_a_list_get_a_bare_list_of_vectors(service: Running) -> None:
    one = service.client.post("/embed", headers=AS_READER, json={"inputs": "hello"}).json()
    two = service.client.post("/embed", headers=AS_READER, json={"inputs": ["hello", "world"]}).json()
    assert (len(one), len(two), len(one[0])) == (1, 2, 384)
    assert one[0] == pytest.approx(two[0], abs=2e-6)


def test_openai_floats_and_base64_are_the_same_vectors_with_real_usage(service: Running) -> None:
    texts = ["This is an example sentence", "world"]
    floats = service.client.post("/v1/embeddings", headers=AS_READER, json={"input": texts}).json()
    body = {"input": texts, "encoding_format": "base64", "model": "all-MiniLM-L6-v2"}
    packed = service.client.post("/v1/embeddings", headers=AS_READER, json=body).json()
    assert floats["usage"] == {"prompt_tokens": 7 + 3, "total_tokens": 7 + 3}
    assert [item["index"] for item in floats["data"]] == [0, 1]
    for plain, coded in zip(floats["data"], packed["data"], strict=True):
        vector = np.frombuffer(base64.b64decode(coded["embedding"]), dtype="<f4")
        assert vector == pytest.approx(plain["embedding"], abs=2e-6)


def test_info_tells_what_a_caller_must_know(service: Running) -> None:
    info = service.client.get("/info", headers=AS_READER).json()
    assert (info["dimensions"], info["max_inputs"], info["max_tokens"]) == (384, 256, 256)


def test_without_a_key_only_health_and_metrics_answer(service: Running) -> None:
    assert service.client.get("/info").status_code == 401
    assert service.client.post("/embed", json={"inputs": "a"}).status_code == 401
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert service.client.get(path).status_code == 200


def test_the_door_speaks_for_its_client(service: Running) -> None:
    headers = {"Authorization": f"Bearer {SERVICE_KEY}", "X-Client": "anna", "X-Request-ID": "from-the-door"}
    assert service.client.post("/embed", headers=headers, json={"inputs": "a"}).status_code == 200
    deadline = time.monotonic() + 10  # the line is written a moment after the answer
    while not any(
        line["event"] == "request" and line["client"] == "anna" and line["request_id"] == "from-the-door"
        for line in service.lines()
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_concurrent_requests_all_get_their_own_vectors(service: Running, model) -> None:
    texts = [f"text number {number} " * (number % 7 + 1) for number in range(48)]
    wanted = model.embed(model.tokenize(texts))
    got: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        answer = service.client.post("/embed", headers=AS_READER, json={"inputs": texts[number]})
        got[number] = answer.json()[0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, vector in got.items():
        assert vector == pytest.approx(wanted[number], abs=3e-6)
    assert len(got) == len(texts)


def test_every_line_of_the_log_is_json_with_its_origin(service: Running) -> None:
    for line in service.lines():
        assert {"event", "level", "timestamp", "service", "version", "request_id", "client"} <= line.keys()


def test_a_changed_model_never_becomes_ready(model_dir: Path, tmp_path: Path) -> None:
    broken = tmp_path / "models"
    broken.mkdir()
    (broken / "tokenizer.json").write_bytes((model_dir / "tokenizer.json").read_bytes())
    (broken / "model.onnx").write_bytes(b"not a model")
    with running(tmp_path, broken, ready=503) as started:
        while not any(line["event"] == "model_failed" for line in started.lines()):
            threading.Event().wait(0.05)
        answer = started.client.post("/embed", headers=AS_READER, json={"inputs": "a"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert started.client.get("/info", headers=AS_READER).status_code == 503
        assert started.client.get("/health/live").status_code == 200
        assert started.client.get("/health/ready").json()["missing"] == ["model"]


def test_a_full_queue_is_a_503_and_a_late_answer_a_504(model_dir: Path, tmp_path: Path) -> None:
    with running(tmp_path, model_dir, queue_texts=8, deadline_seconds=0.001) as started:
        full = started.client.post("/embed", headers=AS_READER, json={"inputs": ["a"] * 9})
        assert (full.status_code, full.headers["retry-after"]) == (503, "1")
        late = started.client.post("/embed", headers=AS_READER, json={"inputs": ["word " * 250] * 8})
        assert late.status_code == 504
        metrics = started.client.get("/metrics").text
        assert "embeddings_refused_total 1.0" in metrics
        assert "embeddings_timed_out_total 1.0" in metrics


def test_sigterm_lets_the_running_request_finish(model_dir: Path, tmp_path: Path) -> None:
    answers: list[int] = []
    with running(tmp_path, model_dir) as started:
        body = {"inputs": ["word " * 100] * 64}
        thread = threading.Thread(
            target=lambda: answers.append(
                started.client.post("/embed", headers=AS_READER, json=body).status_code
            )
        )
        thread.start()
        while "embeddings_batch_texts_count 0.0" in started.client.get("/metrics").text:
            pass
        started.process.send_signal(signal.SIGTERM)
        thread.join()
        assert started.process.wait(30) == 0
    assert answers == [200]


STARTS_THAT_MUST_FAIL = {
    "unknown setting": ({"max_input": 3}, None, "EMBEDDINGS_MAX_INPUT: unknown setting, did you mean"),
    "setting out of range": ({"model_threads": 0}, None, "EMBEDDINGS_MODEL_THREADS: Input should be greater"),
    "no clients file": ({}, "clients.json", "cannot be read: No such file"),
}

# name: (environment to change, what the line says)
DISAGREEMENTS = {
    "no model agreed on": ({"GARRISON_EMBEDDING_MODEL": ""}, "GARRISON_EMBEDDING_MODEL: not set"),
    "another model": (
        {"GARRISON_EMBEDDING_MODEL": "e5"},
        "embeddings serves all-MiniLM-L6-v2, e5 is expected",
    ),
    "another dimension": ({"GARRISON_EMBEDDING_DIMENSION": "768"}, "of 384 numbers, 768 are expected"),
}


@pytest.mark.parametrize("case", DISAGREEMENTS)
def test_another_model_than_the_stack_agreed_on_never_starts(
    model_dir: Path, tmp_path: Path, case: str
) -> None:
    changed, wanted = DISAGREEMENTS[case]
    assert wanted in reason_of_failure({**environment(tmp_path, model_dir), **changed})


def reason_of_failure(variables: dict[str, str]) -> str:
    """The one line of a process that must not start."""
    ran = subprocess.run(
        [sys.executable, "-m", "embeddings"], env=variables, capture_output=True, check=False, timeout=60
    )
    (line,) = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (2, b"")
    return str(json.loads(line)["reason"])


@pytest.mark.parametrize("case", STARTS_THAT_MUST_FAIL)
def test_what_is_wrong_before_the_start_ends_it_with_one_json_line(
    model_dir: Path, tmp_path: Path, case: str
) -> None:
    settings, missing, wanted = STARTS_THAT_MUST_FAIL[case]
    variables = environment(tmp_path, model_dir, **settings)
    if missing:
        (tmp_path / missing).unlink()
    assert wanted in reason_of_failure(variables)


def test_the_openapi_document_has_each_route_with_its_answer(service: Running) -> None:
    document = service.client.get("/openapi.json", headers=AS_READER).json()
    assert set(document["paths"]) == {"/embed", "/v1/embeddings", "/info"}
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["responses"]["200"]["content"]["application/json"]["schema"]


def test_more_requests_at_once_than_may_be_are_refused_and_probes_still_answered(
    model_dir: Path, tmp_path: Path
) -> None:
    body = {"inputs": ["word " * 250] * 4}
    statuses: list[int] = []
    with running(tmp_path, model_dir, max_concurrent=1) as started:

        def ask() -> None:
            statuses.append(started.client.post("/embed", headers=AS_READER, json=body).status_code)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert started.client.get("/health/live").status_code == 200
        assert sorted(statuses) == [200, 503, 503, 503]
