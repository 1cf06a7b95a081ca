"""What the firewall in force lets in, in which order, and whether it is the one that was laid down."""

import re
from collections import Counter
from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.hardening.firewall import SERVICE, chains_in_force, foreign_tables
from garrison.hardening.nft import Chain, read_text
from garrison.hardening.ruleset import allowed_ports, door_ports, render_ruleset, ssh_ports

_PORTS = re.compile(r"^(tcp|udp) dport (?:\{ ([\d, -]+) \}|([\d-]+))(?: |$)")
_END = re.compile(r"\b(accept|drop|reject)\b")
# What a host can't do without, and what asks no port: each is an exact rule of ours.
_NEEDED = re.compile(
    r"^(iif lo accept$|ct state established,related accept$|icmp type \{|icmpv6 type \{"
    r"|udp sport 67 udp dport 68 accept|ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept)"
)
_COMMENT = re.compile(r" comment .*$")


def _chain(seen: Seen, name: str) -> Iterator[Found | Chain]:
    """The chain of our table with that name, or the finding that there is none."""
    if seen.host is None or (chains := chains_in_force(seen.host)) is None:
        yield unseen("nft list ruleset")
        return
    found = next((one for one in chains if one.name == name), None)
    yield found or Found(where=f"inet garrison {name}", what="there is no such chain: nothing is filtered.")


@judges("firewall-denies")
def judge_policy(seen: Seen, hook: str) -> Iterator[Found]:
    """Whether the chain of the hook drops what no rule lets pass, for IPv4 and IPv6, and no rule lets all pass."""
    for chain in _chain(seen, hook):
        if isinstance(chain, Found):
            yield chain
        elif (chain.hook, chain.policy) != (hook, "drop"):
            yield Found(where=str(chain), what=f"its policy is {chain.policy or 'none'}, not drop.")
        elif any(_COMMENT.sub("", rule) == "accept" for rule in chain.rules):
            yield Found(where=str(chain), what="a rule accepts everything.")


@judges("firewall-accepts-what-is-declared")
def judge_ports(seen: Seen) -> Iterator[Found]:
    """Whether each rule that lets somebody in names a port that is declared, and each declared port has a rule."""
    for chain in _chain(seen, "input"):
        if isinstance(chain, Found):
            yield chain
            return
        open_ports: set[tuple[str, int]] = set()
        for rule in (_COMMENT.sub("", one) for one in chain.rules):
            if not re.search(r"\b(accept|jump|goto|queue)\b", rule) or _NEEDED.match(rule):
                continue
            ports = set(_ports_of(rule))
            open_ports |= ports
            if not ports or ports - _declared(seen):
                yield Found(where=str(chain), what=f"a rule lets in what nobody declares: {rule}.")
        for protocol, port in sorted(_declared(seen) - open_ports):
            yield Found(where=str(chain), what=f"no rule lets in {protocol} {port}, which is declared.")


@judges("firewall-lets-ssh-in-first")
def judge_order(seen: Seen) -> Iterator[Found]:
    """Whether every port of sshd is let in before the first rule that drops anything."""
    for chain in _chain(seen, "input"):
        if isinstance(chain, Found):
            yield chain
            return
        ends = [(_END.search(rule), rule) for rule in chain.rules]
        drops = [n for n, (end, _) in enumerate(ends) if end and end[1] in ("drop", "reject")]
        before = chain.rules[: drops[0]] if drops else chain.rules
        first = {port for rule in before if "accept" in rule for port in _ports_of(rule)}
        for port in ssh_ports(seen.snapshot):
            if ("tcp", port) not in first:
                yield Found(where=str(chain), what=f"tcp {port}, SSH, isn't let in before the first drop.")


@judges("firewall-has")
def judge_rules(seen: Seen, chain: str, rules: list[str]) -> Iterator[Found]:
    """Whether these rules are in force, comments aside."""
    for found in _chain(seen, chain):
        if isinstance(found, Found):
            yield found
            continue
        there = {_COMMENT.sub("", rule) for rule in found.rules}
        for rule in rules:
            if rule not in there:
                yield Found(where=str(found), what=f"it has no rule {rule}.")


@judges("firewall-is-as-laid-down")
def judge_drift(seen: Seen) -> Iterator[Found]:
    """Every rule that is in force and shouldn't be, or the other way round."""
    if seen.host is None or (chains := chains_in_force(seen.host)) is None:
        yield unseen("nft list ruleset")
        return
    wanted = {one.name: one for one in read_text(render_ruleset(seen.snapshot, seen.wanted))}
    found = {one.name: one for one in chains}
    for name in sorted(wanted.keys() | found.keys()):
        yield from _differences(wanted.get(name), found.get(name))


def _differences(wanted: Chain | None, found: Chain | None) -> Iterator[Found]:
    if wanted is None or found is None:
        one = wanted or found
        yield Found(
            where=str(one), what="the chain is missing." if found is None else "nobody laid down this chain."
        )
        return
    for rule in Counter(found.rules) - Counter(wanted.rules):
        yield Found(where=str(found), what=f"this rule isn't Garrison's: {rule}.")
    for rule in Counter(wanted.rules) - Counter(found.rules):
        yield Found(where=str(found), what=f"this rule is missing: {rule}.")
    if sorted(found.rules) == sorted(wanted.rules) and found != wanted:
        yield Found(where=str(found), what="its policy, or the order of its rules, was changed.")


@judges("firewall-limits-the-stack")
def judge_egress(seen: Seen) -> Iterator[Found]:
    """Whether the stack user is held to ``egress`` of the inventory."""
    settings = seen.wanted.settings
    if settings.egress is None:
        yield Found(
            where="inventory",
            what="egress isn't set: the stack user may reach everything.",
            remedy="Set egress in the inventory to what the stack has to reach.",
        )
        return
    for chain in _chain(seen, "egress"):
        if isinstance(chain, Found):
            yield chain
        elif not chain.rules or not chain.rules[-1].startswith(("reject", "drop")):
            yield Found(where=str(chain), what="it doesn't end with a refusal.")
    for chain in _chain(seen, "output"):
        jump = f"meta skuid {settings.stack_uid} jump egress"
        if isinstance(chain, Chain) and jump not in chain.rules:
            yield Found(where=str(chain), what=f"it has no rule {jump}.")


@judges("firewall-starts-at-boot")
def judge_boot(seen: Seen) -> Iterator[Found]:
    """Whether the table is loaded before there is a network."""
    unit = seen.host.units.get(SERVICE) if seen.host else None
    if unit is None:
        yield unseen(SERVICE)
    elif (unit.enabled, unit.active) != ("enabled", "active"):
        yield Found(where=SERVICE, what=f"it is {unit.enabled or unit.load} and {unit.active}.")


@judges("firewall-is-alone")
def judge_others(seen: Seen) -> Iterator[Found]:
    """Tables of other tools that filter as well."""
    if seen.host is None or seen.host.firewall is None:
        yield unseen("nft list ruleset")
        return
    for table in foreign_tables(seen.host):
        yield Found(where=table, what="this table, of another tool, filters what comes in as well.")


def _ports_of(rule: str) -> Iterator[tuple[str, int]]:
    if found := _PORTS.match(rule):
        for part in (found[2] or found[3]).split(", "):
            first, _, last = part.partition("-")
            yield from ((found[1], port) for port in range(int(first), int(last or first) + 1))


def _declared(seen: Seen) -> set[tuple[str, int]]:
    tcp = (*ssh_ports(seen.snapshot), *door_ports(seen.wanted), *allowed_ports(seen.wanted, "tcp"))
    return {*(("tcp", port) for port in tcp), *(("udp", port) for port in allowed_ports(seen.wanted, "udp"))}
