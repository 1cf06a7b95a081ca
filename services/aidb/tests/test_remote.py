"""What comes by URL comes from allowed hosts only, from the public internet only, and is a bounded text."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aidb.remote.addresses import is_public
from aidb.remote.fetch import Fetcher
from aidb.remote.urls import parse_url
from aidb.settings import Settings
from aidb_stack import Aidb, Launch, Stack
from aidb_website import Page, Website
from garrison_kit.problems import HttpProblemError

HTML = {"Content-Type": "text/html"}


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    website = Website(tmp_path_factory.mktemp("website"))
    yield website
    website.close()


@pytest.fixture(scope="module")
def database(stack: Stack) -> str:
    """A database of this module's own."""
    stack.postgres.make_database("remote")
    return "remote"


@pytest.fixture(scope="module")
def strict(launch: Launch, database: str, website: Website) -> Aidb:
    """As deployed; its list has names that lead inside."""
    hosts = f"{website.host},127.0.0.1:{website.port},169.254.169.254"
    aidb = launch(database, import_hosts=hosts)
    aidb.wait_until_ready()
    return aidb


@pytest.fixture(scope="module")
def lenient(launch: Launch, database: str, website: Website) -> Aidb:
    """It may fetch from this machine: the website stands for one of the public internet."""
    running = launch(
        database,
        module="aidb_lenient",
        import_hosts=f"{website.host},gone.invalid",
        raw={"LENIENT_CA": str(website.certificate)},
    )
    running.wait_until_ready()
    return running


def fetch(aidb: Aidb, url: str, **changes: Any) -> httpx.Response:
    return aidb.http.post("/documents/import-url", json={"url": url, "project": "remote", **changes})


def test_without_an_allow_list_the_feature_is_refused_and_says_so(aidb: Aidb) -> None:
    answer = fetch(aidb, "https://example.org/")
    assert answer.status_code == 403
    assert "AIDB_IMPORT_HOSTS" in answer.json()["detail"]
    skill = {"slug": "x", "name": "x", "description": "x", "url": "https://example.org/x.md"}
    assert aidb.http.post("/skills/import", json=skill).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_an_allowed_name_that_leads_inside_is_not_asked(strict: Aidb, website: Website, host: str) -> None:
    website.pages["/secret"] = Page(body=b"secret")
    answer = fetch(strict, f"https://{host}:{website.port}/secret")
    assert answer.status_code == 403, answer.text
    assert "public internet" in answer.json()["detail"]
    assert "/secret" not in website.asked


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://169.254.169.254/latest/meta-data/", 403),
        ("https://[::ffff:127.0.0.1]/", 403),
        ("https://other.example/", 403),
        ("https://localhost/", 403),
        ("https://localhost.evil.example/", 403),
        ("http://localhost/", 422),
        ("file:///etc/passwd", 422),
        ("gopher://localhost/", 422),
        ("https://user:secret@localhost/", 422),
        ("https://", 422),
        ("https://localhost:99999/", 422),
        ("https://[::1", 422),
        ("https://2130706433/", 403),
        ("https://0x7f.1/", 403),
        ("https://localhost%2eexample/", 403),
        ("https://exa\nmple.org/", 422),
        ("", 422),
        ("x" * 3000, 422),
    ],
)
def test_a_url_that_is_not_allowed_is_refused(strict: Aidb, url: str, status: int) -> None:
    answer = fetch(strict, url)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_text_becomes_a_document(lenient: Aidb, website: Website) -> None:
    website.pages["/a%20b?c=%C3%BC"] = Page(
        body="Grüße vom Fluß.".encode(), headers={"Content-Type": "text/markdown"}
    )
    answer = fetch(lenient, website.url("/a b?c=ü"))
    assert answer.status_code == 201, answer.text
    stored = lenient.http.get(f"/documents/{answer.json()['id']}").json()
    assert (stored["content"], stored["content_type"]) == ("Grüße vom Fluß.", "text/markdown")
    assert stored["path"] == stored["metadata"]["source_url"] == website.url("/a%20b?c=%C3%BC")
    assert fetch(lenient, website.url("/a b?c=ü")).json()["status"] == "unchanged"


def test_a_skill_comes_the_same_way_and_waits(lenient: Aidb, website: Website) -> None:
    website.pages["/skill.md"] = Page(body=b"# Skill")
    given = {"slug": "by-url", "name": "n", "description": "d", "url": website.url("/skill.md")}
    answer = lenient.http.post("/skills/import", json=given)
    assert answer.status_code == 201, answer.text
    skill = answer.json()
    assert (skill["content"], skill["source"], skill["status"]) == ("# Skill", given["url"], "pending")


@pytest.mark.parametrize(
    ("page", "status", "word"),
    [
        (Page(body=b"\x89PNG", headers={"Content-Type": "image/png"}), 422, "no text"),
        (Page(body=b"x", headers={}), 422, "no text"),
        (Page(body=b"x" * 1_100_000), 422, "larger"),
        (Page(body=b"\xff\xfe"), 422, "encoding"),
        (Page(body=b"x", headers={"Content-Type": "text/plain; charset=utf-7"}), 422, "encoding"),
        (Page(body=b"a\x00b"), 422, "NUL"),
        (Page(body=b"x", headers={**HTML, "Content-Encoding": "gzip"}), 502, "compressed"),
        (Page(status=500), 502, "500"),
        (Page(status=302, headers={"Location": "https://other.example/"}), 403, "not among"),
        (Page(status=302, headers={"Location": "http://localhost/"}), 422, "https"),
        (Page(status=302, headers={"Location": "/page"}), 502, "redirects"),
        (Page(status=301, headers={"Location": "https://gone.invalid/"}), 403, "another host"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_bounded_text_is_refused(
    lenient: Aidb, website: Website, page: Page, status: int, word: str
) -> None:
    website.pages["/page"] = page
    answer = fetch(lenient, website.url("/page"))
    assert (answer.status_code, word in answer.text) == (status, True), answer.text


def test_a_redirect_on_the_same_host_is_followed(lenient: Aidb, website: Website) -> None:
    website.pages["/old"] = Page(status=301, headers={"Location": "/new"})
    website.pages["/new"] = Page(body=b"Here.")
    answer = fetch(lenient, website.url("/old"), path="moved")
    assert answer.status_code == 201, answer.text
    stored = lenient.http.get(f"/documents/{answer.json()['id']}").json()
    assert stored["metadata"]["source_url"] == website.url("/new")


def test_a_host_that_is_away_is_a_502(lenient: Aidb) -> None:
    assert fetch(lenient, "https://gone.invalid/").status_code == 502


def test_a_certificate_that_nobody_vouches_for_is_a_502(website: Website) -> None:
    fetcher = Fetcher(frozenset({website.host}), is_allowed=lambda _: True)
    with pytest.raises(HttpProblemError) as refused:
        asyncio.run(fetcher.fetch(website.url("/there"), 1000))
    assert (refused.value.status, website.asked.count("/there")) == (502, 0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2001:0:a00:1::", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


def test_a_host_may_be_named_with_the_usual_port() -> None:
    hosts = Settings(import_hosts="docs.example.org:443, example.com:8443").import_hosts
    assert parse_url("https://docs.example.org/a", hosts).host == "docs.example.org"
    assert parse_url("https://example.com:8443/", hosts).port == 8443
