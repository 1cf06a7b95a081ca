"""What was measured, as data: printed, kept in .garrison/reports/bench.json, shown by docs/performance.md."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".garrison" / "reports" / "bench.json"
Figures = dict[str, float | int | str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a section's table; the first row's ``figures`` name the columns."""

    what: str
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a section comes to, beside what was aimed at."""

    what: str
    measured: str
    aim: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One measurement. ``load`` is the machine's 1-minute load before and after."""

    id: str
    method: str
    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...] = ()
    load: tuple[float, float] | None = None


def spread(seconds: list[float], unit: str = "s") -> Figures:
    """Runs, minimum and median; the maximum of a shared machine is noise more often than not."""
    return {"runs": len(seconds), f"min {unit}": min(seconds), f"median {unit}": median(seconds)}


def load_average() -> float:
    """Of the last minute."""
    return round(os.getloadavg()[0], 1)


def keep(section: Section, file: Path = FILE) -> None:
    """Print a section and put it into the file, in the place of its last measurement."""
    print("\n" + "\n".join(describe(section)))  # noqa: T201 - the measurement is the output
    document = read(file)
    document["sections"][section.id] = {**asdict(section), "measured": _now(), "machine": _machine()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> dict[str, dict[str, dict[str, object]]]:
    """Everything kept so far."""
    if file.is_file():
        return dict(json.loads(file.read_text(encoding="utf-8")))
    return {"sections": {}}


def describe(section: Section) -> list[str]:
    """The section for a person, as lines of Markdown."""
    columns = list(section.rows[0].figures)
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    for row in section.rows:
        cells = [show(row.figures.get(column, "")) for column in columns]
        lines.append(f"| {row.what} | {' | '.join(cells)} |")
    if section.outcomes:
        lines += ["", "| | measured | aim |", "|---|---|---|"]
        lines += [f"| {one.what} | {one.measured} | {one.aim} |" for one in section.outcomes]
    return lines


def show(figure: float | int | str) -> str:
    """Three significant digits, or all of them in a whole number."""
    return f"{figure:.3g}" if isinstance(figure, float) and abs(figure) < 1000 else _whole(figure)


def _whole(figure: float | int | str) -> str:
    return f"{figure:.0f}" if isinstance(figure, float) else str(figure)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _machine() -> str:
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
