"""What comes of a control: passed, failed, waived, excused, or not applicable with its sentence."""

import pytest

from garrison.controls.deviations import load_deviations
from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.plan.expect import expect
from garrison.plan.wanted import Wanted
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from tests.unit.controls.making import GOOD, NO_PASSWORD, NO_ROOT, control, deviation, judged, waiver

BAD = {"sshd": {"permitrootlogin": ["yes"], "passwordauthentication": ["no"]}}


def test_a_control_passes_when_its_conditions_hold(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control())["S06"]
    assert (verdict.state, verdict.findings, verdict.family) == (State.PASSED, (), "access")


def test_a_control_fails_by_one_of_its_conditions(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(holds=(NO_PASSWORD, NO_ROOT)), facts=BAD)["S06"]
    (problem,) = verdict.failures
    assert verdict.state is State.FAILED
    assert str(problem) == (
        "sshd -T permitrootlogin: it is yes, not no. Run `garrison deploy INVENTORY --phases host`."
    )
    assert problem.id == "S06"


def test_what_could_not_be_read_has_failed(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(), facts={"sshd": None})["S06"]
    assert verdict.state is State.FAILED
    assert [one.id for one in verdict.failures] == ["S06.unseen"]


def test_a_host_that_tells_nothing_of_itself_has_failed(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(applies="own-kernel"), facts=None)["S06"]
    assert verdict.state is State.FAILED
    assert verdict.failures[0].what == "it didn't tell whether this applies (own-kernel)."


def test_a_false_fact_makes_it_not_applicable_with_a_sentence(wanted: Wanted, bare: Snapshot) -> None:
    kernel = {
        "container": "systemd-nspawn",
        "release": "6",
        "apparmor": None,
        "audit": None,
        "boot_loader": False,
    }
    verdict = judged(wanted, bare, control(applies="own-kernel"), facts=BAD | {"kernel": kernel})["S06"]
    assert verdict.state is State.NOT_APPLICABLE
    assert verdict.note == "the host is a container, and its kernel is that of the machine around it."


@pytest.mark.parametrize(("level", "controls"), [("baseline", {"S06"}), ("strict", {"S06", "S09"})])
def test_strict_asks_for_all_that_baseline_does(
    level: str, controls: set[str], wanted: Wanted, bare: Snapshot
) -> None:
    both = (control(), control("S09", level="strict"))
    assert set(judged(wanted, bare, *both, level=level)) == controls  # type: ignore[arg-type] # of the table


HOME = {"kind": "mount", "path": "/home", "options": ("nodev",)}
VAR = {"kind": "mount", "path": "/var", "options": ("nodev",)}


def mounted(*paths: str, options: tuple[str, ...] = ()) -> dict[str, object]:
    return {
        "mounts": [
            {"path": path, "source": "/dev/vdb", "fstype": "ext4", "options": options} for path in paths
        ]
    }


def test_what_is_absent_fails(wanted: Wanted, bare: Snapshot) -> None:
    assert judged(wanted, bare, control(holds=(HOME,)))["S06"].state is State.FAILED


def test_what_is_absent_is_not_applicable_where_only_presence_asks(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(holds=(HOME, VAR), only_if_present=True))["S06"]
    assert verdict.state is State.NOT_APPLICABLE
    assert verdict.note == "mount /home: nothing is mounted there of its own."


def test_what_is_present_is_judged_beside_what_is_absent(wanted: Wanted, bare: Snapshot) -> None:
    one = control(holds=(HOME, VAR), only_if_present=True)
    assert judged(wanted, bare, one, facts=mounted("/var"))["S06"].state is State.FAILED
    assert judged(wanted, bare, one, facts=mounted("/var", options=("nodev",)))["S06"].state is State.PASSED


def test_what_was_not_read_is_no_absence(wanted: Wanted, bare: Snapshot) -> None:
    one = control(holds=({"kind": "sysctl", "key": "kernel.a", "value": "1"},), only_if_present=True)
    assert judged(wanted, bare, one)["S06"].state is State.FAILED
    assert (
        judged(wanted, bare, one, facts={"sysctl": {"kernel.a": None}})["S06"].state is State.NOT_APPLICABLE
    )


def test_a_waiver_names_the_control(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(), facts=BAD, waivers=(waiver("S06"),))["S06"]
    assert verdict.state is State.WAIVED
    assert verdict.findings[0].waiver == waiver("S06")


@pytest.mark.parametrize(
    "other", [waiver("S07"), waiver("S06", host="db"), waiver("S06", expires="2026-11-24")]
)
def test_another_or_an_expired_waiver_covers_nothing(other: object, wanted: Wanted, bare: Snapshot) -> None:
    assert judged(wanted, bare, control(), facts=BAD, waivers=(other,))["S06"].state is State.FAILED  # type: ignore[arg-type] # a table of waivers


@pytest.mark.parametrize(("named", "state"), [("S06", State.FAILED), ("S06.unseen", State.WAIVED)])
def test_a_waiver_covers_what_was_not_seen_only_by_that_name(
    named: str, state: State, wanted: Wanted, bare: Snapshot
) -> None:
    unread: dict[str, object] = {"sshd": None}
    assert judged(wanted, bare, control(), facts=unread, waivers=(waiver(named),))["S06"].state is state


@pytest.mark.parametrize(
    ("named", "state"),
    [
        ("C08", State.FAILED),
        ("secrets-are-nowhere-else", State.FAILED),
        ("C08.unseen", State.WAIVED),
        ("secrets-are-nowhere-else.unmeasured", State.WAIVED),
    ],
)
def test_nor_does_one_cover_what_a_check_did_not_measure(
    named: str, state: State, wanted: Wanted, bare: Snapshot
) -> None:
    one = control("C08", holds=({"kind": "evidence", "check": "secrets-are-nowhere-else"},))
    assert judged(wanted, bare, one, waivers=(waiver(named),))["C08"].state is state


def test_a_waiver_may_still_name_the_finding_of_the_check(wanted: Wanted, bare: Snapshot) -> None:
    one = control("C08", holds=({"kind": "evidence", "check": "secrets-are-nowhere-else"},))
    verdict = judged(wanted, bare, one, waivers=(waiver("secrets-are-nowhere-else.unmeasured"),))["C08"]
    assert verdict.state is State.WAIVED


def test_a_deviation_excuses_its_control(wanted: Wanted, bare: Snapshot) -> None:
    excuse = deviation(control="S06", compensated_by=("S07",))
    controls = (control(), control("S07", holds=(NO_PASSWORD,)))
    found = judged(wanted, bare, *controls, facts=BAD, deviations=(excuse,))
    assert (found["S06"].state, found["D01"].state) == (State.DEVIATES, State.DEVIATES)
    assert found["S06"].note == "D01: We keep it..... Container storage is made of it."


def test_a_failed_deviation_excuses_nothing(wanted: Wanted, bare: Snapshot) -> None:
    excuse = deviation(control="S06", review="2026-11-24", compensated_by=("S07",))
    controls = (control(), control("S07", holds=(NO_PASSWORD,)))
    found = judged(wanted, bare, *controls, facts=BAD, deviations=(excuse,))
    assert (found["S06"].state, found["D01"].state) == (State.FAILED, State.FAILED)


def test_a_deviation_does_not_excuse_what_was_not_seen(wanted: Wanted, bare: Snapshot) -> None:
    excuse = deviation(control="S06", compensated_by=("S07",))
    holds = ({"kind": "package", "name": "telnet", "present": False},)
    found = judged(
        wanted, bare, control(), control("S07", holds=holds), facts={"sshd": None}, deviations=(excuse,)
    )
    assert (found["S06"].state, found["D01"].state) == (State.FAILED, State.DEVIATES)


@pytest.mark.parametrize(
    ("place", "state"), [("sshd -T permitrootlogin", State.DEVIATES), ("inventory", State.FAILED)]
)
def test_a_deviation_excuses_only_the_places_that_it_names(
    place: str, state: State, wanted: Wanted, bare: Snapshot
) -> None:
    excuse = deviation(control="S06", compensated_by=("S07",), excuses=(place,))
    controls = (control(), control("S07", holds=(NO_PASSWORD,)))
    found = judged(wanted, bare, *controls, facts=BAD, deviations=(excuse,))
    assert (found["S06"].state, found["D01"].state) == (state, State.DEVIATES)


def test_an_emptied_egress_chain_is_not_excused_by_an_egress_that_is_not_set(bare: Snapshot) -> None:
    controls = load_controls().by_id
    (placed,) = (one for one in load_deviations(controls) if one.deviation.control == "F03")
    excuse = deviation(**placed.deviation.model_dump() | {"compensated_by": ("S07",)})
    ruleset = {"nftables": [{"table": {"family": "inet", "name": "garrison"}}]}
    for egress, state in ((None, State.DEVIATES), ({}, State.FAILED)):
        settings = HostSettings.from_data("lab", {"server_names": ("lab.test",), "egress": egress})
        found = judged(
            expect(settings, bare),
            bare,
            controls["F03"],
            control("S07", holds=(NO_PASSWORD,)),
            facts=GOOD | {"firewall": ruleset},
            deviations=(excuse,),
            level="strict",
        )
        assert found["F03"].state is state


def test_a_control_that_holds_needs_no_excuse(wanted: Wanted, bare: Snapshot) -> None:
    found = judged(wanted, bare, control(), facts=GOOD, deviations=(deviation(control="S06"),))
    assert found["S06"].state is State.PASSED


def test_what_excuses_a_control_of_strict_is_silent_at_baseline(wanted: Wanted, bare: Snapshot) -> None:
    excuse = deviation(control="S06", compensated_by=("S07",))
    controls = (control(level="strict"), control("S07", holds=(NO_PASSWORD,)))
    assert set(judged(wanted, bare, *controls, facts=BAD, deviations=(excuse,))) == {"S07"}
    assert set(judged(wanted, bare, *controls, facts=BAD, deviations=(excuse,), level="strict")) == {
        "S06",
        "S07",
        "D01",
    }


@pytest.mark.parametrize(
    ("remedy", "told"), [("chmod 0600 /etc/x", "Run `chmod 0600 /etc/x`."), ("Ask anna.", "Ask anna.")]
)
def test_a_remedy_is_a_command_or_a_sentence(remedy: str, told: str, wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(remedy=remedy), facts=BAD)["S06"]
    assert verdict.failures[0].remedy == told
