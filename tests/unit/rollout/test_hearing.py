"""What pyinfra says of errors reaches a person once, as the host's own words."""

import logging

from garrison.rollout.hearing import Hearing, hearing

LOGGER = logging.getLogger("pyinfra")


def say(heard: Hearing, *lines: str) -> str:
    for line in lines:
        heard.handle(logging.makeLogRecord({"msg": line, "levelno": logging.ERROR}))
    return heard.words


def test_colours_and_the_hosts_name_are_left_out() -> None:
    assert say(Hearing(), "[\x1b[1mlab\x1b[0m] \x1b[31mno space left\x1b[0m") == "no space left"


def test_a_count_of_commands_is_no_news() -> None:
    assert say(Hearing(), "[lab] no space left", "[lab] Error: executed 0 commands") == "no space left"


def test_a_step_begins_with_nothing_said() -> None:
    heard = Hearing()
    say(heard, "before")
    heard.forget()
    assert say(heard, "now") == "now"


def test_it_listens_for_as_long_as_a_run() -> None:
    with hearing() as heard:
        LOGGER.error("[lab] gone")
    assert heard.words == "gone"
    assert not [one for one in LOGGER.handlers if isinstance(one, Hearing)]
