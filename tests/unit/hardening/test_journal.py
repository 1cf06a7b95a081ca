"""The journal's settings in systemd's own file: in their place, once, and beside what else is there."""

import pytest

from garrison.hardening.journal import MAIN, plan_journal, with_settings
from tests.unit.hardening.fresh import TEXTS, after, chosen, fresh, laid

DEBIAN = "# systemd's\n[Journal]\n#Storage=auto\n#Compress=yes\nRateLimitBurst=5\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("[Journal]\n#Storage=auto\n", "[Journal]\nStorage=persistent\n"),
        ("[Journal]\nStorage=auto\n#Storage=auto\n", "[Journal]\nStorage=persistent\n#Storage=auto\n"),
        ("[Journal]\nStorage = none\nA=1\n", "[Journal]\nStorage=persistent\nA=1\n"),
        ("[Journal]\nA=1\n", "[Journal]\nStorage=persistent\nA=1\n"),
        ("[Journal]\nStorage=persistent\n", "[Journal]\nStorage=persistent\n"),
    ],
)
def test_a_setting_goes_into_its_line(before: str, expected: str) -> None:
    assert with_settings(before, {"Storage": "persistent"}) == expected


def test_the_file_says_what_the_control_says_and_keeps_the_rest() -> None:
    host = fresh(texts=TEXTS | {MAIN: DEBIAN})
    text = laid(plan_journal(host, chosen("baseline")))[MAIN]
    assert {"Storage=persistent", "Compress=yes", "ForwardToSyslog=no", "RateLimitBurst=5"} <= set(
        text.split("\n")
    )
    assert list(plan_journal(after(host, plan_journal(host, chosen("baseline"))), chosen("baseline"))) == []


@pytest.mark.parametrize("text", [None, "", "Storage=auto\n"])
def test_a_file_that_isnt_there_or_isnt_systemds_is_left_alone(text: str | None) -> None:
    assert list(plan_journal(fresh(texts=TEXTS | {MAIN: text}), chosen("strict"))) == []
