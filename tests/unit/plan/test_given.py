"""A secret that the inventory gives reaches the host once, anew when its file changes, and is seen nowhere."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.given import Given, load_given
from garrison.plan.settle import settle
from garrison.plan.stack import judge_service, plan_stack
from garrison.plan.step import Command
from garrison.plan.wanted import Wanted
from garrison.problem import ProblemError
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

NAME = "alerts_webhook_secret"
VALUE = "hunter2-of-the-webhook"
Bare = Callable[..., Snapshot]


def settings(folder: Path) -> HostSettings:
    webhook = {"url": "https://hooks.example.net/garrison", "token_file": str(folder / "token")}
    return HostSettings.from_data("host", {"server_names": ["lab.test"], "alerts": {"webhook": webhook}})


@pytest.fixture
def given(wanted: Wanted) -> Wanted:
    return replace(wanted, given={NAME: Given(name=NAME, value=VALUE)})


def holding(value: str) -> Callable[[dict[str, Any]], None]:
    """A host that was given ``value``."""
    labels = {
        "garrison": "1",
        "garrison.credential": "1",
        "garrison.given": Given(name=NAME, value=value).mark,
    }
    record = {"ID": "1", "UpdatedAt": "2026-01-01T00:00:00Z", "Spec": {"Name": NAME, "Labels": labels}}
    return lambda document: document.update(secrets=[record])


def test_it_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{VALUE}\n")
    assert load_given(settings(tmp_path))[NAME].value == VALUE


FAULTS: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "No such file or directory"),
    "nothing in it": (b"\n", "there is nothing in it"),
    "two lines": (b"hunter2\nhunter3\n", "a secret is one line of at most 4096 characters"),
    "a short one": (b"hunter2\n", "a secret has at least 12 characters"),
    "no text": (b"hunter2\xff", "it is no UTF-8"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_is_no_secret_is_refused_without_being_shown(fault: str, tmp_path: Path) -> None:
    content, expected = FAULTS[fault]
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(ProblemError) as raised:
        load_given(settings(tmp_path))
    (problem,) = raised.value.problems
    assert str(problem) == (
        f"{tmp_path}/token: this is no secret for a host: {expected}. "
        "Put the secret there, alone on one line, or mend 'alerts' in the inventory."
    )


def test_it_reaches_a_host_without_it_by_standard_input_alone(bare: Bare, given: Wanted) -> None:
    (step,) = [one for one in plan_stack(bare(), given).steps if NAME in one.title]
    (command,) = step.commands
    assert isinstance(command, Command)
    mark, value = (command.stdin or "").split("\n")
    assert base64.b64decode(value).decode() == VALUE
    assert mark == given.given[NAME].mark
    assert mark not in command.line  # from which a weak one could be guessed
    assert VALUE not in f"{step!r} {step.describe()} {command.line} {given!r}"


def test_a_host_that_has_it_is_left_alone(bare: Bare, given: Wanted) -> None:
    titles = [one.title for one in plan_stack(bare(holding(VALUE)), given).steps]
    assert not any(NAME in title for title in titles)


def test_another_value_replaces_it(bare: Bare, given: Wanted) -> None:
    (step,) = [one for one in plan_stack(bare(holding("other")), given).steps if NAME in one.title]
    assert step.why == "its file has changed"


def test_one_value_has_another_mark_under_another_name() -> None:
    assert Given(name="a", value=VALUE).mark != Given(name="b", value=VALUE).mark


def test_it_stays_for_as_long_as_it_is_given(bare: Bare, wanted: Wanted, given: Wanted) -> None:
    host = bare(holding(VALUE))
    removed = f"remove secrets {NAME}"
    assert removed not in [one.title for one in settle(host, given).steps]
    assert removed in [one.title for one in settle(host, wanted).steps]


def test_whoever_has_it_is_made_anew_in_the_same_run(bare: Bare, given: Wanted) -> None:
    """A container sees a secret as it was when it was made."""
    service = given.catalog.services["aidb"]
    holder = service.model_copy(update={"secrets": (*service.secrets, NAME)})
    catalog = replace(given.catalog, services={**given.catalog.services, "aidb": holder})
    told = replace(given, catalog=catalog)
    running = {
        "Name": "garrison-aidb",
        "Image": "1",
        "ImageName": "localhost/garrison/aidb",
        "Created": "2026-06-01T00:00:00Z",
        "State": {"Status": "running", "Health": {"Status": "healthy"}},
        "Config": {
            "Labels": {
                "garrison.service": "aidb",
                "garrison.config-digest": told.release.services["aidb"].config_digest,
            }
        },
    }

    def host(value: str) -> Snapshot:
        return bare(holding(value), lambda document: document.update(containers=[running]))

    assert judge_service("aidb", host("other"), told) == f"secret {NAME} is given anew"
    assert judge_service("aidb", host(VALUE), told) is None
