"""Conversations of several turns, kept in Redis for a while; each belongs to the client that began it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from garrison_kit.problems import HttpProblemError

from hybrid_coordinator.redis_link import Link, key

_QUERIES_KEPT = 20

# One script, so that two turns at once never give the same context and never count as one turn.
_TURN = """
local session, seen, queries = KEYS[1], KEYS[2], KEYS[3]
local lifetime, now, level, query = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local budget, most, turns, known = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local before = redis.call('HGET', session, 'turns')
if ARGV[9] == '1' and not before then return {-2} end
if tonumber(before or '0') >= turns then return {-1} end
redis.call('HSETNX', session, 'created_at', now)
local turn = redis.call('HINCRBY', session, 'turns', 1)
redis.call('HSET', session, 'last_turn_at', now, 'level', level)
for i = 10, 9 + known do redis.call('SADD', seen, ARGV[i]) end
local chosen = {}
for i = 10 + known, #ARGV, 2 do
  local cost = tonumber(ARGV[i + 1])
  if #chosen < most and cost <= budget and redis.call('SADD', seen, ARGV[i]) == 1 then
    budget = budget - cost
    chosen[#chosen + 1] = ARGV[i]
  end
end
redis.call('RPUSH', queries, query)
redis.call('LTRIM', queries, -tonumber(KEPT), -1)
for _, name in ipairs(KEYS) do redis.call('EXPIRE', name, lifetime) end
return {turn, chosen}
""".replace("KEPT", str(_QUERIES_KEPT))


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A context that a turn may give, and what it costs in tokens."""

    id: str
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The number of a turn, from 1, and the contexts it gives."""

    number: int
    chosen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Session:
    """What is known of a session."""

    id: str
    turns: int
    level: str
    created_at: str
    last_turn_at: str
    expires_in: int
    contexts_given: int
    queries: tuple[str, ...]


def now() -> str:
    """The time in UTC, as it is stored everywhere here."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def no_session(session: str) -> HttpProblemError:
    """The problem of a session that isn't there, or isn't this client's."""
    return HttpProblemError(404, f"There is no session {session}.")


def _keys(client: str, session: str) -> list[str]:
    # The client's name is part of the key: another client's session is simply not there.
    return [key("session", client, session, part) for part in ("state", "seen", "queries")]


def votes_key(client: str, session: str) -> str:
    """Where a session's ratings lie."""
    return key("session", client, session, "votes")


class Sessions:
    """Each method raises DependencyError when Redis doesn't answer."""

    def __init__(self, link: Link, lifetime: int, most_turns: int) -> None:
        self._link, self._lifetime, self._most_turns = link, lifetime, most_turns

    async def seen(self, client: str, session: str) -> set[str]:
        """The ids of the contexts given so far."""
        return set(await self._link.do("SMEMBERS", _keys(client, session)[1]))

    async def take_turn(
        self,
        client: str,
        session: str,
        *,
        is_new: bool,
        query: str,
        level: str,
        known: Sequence[str],
        offers: Sequence[Offer],
        budget: int,
        most: int,
    ) -> Turn:
        """Begin a turn and take, of what is offered in order, what is new here and fits the budget.

        ``known`` are contexts that the client says it has. Raises HttpProblemError: 404 where there is
        no such session and it isn't new, 409 for too many turns.
        """
        priced = [part for offer in offers for part in (offer.id, offer.tokens)]
        arguments = [self._lifetime, now(), level, query[:500], budget, most, self._most_turns, len(known)]
        arguments.append(int(not is_new))
        # Its votes live as long as the session: forgotten before it, a context could be rated twice.
        keys = [*_keys(client, session), votes_key(client, session)]
        answer = await self._link.run(_TURN, keys, [*arguments, *known, *priced])
        if answer[0] == -2:
            raise no_session(session)
        if answer[0] == -1:
            raise HttpProblemError(409, f"The session has had {self._most_turns} turns: begin another.")
        return Turn(number=answer[0], chosen=tuple(answer[1]))

    async def find(self, client: str, session: str) -> Session | None:
        """The session, None when there is none of this client."""
        state, seen, queries = _keys(client, session)
        found, given, asked, expires = await self._link.do_all(
            [("HGETALL", state), ("SCARD", seen), ("LRANGE", queries, 0, -1), ("TTL", state)], atomic=True
        )
        return None if not found else _read(session, dict(found), given, asked, expires)

    async def delete(self, client: str, session: str) -> bool:
        """Delete it. Returns whether there was one."""
        state, *others = _keys(client, session)
        deleted, _ = await self._link.do_all(
            [("DEL", state), ("DEL", *others, votes_key(client, session))], atomic=True
        )
        return bool(deleted)


def _read(session: str, state: dict[str, Any], given: int, asked: list[str], expires: int) -> Session:
    return Session(
        id=session,
        turns=int(state["turns"]),
        level=state["level"],
        created_at=state["created_at"],
        last_turn_at=state["last_turn_at"],
        expires_in=max(0, expires),
        contexts_given=given,
        queries=tuple(asked),
    )
