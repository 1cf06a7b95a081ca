"""docs/controls.md: every control, what it asks, by which standards, and where we deviate from them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from garrison.controls.applies import FACTS
from garrison.controls.deviations import PlacedDeviation
from garrison.controls.load import Controls
from garrison.controls.model import LEVELS, Control, Standard
from garrison.docs.conditions import describe, kinds
from garrison.docs.tables import table

PAGE = PurePosixPath("docs/controls.md")
COMMAND = "make docs"
_HEAD = f"""<!-- Made from controls/ by `{COMMAND}`; change that. -->
# Controls

What must hold on a host, one record a control below [controls/](../controls).
`garrison check` compares each with the host; `garrison deploy` writes what it asks for.
An inventory's `hardening` chooses the level: `strict` asks for all that `baseline` does, and more.

What couldn't be read has failed, never passed.
What isn't applicable says why, by a fact that the host itself told.
"""
_SAYS = """## What a control says

A control is a file `controls/FAMILY/ID-SLUG.yaml`; the last words of its name are for people.

| key | what it says |
| --- | --- |
| `id` | a letter for the family, and a number |
| `title` | what must hold, as a sentence |
| `level` | `baseline` or `strict` |
| `severity` | `high`, `medium` or `low` |
| `why` | what it is good for |
| `standards` | each standard with its version, and the sections that ask for it |
| `applies` | a fact (below); where it is false the control isn't applicable |
| `only_if_present` | `true`: what isn't there needs nothing, such as options of a mount |
| `holds` | its conditions (below) |
| `remedy` | a command, or a sentence; without it, a deploy of phase 1.1 |
| `failure` | what a failure looks like |
| `broken_by` | how a test breaks it: `live` (as root; `on: stack` where it needs one), `remade` (a container that is \
made anew otherwise), `edited` (a file of a service), `recorded`; `spoilt` (what was recorded is changed) alone or \
beside a live one |
| `note` | anything else |

`broken_by` may say what else fails with it (`breaks`; within `remade` and `edited` for those), what mends it where
no deploy does (`mended_by`), and the service without which it can't be broken (`service`).
In paths `{stack_home}`, `{stack_user}` and `{stack_uid}` stand for the host's settings.
"""
_DEVIATES = """## Where we deviate

Each of these is judged on every host: it fails when what makes up for it doesn't pass, and when its review is due.
They stand in [controls/deviations.yaml](../controls/deviations.yaml).
"""


def render_controls(controls: Controls, deviations: Sequence[PlacedDeviation]) -> str:
    """The whole page."""
    parts = [_HEAD, *_counts(controls)]
    for family in _families(controls):
        parts += [f"## {family}\n", _family(controls, family)]
    parts += [_DEVIATES, _deviations(deviations), *_standards(controls, deviations)]
    parts += [
        _SAYS,
        "### Facts\n",
        _facts(),
        "### Conditions\n",
        table(("kind", "what it says", "keys"), kinds()),
    ]
    return "\n".join(parts)


def _families(controls: Controls) -> Mapping[str, list[Control]]:
    found: dict[str, list[Control]] = defaultdict(list)
    for name, control in controls.by_id.items():
        found[controls.family(name)].append(control)
    return dict(sorted(found.items()))


def _counts(controls: Controls) -> Iterator[str]:
    rows = [
        (f"[{family}](#{family})", *(str(sum(one.level == level for one in members)) for level in LEVELS))
        for family, members in _families(controls).items()
    ]
    total = ("all", *(str(sum(one.level == level for one in controls.by_id.values())) for level in LEVELS))
    yield table(("family", *LEVELS), [*rows, total])


def _family(controls: Controls, family: str) -> str:
    rows = [
        (
            one.id,
            one.title,
            one.level,
            one.severity,
            _cited(one.standards),
            "<br>".join(describe(each) for each in one.holds),
            _repair(one.remedy),
        )
        for one in _families(controls)[family]
    ]
    return table(("id", "what holds", "level", "severity", "standards", "shown by", "repaired by"), rows)


def _cited(standards: Mapping[Standard, Sequence[str]]) -> str:
    return "<br>".join(f"{name}: {', '.join(sections)}" for name, sections in standards.items()) or "none"


def _repair(remedy: str) -> str:
    """A command, or a sentence."""
    escaped = remedy.replace("|", "\\|")
    return escaped if remedy[0].isupper() else f"`{escaped}`"


def _deviations(deviations: Sequence[PlacedDeviation]) -> str:
    rows = [
        (
            one.id,
            f"{one.standard}: {', '.join(one.section)}",
            one.says,
            one.we_do,
            one.because,
            ", ".join(one.compensated_by),
            f"{one.owner}, by {one.review}",
        )
        for one in (placed.deviation for placed in deviations)
    ]
    head = ("id", "standard", "it says", "we do", "because", "made up for by", "reviewed by")
    return table(head, rows)


def _standards(controls: Controls, deviations: Sequence[PlacedDeviation]) -> Iterator[str]:
    """For each standard, which section is met by what."""
    found: dict[Standard, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for control in controls.by_id.values():
        for standard, sections in control.standards.items():
            for section in sections:
                found[standard][section].append(control.id)
    for placed in deviations:
        for section in placed.deviation.section:
            found[placed.deviation.standard][section].append(placed.deviation.id)
    yield "## By standard\n"
    for standard, by_section in sorted(found.items()):
        yield f"### {standard}\n"
        rows = [(section, ", ".join(names)) for section, names in sorted(by_section.items(), key=_by_number)]
        yield table(("section", "controls and deviations"), rows)


def _by_number(item: tuple[str, list[str]]) -> list[tuple[int, str]]:
    parts = item[0].replace("(", ".").replace("-", ".").split(".")
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _facts() -> str:
    rows = [(f"`{name}`", fact.otherwise or "it always applies") for name, fact in sorted(FACTS.items())]
    return table(("fact", "said where it is false"), rows)
