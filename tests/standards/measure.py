"""Measures one hardened host over SSH, and keeps and prints what was found: ``python -m tests.standards.measure HOST``.

``vm`` is the full machine, which ``GARRISON_KEEP_VM=1 make test-vm`` leaves up; it takes half an hour there.
"""

import gzip
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from garrison.lab.access import ssh_argv
from garrison.lab.apt import read_mirrors
from garrison.lab.lab import open_checkout
from garrison.lab.vm import argv
from garrison.lab.vm.disk import NAME as FULL_MACHINE
from garrison.lab.vm.places import VmPlaces
from garrison.lab.vm.state import load_state
from tests.standards import tools
from tests.standards.named import load_names
from tests.standards.results import Measurement, level1_of, parse_lynis, parse_results, summarize

FOLDER = Path(__file__).parents[2] / ".garrison" / "standards"
# Programs go in by stdin, since their own words would have to pass two shells.
AS_ROOT = ("sudo", "sh", "-s")
KINDS = ("blind", "mistaken", "container", "deviation")
Host = Callable[[Sequence[str]], list[str]]


def lab_host(name: str) -> Host:
    """Return what turns a command into the one that runs it on the lab host ``name``."""
    lab = open_checkout()
    address = str(lab.require(name).ipv4(name))
    return lambda command: ssh_argv(lab.places, address, command, batch=True)


def full_machine() -> Host:
    """Return the same for the full machine; raises RuntimeError where it isn't up."""
    places = VmPlaces(lab=open_checkout().places)
    state = load_state(places.state_file)
    if state is None:
        raise RuntimeError("no full machine is up: GARRISON_KEEP_VM=1 make test-vm leaves it so")
    port = state.ssh_port
    return lambda command: argv.ssh_argv(places.ssh_key, places.known_hosts, port, command)


def run(host: Host, program: str, timeout_s: float = 1800) -> bytes:
    """Run ``program`` as root on ``host`` and return what it printed; raises RuntimeError when it fails."""
    # The shell reads the program from stdin, so nothing that it starts may.
    text = f"{{\n{program}}} </dev/null\n"
    done = subprocess.run(
        host(AS_ROOT), input=text.encode(), capture_output=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def install(host: Host) -> None:
    """Install the tools on ``host``."""
    run(host, tools.install_program(read_mirrors()))


def measure(host: Host, *, is_hardened: bool, timeout_s: float = 3600) -> Measurement:
    """Return what the tools, which have to be there, say of ``host``.

    One scan serves both levels: level 2 holds all of level 1. What a rule is blind to is asked of a hardened host only.
    """

    def read(program: str) -> str:
        return gzip.decompress(run(host, program, timeout_s)).decode()

    text = read(tools.scan_program())
    results = parse_results(text)
    level2 = summarize(results)
    shown = parse_results(read(tools.shown_program(sorted(level2.failed)))) if is_hardened else ()
    return Measurement(
        level1=summarize(level1_of(text, results)),
        level2=level2,
        lynis=parse_lynis(read(tools.lynis_program())),
        blind=tuple(
            sorted(each.rule for each in shown if each.result == "pass" and each.rule in level2.failed)
        ),
    )


def keep(measurement: Measurement, name: str) -> None:
    """Write ``measurement`` where the table of the README takes it from."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(measurement.model_dump_json(indent=1) + "\n")


def load(name: str) -> Measurement:
    """Return the kept measurement ``name``."""
    return Measurement.model_validate_json((FOLDER / f"{name}.json").read_text())


def main(name: str) -> None:
    """Measure the hardened host ``name``, installing the tools there."""
    ssh = full_machine() if name == FULL_MACHINE else lab_host(name)
    install(ssh)
    found = measure(ssh, is_hardened=True)
    keep(found, name)
    names = load_names()
    for level, scan in (("level 1", found.level1), ("level 2", found.level2)):
        failed, unnamed = scan.failed.keys(), names.missing(scan.failed.keys())
        kinds = ", ".join(f"{len(failed & names.of_kind(kind))} {kind}" for kind in (*KINDS, "machine"))
        asked = len(scan.failed) + len(scan.passed)
        print(f"{level}: {len(failed)} of {asked} failed: {kinds}, not named: {' '.join(unnamed) or 'none'}")  # noqa: T201
    stale = names.stale_on_machine(found.failed) if name == FULL_MACHINE else names.stale(found.failed)
    print(f"named, but didn't fail: {' '.join(stale) or 'none'}")  # noqa: T201
    print(f"Lynis: {found.lynis.index}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
