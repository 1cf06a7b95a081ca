from pathlib import Path

import pytest

from tests.standards.results import level1_of, parse_lynis, parse_results, summarize


@pytest.fixture
def results(fixtures: Path) -> str:
    return (fixtures / "standards/results.xml").read_text()


def test_a_rule_has_its_title_on_one_line(results: str) -> None:
    first = parse_results(results)[0]
    assert (first.rule, first.title, first.severity, first.result) == (
        *("sshd_set_max_sessions", "Set SSH MaxSessions limit", "medium", "fail"),
    )


def test_rules_the_profile_did_not_select_are_left_out(results: str) -> None:
    assert "package_gdm_removed" not in {each.rule for each in parse_results(results)}


def test_a_rule_that_errs_counts_as_failed(results: str) -> None:
    scan = summarize(parse_results(results))
    assert scan.failed == {
        "sshd_set_max_sessions": "Set SSH MaxSessions limit",
        "aide_build_database": "Build AIDE",
    }


def test_rules_that_pass_and_those_that_do_not_apply_are_kept_apart(results: str) -> None:
    scan = summarize(parse_results(results))
    assert (scan.passed, scan.not_applicable) == (("package_aide_installed",), 1)


def test_level_1_is_read_from_a_scan_at_level_2(results: str) -> None:
    found = level1_of(results, parse_results(results))
    assert [each.rule for each in found] == ["sshd_set_max_sessions"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('package_gdm_removed" selected="false"', 'package_gdm_removed" selected="true"'),
        ('idref="var_sessions" selector="10"', 'idref="var_sessions" selector="4"'),
    ],
    ids=["another rule", "another value"],
)
def test_a_level_1_of_its_own_is_not_read_from_level_2(results: str, before: str, after: str) -> None:
    with pytest.raises(ValueError, match="scan at both levels"):
        level1_of(results.replace(before, after, 1), parse_results(results))


def test_the_report_of_lynis_gives_index_warnings_and_suggestions(fixtures: Path) -> None:
    report = parse_lynis((fixtures / "standards/lynis-report.dat").read_text())
    assert report.index == 60
    assert report.warnings == ("PKGS-7392: Found one or more vulnerable packages.",)
    assert (
        report.suggestions[0] == "SSH-7408: Consider hardening SSH configuration (MaxSessions (set 10 to 2))"
    )


def test_a_report_of_lynis_that_was_cut_off_is_no_report() -> None:
    with pytest.raises(ValueError, match="did not come to its end"):
        parse_lynis("report_version_major=1\n")
