"""Texts a second of ``aidb_import.py ROUNDS DOCUMENTS``: imported by aidb, and the same chunks embedded directly.

Standard input is the documents' contents, as a JSON list; each round takes the next ones. Answers in JSON.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from aidb.chunking import add_title, split_text
from asking import Asker
from testbed import Testbed, running

ROUNDS, DOCUMENTS = int(sys.argv[1]), int(sys.argv[2])
BATCH, AT_ONCE = 32, 2  # as aidb asks
contents = json.load(sys.stdin)


def title_of(number: int) -> str:
    return f"Document {number}"


def make_batch(number: int) -> list[dict[str, str]]:
    """The documents of a round: new ones each time, for aidb embeds none twice."""
    first = number * DOCUMENTS
    return [
        {
            "project": "bench",
            "path": f"{at}.txt",
            "title": title_of(at),
            "content": contents[at % len(contents)] + f" {at}",
        }
        for at in range(first, first + DOCUMENTS)
    ]


def import_batch(asker: Asker, batch: list[dict[str, str]]) -> tuple[float, int]:
    """Seconds, and how many chunks were stored."""
    seconds, content = asker.send("/documents/batch", json.dumps({"documents": batch}).encode())
    return seconds, sum(one["chunks"] for one in json.loads(content)["results"])


def embed_batch(askers: list[Asker], batch: list[dict[str, str]]) -> tuple[float, int]:
    """The same of the embeddings service, asked by as many at once as aidb asks."""
    texts = [add_title(one["title"], chunk.text) for one in batch for chunk in split_text(one["content"])]
    bodies = [json.dumps({"inputs": texts[at : at + BATCH]}).encode() for at in range(0, len(texts), BATCH)]
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [bodies[number::AT_ONCE] for number in range(AT_ONCE)]
        list(pool.map(lambda asker, share: [asker.send("/embed", body) for body in share], askers, shares))
    return time.perf_counter() - began, len(texts)


def measure(testbed: Testbed) -> dict[str, list[float]]:
    """Texts a second of both, round by round; the first warms them."""
    aidb, direct = testbed.ask_aidb(), [testbed.ask_embeddings() for _ in range(AT_ONCE)]
    found: dict[str, list[float]] = {"aidb": [], "direct": [], "chunks": []}
    for number in range(ROUNDS + 1):
        batch = make_batch(number)
        spent, texts = embed_batch(direct, batch)
        seconds, chunks = import_batch(aidb, batch)
        if chunks != texts:
            sys.exit(f"aidb stored {chunks} chunks of {texts} texts: the two sides don't do the same")
        if number:
            found["aidb"].append(chunks / seconds)
            found["direct"].append(texts / spent)
            found["chunks"].append(chunks)
    return found


with running() as testbed:
    print(json.dumps(measure(testbed)))  # noqa: T201 - the result
