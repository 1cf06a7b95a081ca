"""Many at once: one document stays one document, and what was accepted is there after the end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import WRITER, wait_for


def make_document(project: str, path: str, content: str) -> dict[str, Any]:
    return {"project": project, "path": path, "title": "Birds", "content": content}


def test_twenty_imports_of_one_document_at_once_make_one_document(
    aidb: Aidb, stack: Stack, project: str
) -> None:
    document = make_document(project, "same", "The heron stands in the shallow water. " * 100)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: aidb.http.post("/documents", json=document), range(20)))
    statuses = sorted(answer.json()["status"] for answer in answers)
    assert statuses == ["created"] + ["unchanged"] * 19
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    [chunks] = {answer.json()["chunks"] for answer in answers}
    with stack.postgres.connect("shared") as connection:
        counted = connection.execute("SELECT count(*) FROM chunks WHERE project = %s", (project,)).fetchone()
    assert counted == (chunks,)


def test_two_services_that_import_one_document_at_once_make_one_document(
    aidb: Aidb, launch: Launch, stack: Stack, project: str
) -> None:
    other = launch("shared")
    other.wait_until_ready()
    versions = [make_document(project, "same", f"Version {number}. " * 50) for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda number: (aidb, other)[number % 2].http.post("/documents", json=versions[number]),
                range(20),
            )
        )
    assert {answer.status_code for answer in answers} <= {200, 201}
    [document] = aidb.http.get("/documents", params={"project": project}).json()["documents"]
    with stack.postgres.connect("shared") as connection:
        counted = connection.execute("SELECT count(*) FROM chunks WHERE project = %s", (project,)).fetchone()
    assert counted == (document["chunks"],)


def test_batches_with_common_documents_at_once_all_succeed(aidb: Aidb, project: str) -> None:
    documents = [make_document(project, f"{number}", f"Text {number}.") for number in range(8)]
    batches = [documents, documents[::-1]] * 5
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda batch: aidb.http.post("/documents/batch", json={"documents": batch}), batches)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert aidb.http.get("/documents", params={"project": project}).json()["total"] == 8


def test_twenty_proposals_of_one_skill_at_once_make_one_skill(aidb: Aidb) -> None:
    skill = {"slug": "at-once", "name": "n", "description": "d", "content": "# c"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: aidb.http.post("/skills", json=skill), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert {answer.json()["version"] for answer in answers} == {1}


@pytest.mark.parametrize("attempt", range(2))
def test_told_to_stop_under_load_it_loses_no_accepted_write(
    stack: Stack, launch: Launch, attempt: int
) -> None:
    database = f"stopped_under_load_{attempt}"
    stack.postgres.make_database(database)
    aidb = launch(database)
    aidb.wait_until_ready()
    accepted: list[str] = []
    numbers, stopping = count(), threading.Event()

    def send() -> None:
        with httpx.Client(base_url=aidb.url, headers={"X-API-Key": WRITER}, timeout=60) as client:
            while not stopping.is_set():
                path = f"{next(numbers)}"
                try:
                    answer = client.post("/documents", json=make_document("load", path, f"Text {path}."))
                except httpx.HTTPError:
                    continue
                if answer.status_code in (200, 201):
                    accepted.append(path)

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    wait_for("it is under load", lambda: len(accepted) > 20)
    assert aidb.process.stop() == 0
    stopping.set()
    for sender in senders:
        sender.join()
    with stack.postgres.connect(database) as connection:
        stored = {row[0] for row in connection.execute("SELECT path FROM documents").fetchall()}
    assert set(accepted) <= stored
