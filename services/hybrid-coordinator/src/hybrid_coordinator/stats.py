"""Counts what the service did, in Redis: a restart forgets nothing."""

from dataclasses import dataclass

from hybrid_coordinator.redis_link import Command, Link, key
from hybrid_coordinator.sessions import now

_STATS, _AGENTS = key("stats"), key("stats", "agents")
_MOST_AGENTS = 50

# Names of agents come from clients: beyond so many they are counted together.
_COUNT_AGENT = f"""
local name = ARGV[1]
if redis.call('HEXISTS', KEYS[1], name) == 0 and redis.call('HLEN', KEYS[1]) >= {_MOST_AGENTS} then name = 'other' end
return redis.call('HINCRBY', KEYS[1], name, 1)
"""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """All counters."""

    counters: dict[str, int]
    agent_types: dict[str, int]
    last_query_at: str | None


def count(counter: str, by: int = 1) -> Command:
    """The command that adds to a counter; it travels with the commands of what is counted."""
    return ("HINCRBY", _STATS, counter, by)


def count_query(agent_type: str, contexts: int) -> list[Command]:
    """The commands that count one augmented query."""
    commands: list[Command] = [
        count("total_queries"),
        ("HSET", _STATS, "last_query_at", now()),
        ("EVAL", _COUNT_AGENT, 1, _AGENTS, agent_type),
    ]
    return [*commands, count("context_hits")] if contexts else commands


async def read(link: Link) -> Counted:
    """All counters. Raises DependencyError."""
    found, agents = await link.do_all([("HGETALL", _STATS), ("HGETALL", _AGENTS)])
    last = found.pop("last_query_at", None)
    return Counted(
        counters={name: int(value) for name, value in found.items()},
        agent_types={name: int(value) for name, value in agents.items()},
        last_query_at=last,
    )
