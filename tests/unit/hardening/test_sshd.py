"""sshd's drop-in: made of the controls, read first, and never without whoever deploys."""

from collections.abc import Callable, Mapping

import pytest

from garrison.controls.model import Level
from garrison.hardening.sshd import DROP_IN, MAIN, plan_sshd, render_sshd, with_include
from tests.unit.hardening.fresh import after, chosen, fresh, laid, lines, settings

INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n"


@pytest.mark.parametrize("level", ["baseline", "strict"])
def test_the_drop_in_is_the_recorded_one(
    level: Level, golden: Callable[[str, Mapping[str, bytes]], None]
) -> None:
    golden(f"hardening/sshd-{level}", {"00-garrison.conf": render_sshd(chosen(level), settings()).encode()})


@pytest.mark.parametrize(
    ("level", "said", "is_off"),
    [
        ("baseline", None, False),
        ("baseline", "none", True),
        ("baseline", "loopback", False),
        ("strict", None, True),
        ("strict", "loopback", False),
    ],
)
def test_forwarding_is_the_levels_unless_the_inventory_decides(
    level: Level, said: str | None, is_off: bool
) -> None:
    text = render_sshd(chosen(level), settings(ssh_forwarding=said))
    assert ("\nDisableForwarding yes\n" in text) == is_off


def test_without_knowing_who_deploys_no_list_shuts_anybody_out() -> None:
    assert "AllowGroups" not in render_sshd(chosen("strict"), settings(ssh_user=None))


def test_the_change_is_tested_before_it_is_loaded_and_proved_after() -> None:
    (step,) = plan_sshd(fresh(), chosen("baseline"), settings())
    said = lines([step])
    assert "guard arm sshd" in said[0]
    assert ["sshd -t" in line for line in said] == [False, False, True, False]
    assert "try-reload-or-restart ssh.service" in said[3]


def test_a_host_that_has_it_is_left_alone() -> None:
    host = fresh()
    steps = list(plan_sshd(host, chosen("baseline"), settings()))
    assert laid(steps).keys() == {DROP_IN}
    assert list(plan_sshd(after(host, steps), chosen("baseline"), settings())) == []


def test_a_host_without_sshd_gets_no_file_of_it() -> None:
    assert list(plan_sshd(fresh(sshd=None), chosen("baseline"), settings())) == []


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Port 22\n", f"{INCLUDE}Port 22\n"),
        (f"Port 22\n{INCLUDE}", f"Port 22\n{INCLUDE}"),
        (
            f"Match User a\n  X11Forwarding no\n{INCLUDE}",
            f"{INCLUDE}Match User a\n  X11Forwarding no\n{INCLUDE}",
        ),
        (f"#{INCLUDE}", f"{INCLUDE}#{INCLUDE}"),
    ],
)
def test_drop_ins_are_read_by_everybodys_part_of_the_main_file(before: str, expected: str) -> None:
    assert with_include(before) == expected


def test_a_main_file_that_reads_no_drop_in_is_made_to() -> None:
    host = fresh(texts={MAIN: "PermitRootLogin yes\n"})
    assert laid(plan_sshd(host, chosen("baseline"), settings()))[MAIN].startswith(INCLUDE)
