"""What the door writes of a request, by the patterns of its configuration: text, and never too long for one entry."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from garrison.render.model import Release

# Podman's conmon makes an entry of the journal of so many bytes at the most (STDIO_BUF_SIZE).
ENTRY = 8192
FOUND = re.compile(r'^\s+"~(?P<pattern>.*)" (?P<value>.*);$', re.M)


@dataclass(frozen=True)
class Map:
    """A ``map`` of nginx, as far as these have patterns and values of one name."""

    rules: tuple[tuple[re.Pattern[bytes], str], ...]

    def __call__(self, raw: bytes) -> bytes:
        for pattern, value in self.rules:
            if found := pattern.search(raw):
                (name,) = found.groupdict()
                return value.strip('"').replace(f"${name}", found[name].decode("latin-1")).encode("latin-1")
        return b""


Maps = Callable[[str], Map]


@pytest.fixture
def maps(release: Release) -> Maps:
    (text,) = (
        one.content.decode()
        for path, one in release.config_trees["door"].files.items()
        if str(path).endswith("log.conf")
    )

    def find(variable: str) -> Map:
        block = text.split(f" ${variable} {{", 1)[1].split("\n}", 1)[0]
        return Map(
            tuple(
                (re.compile(one["pattern"].replace("(?<", "(?P<").encode()), one["value"])
                for one in FOUND.finditer(block)
            )
        )

    return find


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"/aidb/documents/7?q=1", b"/aidb/documents/7"),
        (b"/a%2Fb", b"/a%2Fb"),
        (b"/?" + b"x" * 8000, b"/"),
        (b"/" + b"x" * 1023, b"/" + b"x" * 1023),
        (b"/" + b"x" * 8000, b"/" + b"x" * 1023 + b"..."),
        (b"/a\xff\xfe?q", b"/a..."),
        (b"", b""),
    ],
)
def test_a_path_is_told_without_its_query_and_with_a_mark_where_it_is_cut(
    maps: Maps, said: bytes, told: bytes
) -> None:
    assert maps("path_asked")(said) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"curl/8.5", b"curl/8.5"),
        (b"Mozilla/5.0 (X11; Linux)", b"Mozilla/5.0 (X11; Linux)"),
        (b"x" * 8000, b"x" * 256 + b"..."),
        (b"a\x01\x1b[2J", b"a..."),
        (b"caf\xe9", b"caf..."),
        (b"\xff", b"..."),
        (b"", b""),
    ],
)
def test_an_agent_is_told_as_far_as_it_is_text(maps: Maps, said: bytes, told: bytes) -> None:
    assert maps("agent_told")(said) == told


@pytest.mark.parametrize(
    ("said", "told"), [(b"PROPFIND", b"PROPFIND"), (b"X" * 4000, b"X" * 16 + b"..."), (b"", b"")]
)
def test_a_method_is_told_as_far_as_any_real_one_goes(maps: Maps, said: bytes, told: bytes) -> None:
    assert maps("method_asked")(said) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [(b"200", b"200"), (b"499", b"499"), (b"000", b"0"), (b"009", b"9"), (b"050", b"50"), (b"099", b"99")],
)
def test_a_status_is_a_number_of_json_also_where_a_service_says_one_that_is_none(
    maps: Maps, status: bytes, told: bytes
) -> None:
    """nginx takes any three digits from a service and writes them down as they came."""
    assert maps("status_told")(status) == told
    assert json.loads(told) == int(status)


def test_the_longest_line_is_one_entry_of_the_journal(maps: Maps) -> None:
    """Of what is told as it came nothing is escaped but quotes and backslashes, by one more byte."""
    worst = b'"' * 8000
    told = [maps(one)(worst) for one in ("path_asked", "agent_told")]
    assert 2 * sum(map(len, told)) < ENTRY - 2048


def test_the_line_tells_nothing_that_a_client_said_past_these(release: Release) -> None:
    (text,) = (
        one.content.decode()
        for path, one in release.config_trees["door"].files.items()
        if str(path).endswith("log.conf")
    )
    line = text.split("log_format json ", 1)[1].split(";", 1)[0]
    assert re.findall(r"\$(?:request_method|request_uri|uri|request|args|http_\w+|cookie_\w+)\b", line) == []


def test_the_line_tells_to_the_millisecond_when_the_request_ended(release: Release) -> None:
    """It gets to the journal up to 100 ms later, by which nobody could put the lines of a request in order."""
    (text,) = (
        one.content.decode()
        for path, one in release.config_trees["door"].files.items()
        if str(path).endswith("log.conf")
    )
    assert '"msec":$msec,' in text.split("log_format json ", 1)[1].split(";", 1)[0]
