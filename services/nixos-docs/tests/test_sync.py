"""Packs come from upstream whole and verified, or not at all, and what is searched stays meanwhile."""

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from docs_testbed import WHY, Docs, Upstream, running, tar, wait_for
from misbehaving import fall_silent

PAGES = {"a.md": "# Zebra\n\nStripes.\n"}
NEWER = {"a.md": "# Gnu\n\nHorns.\n", "b.md": "# Okapi\n\nA neck.\n"}
Make = Callable[..., Docs]


def test_what_is_searched_stays_while_upstream_fails(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        upstream.content["/zoo.tar.gz"] = b"broken"
        assert docs.ask("/sync").status_code == 502
        assert docs.found(query="zebra")["total"] == 1
        assert docs.sources()["zoo"]["state"] == "ready"


def test_one_pack_that_fails_does_not_keep_the_others(upstream: Upstream, make: Make) -> None:
    good, bad = upstream.offer("good", tar(PAGES)), upstream.offer("bad", tar(NEWER))
    del upstream.content["/bad.tar.gz"]
    with running(make(retry_seconds=60), bad, good) as docs:
        problem = docs.ask("/sync").json()
        assert problem["detail"] == "Pack bad: upstream answered 404. Synced: good."
        assert problem["errors"] == [{"where": "bad", "what": "upstream answered 404"}]
        found = docs.found(query="zebra")
        assert (found["total"], found["missing"]) == (1, ["bad"])


def test_packs_never_synced_are_tried_until_upstream_is_there(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    content = upstream.content.pop("/zoo.tar.gz")
    with running(make(), pack) as docs:
        wait_for("it was tried twice", lambda: len(upstream.asked) >= 2)
        assert docs.http.get("/health/ready").status_code == 200
        upstream.content["/zoo.tar.gz"] = content
        docs.wait_until_synced("zoo")
        assert docs.sources()["zoo"]["last_error"] is None


def test_what_is_there_is_not_fetched_again_at_the_next_start(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    docs = make()
    with running(docs, pack):
        docs.wait_until_synced()
    fetched = len(upstream.asked)
    again = make()
    with running(again, pack):
        assert again.found(query="zebra")["total"] == 1
        time.sleep(0.5)
    assert len(upstream.asked) == fetched == 1


def test_a_new_version_replaces_the_old_one_which_serves_until_then(upstream: Upstream, make: Make) -> None:
    with running(make(), upstream.offer("zoo", tar(PAGES))) as docs:
        docs.wait_until_synced()
    newer = upstream.offer("zoo", tar(NEWER))
    content = upstream.content.pop("/zoo.tar.gz")
    with running(make(), newer) as docs:
        assert docs.sources()["zoo"]["state"] == "outdated"
        assert docs.found(query="zebra")["total"] == 1
        upstream.content["/zoo.tar.gz"] = content
        docs.wait_until_synced("zoo")
        assert docs.found(query="zebra")["total"] == 0
        assert docs.found(query="okapi")["results"][0]["metadata"]["version"] == newer["sha256"]


def test_a_pack_taken_off_the_list_is_no_longer_searched(upstream: Upstream, make: Make) -> None:
    zoo, farm = upstream.offer("zoo", tar(PAGES)), upstream.offer("farm", tar(NEWER))
    with running(make(), zoo, farm) as docs:
        docs.wait_until_synced()
    with running(make(), farm) as docs:
        assert docs.found(query="zebra")["total"] == 0
        assert [path.name for path in (docs.data / "packs").iterdir()] == ["farm.sqlite"]


def test_searches_see_the_old_pack_or_the_new_and_never_an_error(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar({f"{number}.md": f"# Zebra {number}\n" for number in range(300)}))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        totals, stop = set[int](), threading.Event()

        def search() -> None:
            with docs.client("gk_reader") as client:
                while not stop.is_set():
                    answer = client.post("/search", json={"query": "zebra", "limit": 5})
                    if answer.status_code != 429:
                        totals.add(
                            answer.json()["total"] if answer.status_code == 200 else -answer.status_code
                        )
                    time.sleep(0.005)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            assert docs.ask("/sync").status_code == 200
        stop.set()
        for thread in threads:
            thread.join()
        assert totals == {300}


def test_killed_in_the_middle_of_a_sync_it_heals_at_the_next(upstream: Upstream, make: Make) -> None:
    older, newer = upstream.offer("zoo", tar(PAGES)), upstream.offer("farm", tar(NEWER))
    content = upstream.content["/farm.tar.gz"]
    upstream.content["/farm.tar.gz"] = fall_silent
    docs = make(stall_seconds=30)
    with running(docs, older, newer):
        docs.wait_until_synced("zoo")
        wait_for("the sync is under way", lambda: "/farm.tar.gz" in upstream.asked)
        assert list((docs.data / "staging").glob("farm.*"))
        docs.stop(signal.SIGKILL)
    assert list((docs.data / "staging").glob("farm.*"))
    upstream.content["/farm.tar.gz"] = content
    again = make()
    with running(again, older, newer):
        again.wait_until_synced()
        assert again.found(query="zebra OR okapi")["total"] == 2
        assert list((again.data / "staging").iterdir()) == []


def test_an_index_that_was_damaged_is_made_anew(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
    (docs.data / "packs" / "zoo.sqlite").write_bytes(b"SQLite format 3\x00 and no more")
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        assert docs.found(query="zebra")["total"] == 1


def test_an_index_of_another_layout_is_made_anew(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
    with sqlite3.connect(docs.data / "packs" / "zoo.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'layout'")
    connection.close()
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        assert docs.found(query="zebra")["total"] == 1
        assert len(upstream.asked) == 2


def test_who_asks_during_a_sync_gets_the_same_answer(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        answers: list[Any] = []
        threads = [
            threading.Thread(target=lambda: answers.append(docs.ask("/sync").json())) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(upstream.asked) < 5
        assert all(answer["results"][0]["entries"] == 1 for answer in answers)


def test_without_a_pack_it_is_ready_and_says_what_is_missing(make: Make) -> None:
    with running(make()) as docs:
        assert docs.http.get("/sources").json()["message"].startswith("No pack is configured")
        for path, body in (("/search", {"query": "x"}), ("/sync", {}), ("/packages/search", {"name": "x"})):
            answer = docs.ask(path, **body)
            assert (answer.status_code, "No pack is configured" in answer.json()["detail"]) == (409, True)


def test_a_list_that_is_no_good_stops_the_start_and_is_told(make: Make) -> None:
    docs = make()
    docs.write_packs(
        {
            "name": "zoo",
            "title": "t",
            "kind": "archive",
            "format": "pages",
            "url": "http://x/",
            "insecure": WHY,
        }
    )
    docs.start(ready=False)
    assert docs.running is not None
    assert docs.running.wait(30) == 2
    assert "packs.0: Value error, kind 'archive' is pinned by 'sha256'" in docs.log()


def test_a_full_disk_is_told_and_is_not_ready(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    with running(make(), pack) as docs:
        docs.wait_until_synced()
        staging = docs.data / "staging"
        staging.rmdir()
        staging.write_text("not a folder")
        problem = docs.ask("/sync")
        assert (problem.status_code, problem.json()["detail"]) == (
            503,
            "Pack zoo: its index could not be stored.",
        )
        wait_for("it is not ready", lambda: docs.http.get("/health/ready").json()["missing"] == ["disk"])
        assert docs.found(query="zebra")["total"] == 1
