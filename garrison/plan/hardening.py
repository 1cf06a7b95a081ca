"""The hardening in phase 1.1: what each part of it makes of the controls, as one list of steps."""

from collections.abc import Iterator, Mapping

from garrison.controls.conditions import File, Mount, Package, Sysctl, Unit
from garrison.hardening.access import plan_access
from garrison.hardening.aide import plan_database
from garrison.hardening.clock import plan_clock
from garrison.hardening.files import plan_files
from garrison.hardening.firewall import plan_firewall
from garrison.hardening.journal import plan_journal
from garrison.hardening.mounts import plan_mounts
from garrison.hardening.packages import missing_packages, plan_removal
from garrison.hardening.sysctl import PATH as SYSCTL
from garrison.hardening.sysctl import plan_sysctl
from garrison.hardening.units import plan_units
from garrison.plan.hostfiles import HostFile
from garrison.plan.laying import withdraw_line
from garrison.plan.reloads import with_reloads
from garrison.plan.step import Command, Step, lay_files
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

_EARLY = ("/etc/systemd/", "/etc/apt/")
_UNITS = "/etc/systemd/system/"


def hardening_packages(snapshot: Snapshot, wanted: Wanted) -> tuple[str, ...]:
    """The packages that the chosen controls ask for and the host hasn't got."""
    return missing_packages(snapshot, wanted.chosen.of(Package))


def plan_before_packages(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Files that packages find as they are installed: what a daemon may start on, and what apt may bring along."""
    if snapshot.host is None:
        return
    yield from _lay("lay down settings of systemd and apt", _outdated(snapshot, wanted, early=True), snapshot)


def plan_hardening(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """What has to change for the chosen controls to hold; nothing where nobody looked at the host itself."""
    if snapshot.host is None or not wanted.chosen.controls:
        return
    chosen = wanted.chosen.on(snapshot)
    yield from _withdraw(snapshot, wanted)
    files = _outdated(snapshot, wanted, early=False)
    kernel = files.pop(SYSCTL, None)
    yield from _lay("lay down the hardening's files", files, snapshot)
    yield from plan_sysctl(snapshot, chosen.of(Sysctl), kernel, wanted.settings.guard_seconds)
    yield from plan_mounts(snapshot, chosen.of(Mount))
    yield from plan_clock(snapshot, chosen)
    yield from plan_journal(snapshot.host, chosen)
    yield from plan_removal(snapshot, chosen.of(Package), wanted.settings.remove_packages)
    yield from plan_units(snapshot, chosen.of(Unit), _own_units(wanted))
    yield from plan_database(snapshot, chosen.of(Package))
    yield from plan_access(snapshot, wanted)
    yield from plan_firewall(snapshot, wanted)
    brings_packages = bool(hardening_packages(snapshot, wanted))
    yield from plan_files(snapshot, chosen.of(File), brings_packages=brings_packages)


def _outdated(snapshot: Snapshot, wanted: Wanted, *, early: bool) -> dict[str, HostFile]:
    return {
        path: file
        for path, file in wanted.hardening_files.items()
        if path.startswith(_EARLY) == early and not file.is_in_place(snapshot.files.get(path))
    }


def _lay(title: str, files: Mapping[str, HostFile], snapshot: Snapshot) -> Iterator[Step]:
    if files:
        count = f"{len(files)} {'file is' if len(files) == 1 else 'files are'} missing or different"
        content = {path: (file.mode, file.content) for path, file in files.items()}
        keys = [file.reloads for file in files.values() if file.reloads]
        yield with_reloads(lay_files(title, count, content), keys, snapshot)


def _withdraw(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Files of a stricter level, or of another kind of host, that were laid down before."""
    gone = [
        path
        for path in sorted(wanted.possible_files - wanted.hardening_files.keys())
        if snapshot.files.get(path) is not None
    ]
    if gone:
        withdraw = Command(line=withdraw_line(gone))
        yield Step(title=f"withdraw {', '.join(gone)}", why="no longer wanted", commands=(withdraw,))


def _own_units(wanted: Wanted) -> frozenset[str]:
    return frozenset(
        name
        for path in wanted.hardening_files
        if path.startswith(_UNITS) and "/" not in (name := path.removeprefix(_UNITS))
    )
