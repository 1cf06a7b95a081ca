"""Lines as a person sees them: one request as a waterfall, nothing that a terminal would obey."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from garrison.logs.line import Level, Line
from garrison.logs.shown import as_text, as_waterfall, describe
from garrison.logs.when import for_journalctl
from garrison.problem import ProblemError

START = datetime(2026, 11, 26, 1, 50, tzinfo=UTC)


def line(
    service: str, end: float, took: float | None = None, message: str = "request", **fields: object
) -> Line:
    return Line(
        timestamp=START + timedelta(milliseconds=end), service=service, level=Level.INFO, message=message,
        duration_ms=took, fields=fields,
    )  # fmt: skip


def printed(renderable: object) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_request_is_shown_in_the_order_in_which_its_parts_began() -> None:
    lines = [
        line("aidb", 50, 20, method="POST", path="/search", status=200),
        line("embeddings", 45, 10, method="POST", path="/embed", status=200),
        line("aidb", 36, message="cache_missed"),
        line("nginx", 60, 60, method="POST", path="/aidb/search", status=200),
    ]
    text = printed(as_waterfall("abcd1234", lines))
    assert text.splitlines()[0].rstrip() == "request abcd1234: 60.0 ms, 3 services"
    rows = [row.split()[:2] for row in text.splitlines()[2:] if row[:5].strip()]
    assert rows == [["0.0", "nginx"], ["30.0", "aidb"], ["35.0", "embeddings"], ["36.0", "aidb"]]
    assert text.splitlines()[2].count("█") == 24
    assert text.splitlines()[5].rstrip().endswith("·")


def test_a_request_with_a_single_moment_is_shown_too() -> None:
    text = printed(as_waterfall("abcd1234", [line("x", 0, message="m")]))
    assert text.splitlines()[0].rstrip() == "request abcd1234: 0.0 ms, 1 service"


def test_nothing_that_a_terminal_would_obey_is_shown() -> None:
    evil = replace(
        line("x", 0), message="a\x1b[2Jb\u202ec\rd", client="\x1b]0;title\x07", fields={"k": "\x9b1m"}
    )
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(printed(as_text(evil)))


def test_a_password_in_a_text_is_hidden() -> None:
    assert "hunter2hunter2" not in describe(line("x", 0, message="password=hunter2hunter2"))


@pytest.mark.parametrize(
    ("given", "asked"),
    [("90s", "-90s"), ("10m", "-600s"), ("2h", "-7200s"), ("3d", "-259200s"), ("today", "today"),
     ("2026-11-26", "@1795651200.000000"), ("2026-11-26T01:00:00+01:00", "@1795651200.000000")],
)  # fmt: skip
def test_a_time_is_one_that_journalctl_can_t_mistake(given: str, asked: str) -> None:
    assert for_journalctl("--since", given) == asked


@pytest.mark.parametrize("given", ["", "yesterday; rm -rf /", "10", "10x", "-5m", "99999999h"])
def test_what_is_no_time_is_refused_with_what_to_say(given: str) -> None:
    with pytest.raises(ProblemError, match=r"that is no time\. Say 90s"):
        for_journalctl("--since", given)


ODD = "a\x9b2Jb\x7fc\u202ed\udcffe"


def test_what_no_terminal_can_be_given_is_in_json_as_a_number() -> None:
    """A service may have decoded a client's bytes to half a character, which can't be printed."""
    text = replace(line("x", 0), message=ODD, fields={"path": ODD}).to_json()
    assert text.encode()
    assert not set("\x9b\x7f\u202e") & set(text)
    assert (json.loads(text)["message"], json.loads(text)["fields"]) == (ODD, {"path": ODD})


def test_half_a_character_is_shown_as_unknown() -> None:
    assert printed(as_text(replace(line("x", 0), message=ODD))).encode()
