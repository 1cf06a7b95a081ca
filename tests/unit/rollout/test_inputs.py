"""What an inventory says and names is looked at for every host, before the first one is touched."""

from pathlib import Path
from typing import Any

import pytest

from garrison.problem import ProblemError
from garrison.rollout.inputs import check_inputs, describe_broken, read_settings
from tests.compliance.collector import make_certificate

GOOD: dict[str, Any] = {"server_names": ["a.test"], "ssh_user": "ops", "_sudo": True}


def test_sound_hosts_have_no_problem() -> None:
    assert check_inputs({"a": GOOD, "b": GOOD}) == {}


def test_only_the_faulty_host_has_one() -> None:
    found = check_inputs({"a": GOOD, "b": {**GOOD, "stack_usr": "x"}})
    assert [(host, [one.id for one in problems]) for host, problems in found.items()] == [
        ("b", ["settings.unknown"])
    ]


def test_a_misspelt_phase_is_found_without_a_host() -> None:
    with pytest.raises(ProblemError, match="there is no phase 'tsl'"):
        read_settings("a", {**GOOD, "through": "tsl"})


def test_files_that_are_not_there_are_all_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    named = {"extra_ca_certificates": [absent], "images_lock": absent, "stand_ins": absent}
    with pytest.raises(ProblemError) as caught:
        read_settings("a", {**GOOD, **named})
    assert [problem.what for problem in caught.value.problems] == [
        f"{absent} can't be read: No such file or directory.",
        f"{absent} isn't there.",
        f"{absent} is no folder.",
    ]


def test_a_ca_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("nothing")
    with pytest.raises(ProblemError, match="is no certificate in PEM"):
        read_settings("a", {**GOOD, "extra_ca_certificates": [str(tmp_path / "ca.crt")]})


def test_a_ca_of_the_collector_of_logs_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logs.crt").write_text("nothing")
    shipping = {"server": "logs.example.net", "ca": str(tmp_path / "logs.crt")}
    with pytest.raises(ProblemError, match=r"log_shipping\.ca: .*logs\.crt is no certificate in PEM"):
        read_settings("a", {**GOOD, "log_shipping": shipping})


@pytest.mark.parametrize("setting", ["extra_ca_certificates", "log_shipping.ca"])
def test_a_ca_with_its_key_beside_it_is_refused(setting: str, tmp_path: Path) -> None:
    """The whole file would lie on the host for everybody to read."""
    authority = tmp_path / "ca.pem"
    authority.write_text("".join(each.read_text() for each in make_certificate(tmp_path, "ca.example")))
    said: dict[str, dict[str, Any]] = {
        "extra_ca_certificates": {"extra_ca_certificates": [str(authority)]},
        "log_shipping.ca": {"log_shipping": {"server": "logs.example.net", "ca": str(authority)}},
    }
    with pytest.raises(ProblemError, match=rf"{setting}: .*ca\.pem holds a private key"):
        read_settings("a", {**GOOD, **said[setting]})


BROKEN = {
    "a bracket left open": ("hosts = [(\n", 1, "SyntaxError: '(' was never closed."),
    "a name that isn't there": ("x = 1\nhosts = nothing\n", 2, "NameError: name 'nothing' is not defined."),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_an_inventory_that_breaks_is_told_with_its_line(fault: str, tmp_path: Path) -> None:
    text, line, what = BROKEN[fault]
    inventory = tmp_path / "mine.py"
    inventory.write_text(text)
    problem = describe_broken(str(inventory), _error_of(inventory))
    assert (problem.where, problem.what) == (f"{inventory}:{line}", what)


def _error_of(inventory: Path) -> Exception:
    try:
        exec(compile(inventory.read_text(), str(inventory), "exec"), {})  # noqa: S102 - as pyinfra reads it
    except (SyntaxError, NameError) as error:
        return error
    raise AssertionError("the inventory isn't broken")
