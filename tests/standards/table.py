"""The README's table of what the standards' tools say: ``python -m tests.standards.table`` writes it anew."""

from pathlib import Path

from tests.standards.measure import load
from tests.standards.results import Measurement, Scan

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- standards: written by tests/standards/table.py -->\n", "<!-- /standards -->\n"


def render(before: Measurement, after: Measurement) -> str:
    """Return the table in Markdown."""
    rows = [
        ("", "bare Debian 13", "hardened", "of these blind to drop-ins"),
        ("---", "---:", "---:", "---:"),
        ("CIS level 1, server: rules failed", *_numbers(before.level1, after.level1, after.blind)),
        ("CIS level 2, server: rules failed", *_numbers(before.level2, after.level2, after.blind)),
        ("Lynis: hardening index", str(before.lynis.index), str(after.lynis.index), ""),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _numbers(before: Scan, after: Scan, blind: tuple[str, ...]) -> tuple[str, str, str]:
    unseen = len(after.failed.keys() & set(blind))
    return _share(before), _share(after), str(unseen)


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
    README.write_text(replace(README.read_text(), render(load("before"), load("after"))))


if __name__ == "__main__":
    main()
