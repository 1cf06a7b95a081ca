"""The README's table of what the standards' tools say: ``python -m tests.standards.table`` writes it anew."""

from pathlib import Path

from tests.standards.measure import KINDS, load
from tests.standards.named import Named, load_names
from tests.standards.results import Measurement, Scan

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- standards: written by tests/standards/table.py -->\n", "<!-- /standards -->\n"


def render(before: Measurement, after: Measurement, named: Named) -> str:
    """Return the table in Markdown: what fails, and why what still fails does."""
    rows = [
        ("", "bare", "hardened", "tool is blind", "tool is mistaken", "container", "deviation"),
        ("---", *("---:",) * 6),
        ("CIS level 1, server: failed rules", *_numbers(before.level1, after.level1, named)),
        ("CIS level 2, server: failed rules", *_numbers(before.level2, after.level2, named)),
        ("Lynis: hardening index", str(before.lynis.index), str(after.lynis.index), *("",) * 4),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _numbers(before: Scan, after: Scan, named: Named) -> tuple[str, ...]:
    return (
        _share(before),
        _share(after),
        *(str(len(after.failed.keys() & named.of_kind(kind))) for kind in KINDS),
    )


def _share(scan: Scan) -> str:
    return f"{len(scan.failed)} of {len(scan.failed) + len(scan.passed)}"


def replace(text: str, table: str) -> str:
    """Return ``text`` with ``table`` between the marks; raises ValueError where they are missing."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the line {(END if begin else BEGIN).strip()}")
    return f"{head}{begin}\n{table}\n{end}{tail}"


def main() -> None:
    """Write the table of the kept measurements into the README."""
    README.write_text(replace(README.read_text(), render(load("before"), load("after"), load_names())))


if __name__ == "__main__":
    main()
