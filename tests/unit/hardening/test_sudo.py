"""sudo's drop-in: made of the controls, read last, and never laid down unproved."""

from collections.abc import Callable, Mapping

from garrison.hardening.sudo import DROP_IN, ROTATION, plan_sudo, render_sudo
from tests.unit.hardening.fresh import after, chosen, fresh, laid, lines, settings


def test_the_drop_in_is_the_recorded_one(golden: Callable[[str, Mapping[str, bytes]], None]) -> None:
    golden("hardening/sudo", {"zz-garrison": render_sudo(chosen("strict"), settings()).encode()})


def test_without_knowing_who_deploys_nobodys_umask_is_set() -> None:
    assert "Defaults:" not in render_sudo(chosen("strict"), settings(ssh_user=None))


def test_files_are_laid_down_and_proved_in_one_command() -> None:
    (step,) = plan_sudo(fresh(), chosen("baseline"), settings())
    (one,) = [line for line in lines([step]) if "tar -xz" in line]
    assert "visudo -cq" in one
    assert "guard revert sudo" in one


def test_a_host_that_has_it_is_left_alone() -> None:
    steps = list(plan_sudo(fresh(), chosen("baseline"), settings()))
    assert laid(steps).keys() == {DROP_IN, ROTATION}
    assert list(plan_sudo(after(fresh(), steps), chosen("baseline"), settings())) == []
