"""Garrison's own table of nftables: laid down, loaded as a whole, loaded again at boot; under guard."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.controls.conditions import Code
from garrison.hardening.nft import Chain, read_document, read_text
from garrison.hardening.ruleset import render_ruleset
from garrison.hardening.texts import Text, lay, outdated, rendered
from garrison.plan.guarded import guarded
from garrison.plan.step import Command, Step, sh
from garrison.snapshot.host_model import HostFacts, HostWant
from garrison.snapshot.model import Snapshot

if (
    TYPE_CHECKING
):  # what is wanted asks the hardening what to look at, so at run time the arrow must not point back
    from garrison.plan.wanted import Wanted

TABLE = ("inet", "garrison")
SERVICE = "garrison-firewall.service"
FILE = "/etc/garrison/firewall.nft"
UNIT = f"/etc/systemd/system/{SERVICE}"
LINK = f"/etc/systemd/system/sysinit.target.wants/{SERVICE}"
FIREWALL_WANT = HostWant(
    texts=frozenset({FILE, UNIT}), files=frozenset({FILE, UNIT}), units=frozenset({SERVICE})
)
# What was there before is loaded again, and where there was nothing the table goes.
RELOAD = (
    f"if [ -e {FILE} ]; then nft -f {FILE}; else nft 'table inet garrison {{}}; delete table inet garrison'; fi",
    "systemctl daemon-reload",
)


def plan_firewall(snapshot: Snapshot, wanted: "Wanted") -> tuple[Step, ...]:
    """One guarded step where file, unit or the table in force differ from what is wanted; else none."""
    host = snapshot.host
    if host is None or not any(each.name.startswith("firewall-") for each in wanted.chosen.of(Code)):
        return ()
    ruleset = render_ruleset(snapshot, wanted)
    files = firewall_files(ruleset)
    reasons = tuple(_reasons(host, ruleset, files))
    if not reasons:
        return ()
    late = outdated(host, files)
    return (
        guarded(
            "firewall",
            (FILE, UNIT, LINK),
            RELOAD,
            (
                Command(line="nft -c -f -", stdin=ruleset),
                *((lay(late),) if late else ()),
                *((sh("systemctl", "daemon-reload"),) if UNIT in late else ()),
                sh("systemctl", "enable", "-q", SERVICE),
                sh("systemctl", "restart", SERVICE),
            ),
            title="load the firewall",
            why="; ".join(reasons),
            seconds=wanted.settings.guard_seconds,
        ),
    )


def firewall_files(ruleset: str) -> dict[str, Text]:
    """The two files by their path."""
    unit = rendered("systemd/garrison-firewall.service.j2")
    return {FILE: Text(mode=0o600, text=ruleset), UNIT: Text(mode=0o644, text=unit)}


def _reasons(host: HostFacts, ruleset: str, files: dict[str, Text]) -> Iterator[str]:
    if late := outdated(host, files):
        yield f"{', '.join(sorted(late))} {'is' if len(late) == 1 else 'are'} missing or different"
    unit = host.units.get(SERVICE)
    if unit is None or (unit.enabled, unit.active) != ("enabled", "active"):
        yield f"{SERVICE} isn't enabled and active"
    if chains_in_force(host) != read_text(ruleset):
        yield "the table in force is another"


def chains_in_force(host: HostFacts) -> tuple[Chain, ...] | None:
    """The chains of Garrison's table; None when the host doesn't tell its ruleset."""
    if host.firewall is None:
        return None
    return tuple(one for one in read_document(host.firewall) if (one.family, one.table) == TABLE)


def foreign_tables(host: HostFacts) -> tuple[str, ...]:
    """Tables of other tools that also decide what comes in or passes through."""
    chains = read_document(host.firewall) if host.firewall else ()
    found = (one for one in chains if one.hook in ("input", "forward") and (one.family, one.table) != TABLE)
    return tuple(dict.fromkeys(f"{one.family} {one.table}" for one in found))


def firewall_warnings(host: HostFacts) -> tuple[str, ...]:
    """What somebody should know who has another firewall, or Docker, on the host."""
    if not (tables := foreign_tables(host)):
        return ()
    names = ", ".join(tables)
    told = [
        f"other tools filter here as well ({names}): a packet has to pass their rules and Garrison's, and the "
        "door's ports have to be open in both. Garrison leaves their tables alone."
    ]
    if any("docker" in rule.lower() for one in read_document(host.firewall or {}) for rule in one.rules):
        told.append(
            "Docker forwards packets of its containers on this host; Garrison's table drops all that is forwarded."
        )
    return tuple(told)
