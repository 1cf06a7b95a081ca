import pytest

from tests.standards.named import Named
from tests.standards.results import Lynis, Measurement, Scan
from tests.standards.table import BEGIN, END, render, replace


def measurement(index: int, *failed: str) -> Measurement:
    scan = Scan(passed=("a", "b"), not_applicable=0, failed=dict.fromkeys(failed, "title"))
    return Measurement(
        level1=scan, level2=scan, lynis=Lynis(index=index, warnings=(), suggestions=()), blind=()
    )


def test_the_table_shows_how_many_of_the_rules_that_apply_fail() -> None:
    named = Named(kinds={"c": "deviation", "d": "blind"}, twice=())
    table = render(measurement(60, "c", "d", "e"), measurement(81, "c", "d"), named)
    assert "| CIS level 1, server: failed rules | 3 of 5 | 2 of 4 | 1 | 0 | 0 | 1 |\n" in table
    assert "| Lynis: hardening index | 60 | 81 |  |  |  |  |\n" in table


def test_only_what_is_between_the_marks_is_replaced() -> None:
    assert replace(f"a\n{BEGIN}old\n{END}b\n", "new\n") == f"a\n{BEGIN}\nnew\n\n{END}b\n"


def test_a_readme_without_the_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="lacks the line"):
        replace("a\n", "new\n")
