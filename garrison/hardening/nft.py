"""A ruleset of nftables as chains of plain lines: the one in force (``nft -j``) and the text of a file, comparable."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_SET = re.compile(r"\{ ([^{}]*) \}")
_STATES = re.compile(r"\bct state ([a-z]+(?:,[a-z]+)+)")
_BASE = re.compile(r"type (\w+) hook (\w+) priority (\w+); policy (\w+);")
_JOINTS = {"&": " & ", "range": "-", "concat": " . "}
_PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0, "security": 50}


@dataclass(frozen=True, kw_only=True)
class Chain:
    """``hook``, ``priority`` and ``policy`` belong to base chains; ``rules`` are as nft writes them, unquoted."""

    family: str
    table: str
    name: str
    hook: str = ""
    priority: int = 0
    policy: str = ""
    rules: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.family} {self.table} {self.name}"


def read_document(document: Mapping[str, Any]) -> tuple[Chain, ...]:
    """The chains of ``nft -j list ruleset``, in its order. Raises KeyError for a document of another kind."""
    rules: dict[tuple[str, str, str], list[str]] = {}
    heads: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for item in document["nftables"]:
        if chain := item.get("chain"):
            heads[chain["family"], chain["table"], chain["name"]] = chain
        elif rule := item.get("rule"):
            place = (rule["family"], rule["table"], rule["chain"])
            rules.setdefault(place, []).append(_rule(rule))
    return tuple(
        Chain(
            family=place[0],
            table=place[1],
            name=place[2],
            hook=head.get("hook", ""),
            priority=head.get("prio", 0),
            policy=head.get("policy", ""),
            rules=tuple(rules.get(place, ())),
        )
        for place, head in heads.items()
    )


def read_text(text: str) -> tuple[Chain, ...]:
    """The chains of a file in the form in which nft itself lists a table."""
    return tuple(_read_tables(line.strip() for line in text.splitlines()))


def _read_tables(lines: Iterable[str]) -> Iterator[Chain]:
    family = table = name = ""
    base: tuple[str, int, str] = ("", 0, "")
    rules: list[str] = []
    for line in lines:
        if line.startswith("table ") and line.endswith(" {"):
            _, family, table, _ = line.split()
        elif line.startswith("chain ") and line.endswith(" {"):
            name, base, rules = line.split()[1], ("", 0, ""), []
        elif found := _BASE.fullmatch(line):
            base = (found[2], _PRIORITIES.get(found[3], 0), found[4])
        elif line == "}" and name:
            hook, priority, policy = base
            yield Chain(
                family=family,
                table=table,
                name=name,
                hook=hook,
                priority=priority,
                policy=policy,
                rules=tuple(rules),
            )
            name = ""
        elif name and line and not line.startswith("#"):
            rules.append(plain(line))


def plain(line: str) -> str:
    """A rule without quotes, and with what has no order of its own in alphabetical order."""
    line = _SET.sub(lambda found: f"{{ {', '.join(sorted(found[1].split(', ')))} }}", line.replace('"', ""))
    return _STATES.sub(lambda found: f"ct state {','.join(sorted(found[1].split(',')))}", line)


def _rule(rule: Mapping[str, Any]) -> str:
    words = [_statement(*next(iter(each.items()))) for each in rule["expr"]]
    if rule.get("comment"):
        words.append(f"comment {rule['comment']}")
    return plain(" ".join(words))


def _statement(kind: str, value: Any) -> str:
    match kind:
        case "match" if isinstance(value, dict):
            negated = (
                "!= " if value["op"] == "!=" else "" if value["op"] in ("==", "in") else f"{value['op']} "
            )
            return f"{_value(value['left'])} {negated}{_value(value['right'])}"
        case "jump" | "goto" if isinstance(value, dict):
            return f"{kind} {value['target']}"
        case "limit" if isinstance(value, dict) and {"rate", "per", "burst"} <= value.keys():
            return f"limit rate {value['rate']}/{value['per']} burst {value['burst']} packets"
        case "log":
            is_prefix = isinstance(value, dict) and set(value) == {"prefix"}
            return f"log prefix {value['prefix']}" if is_prefix else f"log {value}"
        case "set" if isinstance(value, dict) and {"op", "elem", "set", "stmt"} <= value.keys():
            counted = [_statement(*next(iter(each.items()))) for each in value["stmt"]]
            return f"{value['op']} {value['set']} {{ {_value(value['elem'])} {' '.join(counted)} }}"
        case "ct count" if isinstance(value, dict) and "val" in value:
            return f"ct count {'over ' if value.get('inv') else ''}{value['val']}"
        case "reject" if isinstance(value, dict) and "type" in value:
            return f"reject with {value['type']} {value.get('expr', '')}".strip()
        case _ if value is None:
            return kind
    return f"{kind} {value}"  # nothing of ours: shown as it is, so that it differs


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_value(one) for one in value)
    if not isinstance(value, dict):
        return str(value)
    kind, inner = next(iter(value.items()))
    if joint := _JOINTS.get(kind):
        return joint.join(_value(one) for one in inner)
    match kind:
        case "payload":
            return f"{inner['protocol']} {inner['field']}" if "field" in inner else str(value)
        case "meta":
            known = ("iif", "oif", "iifname", "oifname", "mark")
            return str(inner["key"]) if inner["key"] in known else f"meta {inner['key']}"
        case "ct":
            return f"ct {inner['key']}"
        case "prefix":
            return f"{inner['addr']}/{inner['len']}"
        case "set":
            return f"{{ {', '.join(_value(one) for one in inner)} }}"
    return str(value)
