"""Upstream's faults are told as such: a 502 that names the pack and the fault, never an empty answer."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docs_testbed import Docs, Upstream, fault_of, running, tar
from misbehaving import cut_short, fail, fall_silent, missing, redirect_to, trickle

PAGES = {"a.md": "# Zebra\n\nStripes.\n"}
Make = Callable[..., Docs]


FAULTS: dict[str, tuple[Any, str]] = {
    "not found": (missing, "upstream answered 404"),
    "an error": (fail, "upstream answered 500"),
    "an answer cut short": (cut_short, "upstream failed: its answer ended too early"),
    "silence": (fall_silent, "upstream failed: it stopped answering"),
    "other content": (b"something else", "and not the one that the list names"),
    "a redirect elsewhere": (redirect_to("http://127.0.0.2:1/x"), "which the pack does not allow"),
    "a redirect to a file": (redirect_to("file:///etc/passwd"), "which the pack does not allow"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_upstreams_fault_is_told(fault: str, upstream: Upstream, tmp_path: Path) -> None:
    answer, said = FAULTS[fault]
    pack = upstream.offer("zoo", tar(PAGES))
    upstream.content["/zoo.tar.gz"] = answer
    assert said in fault_of(pack, tmp_path / "sync")


def test_upstreams_fault_is_a_502_that_names_the_pack(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    upstream.content["/zoo.tar.gz"] = fail
    with running(make(retry_seconds=60), pack) as docs:
        problem = docs.ask("/sync")
        assert problem.status_code == 502
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["detail"] == "Pack zoo: upstream answered 500."
        assert problem.json()["error_id"]
        assert docs.sources()["zoo"]["last_error"] == "upstream answered 500"


def test_upstream_down_is_a_502_and_no_empty_answer(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES), url="http://127.0.0.1:1/zoo.tar.gz")
    with running(make(retry_seconds=60), pack) as docs:
        assert docs.ask("/sync").status_code == 502
        assert "it cannot be reached" in docs.ask("/sync").json()["detail"]
        searched = docs.ask("/search", query="zebra")
        assert (searched.status_code, searched.json()["detail"]) == (
            503,
            "Not synced yet: zoo. GET /sources tells why.",
        )


def test_a_slow_upstream_is_given_up(upstream: Upstream, make: Make) -> None:
    pack = upstream.offer("zoo", tar(PAGES))
    upstream.content["/zoo.tar.gz"] = trickle
    with running(make(sync_seconds=2, retry_seconds=60), pack) as docs:
        began = time.monotonic()
        assert "upstream did not deliver within 2 s" in docs.ask("/sync").json()["detail"]
        assert time.monotonic() - began < 60


def test_a_redirect_to_a_host_of_the_list_is_followed(upstream: Upstream, make: Make) -> None:
    mirror = Upstream()
    pack = upstream.offer("zoo", tar(PAGES), hosts=[f"127.0.0.1:{mirror.port}"])
    mirror.content["/here"] = upstream.content["/zoo.tar.gz"]
    upstream.content["/zoo.tar.gz"] = redirect_to(mirror.url("/here"))
    try:
        with running(make(), pack) as docs:
            assert docs.ask("/sync").json()["results"][0]["entries"] == 1
    finally:
        mirror.close()
