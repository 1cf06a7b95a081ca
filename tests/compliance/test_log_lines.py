"""Whatever a client sends, what is written of it is one line of JSON in the journal, and nothing a terminal obeys."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from garrison.catalog.model import Service
from garrison.dashboards.kit import on_the_kit
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.journal import Entry, Journal, find_faults
from tests.compliance.live import INVENTORY, LiveHost, need_observability, run_tool
from tests.compliance.test_exporters import as_postgres
from tests.contract.raw import Wire

CLIENT = "log-lines-test"
LONG = 7000  # with the rest of a request line still below the 8 KiB that the door reads
# Every byte that the door lets pass in a field, ESC and what is no UTF-8 among them.
BYTES = bytes(one for one in range(1, 256) if one not in b"\r\n")
QUOTES = b'"},{"level":"fake"}\\'
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, kw_only=True)
class Rubbish:
    """One request that no proper client sends; ``path`` follows the route's."""

    path: bytes = b"nothing"
    method: bytes = b"GET"
    fields: tuple[bytes, ...] = ()
    has_key: bool = True


RUBBISH = {
    "bytes in the path": Rubbish(path=b"\xff\xfe\x80\xc0\xaf"),
    "encoded bytes in the path": Rubbish(path=b"%ff%fe%1b%5b2J%22%7d%0a%00"),
    "quotes in the path": Rubbish(path=QUOTES),
    "a long path": Rubbish(path=b"x" * LONG),
    "a long encoded path": Rubbish(path=b"%1b" * (LONG // 3)),
    "a long query of bytes": Rubbish(path=b"openapi.json?q=" + b"\xff" * LONG),
    "bytes in the agent": Rubbish(fields=(b"User-Agent: " + BYTES,)),
    "a long agent": Rubbish(fields=(b"User-Agent: " + b"\x01" * LONG,)),
    "quotes in the agent": Rubbish(fields=(b"User-Agent: " + QUOTES,)),
    "bytes in the request's id": Rubbish(fields=(b"X-Request-ID: " + BYTES,)),
    "quotes in the request's id": Rubbish(fields=(b"X-Request-ID: " + QUOTES,)),
    "a long id": Rubbish(fields=(b"X-Request-ID: " + b"x" * LONG,)),
    "bytes in the trace": Rubbish(fields=(b"traceparent: " + BYTES, b"tracestate: " + BYTES)),
    "a long state of a trace": Rubbish(fields=(b"tracestate: " + b"a=1," * (LONG // 4),)),
    "bytes for a key": Rubbish(fields=(b"X-API-Key: " + BYTES,), has_key=False),
    "bytes for a token": Rubbish(fields=(b"Authorization: Bearer " + BYTES,), has_key=False),
    "a long key": Rubbish(fields=(b"X-API-Key: " + b"k" * LONG,), has_key=False),
    "bytes in a client's name": Rubbish(fields=(b"X-Client: " + BYTES,)),
    "bytes in the address of another": Rubbish(fields=(b"X-Forwarded-For: " + BYTES,)),
    "a long method": Rubbish(method=b"X" * LONG),
    "a method that nobody has": Rubbish(method=b"BREW"),
    "a long cookie": Rubbish(fields=(b"Cookie: " + b"\xfe" * LONG,)),
}


@dataclass
class Written:
    """What the services answered to all of it, and what they and the door wrote."""

    since: str
    statuses: dict[str, int] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)


def head(rubbish: Rubbish, door: Door, service: Service, key: str) -> bytes:
    """The request, byte by byte."""
    assert service.route
    lines = [
        rubbish.method + b" " + service.route.path.encode() + rubbish.path + b" HTTP/1.1",
        b"Host: " + urlsplit(door.base).netloc.encode(),
        b"Connection: close",
        *([b"X-API-Key: " + key.encode()] if rubbish.has_key else []),
        *rubbish.fields,
    ]
    return b"\r\n".join([*lines, b"", b""])


@pytest.fixture(scope="module")
def key(live: LiveHost) -> Iterator[str]:
    with live.key_of(CLIENT) as key:
        yield key


@pytest.fixture(scope="module")
def written(live: LiveHost, wanted: Wanted, door: Door, key: str) -> Written:
    """Everything is sent to every service on the kit, and then a word by which its last line is known."""
    wire, journal, mark = Wire(door=door.base, authority=door.authority), Journal(live), secrets.token_hex(8)
    place = journal.now()
    found = Written(since=live.sh("date --utc '+%Y-%m-%d %H:%M:%S'"))
    for service in on_the_kit(wanted.catalog):
        for what, rubbish in RUBBISH.items():
            found.statuses[f"{service.name}: {what}"] = wire.send(
                head(rubbish, door, service, key)
            ).status_code
        wire.send(head(Rubbish(path=f"{mark}-{service.name}".encode()), door, service, key))
        found.entries[service.name] = journal.wait_for(place, service.name, mark)
        found.entries["nginx"] = journal.wait_for(place, "nginx", f"{mark}-{service.name}")
    return found


def test_the_door_and_the_services_answer_it_and_none_of_them_fails(written: Written) -> None:
    """501 is the door's word for a coding, or a method, that it doesn't know."""
    assert len(written.statuses) >= len(RUBBISH)
    failed = {what: one for what, one in written.statuses.items() if one >= 500 and one != 501}
    assert failed == {}


def test_every_line_of_a_service_on_the_kit_is_one_of_json(written: Written, wanted: Wanted) -> None:
    entries = {one.name: written.entries[one.name] for one in on_the_kit(wanted.catalog)}
    assert {name: faults for name, said in entries.items() if (faults := find_faults(said))} == {}


def test_every_request_is_one_line_of_json_in_the_access_log(written: Written) -> None:
    lines = [one for one in written.entries["nginx"] if not one.is_error]
    assert len(lines) >= len(written.statuses)
    assert find_faults(lines) == []


def test_what_no_line_holds_would_be_seen(live: LiveHost) -> None:
    """The tests above would pass if the journal showed bytes and pieces as if they were none."""
    journal, mark = Journal(live), secrets.token_hex(8)
    place = journal.now()
    name = f"log-lines-{mark}"
    line = f"printf '\\377{mark}\\n'; head -c 20000 /dev/zero | tr '\\0' x; echo {mark}"
    image = live.podman("inspect", "--format", "{{.ImageName}}", "garrison-redis")
    words = ("run", "--rm", "--detach", "--name", f"garrison-{name}", "--log-driver", "journald")
    live.podman(*words, "--network", "none", "--entrypoint", "sh", image, "-c", line)
    kinds = {fault.partition(":")[0] for fault in find_faults(journal.wait_for(place, name, mark))}
    assert kinds == {"no UTF-8", "a piece of a longer line", "no JSON"}


def test_a_terminal_is_told_to_do_nothing(live: LiveHost, written: Written) -> None:
    words = ("--inventory", INVENTORY, "--limit", live.name, "--since", written.since)
    said = run_tool("garrison", "logs", *words)
    assert said.returncode == 0, said.stderr
    assert CLIENT in said.stdout
    assert CONTROL.findall(said.stdout) == []


def test_a_line_that_is_longer_than_an_entry_is_shown_as_one(live: LiveHost) -> None:
    """PostgreSQL's: our own services write none."""
    need_observability(live)
    mark = secrets.token_hex(8)
    as_postgres(live, f"SELECT (repeat('x', 20000) || '{mark}')::int;")
    words = ("--inventory", INVENTORY, "--limit", live.name, "--since", "10m", "--json")
    said = run_tool("garrison", "logs", "postgres", *words)
    assert said.returncode == 0, said.stderr
    messages = [json.loads(line)["message"] for line in said.stdout.splitlines()]
    (message,) = [one for one in messages if mark in one]
    assert "x" * 20_000 + mark in message
