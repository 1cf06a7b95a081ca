"""What users said of contexts: kept for good, one vote a session and context, used by every later ranking."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hybrid_coordinator.ranking import Votes
from hybrid_coordinator.redis_link import Command, Link, key
from hybrid_coordinator.sessions import votes_key

_TOTALS, _COUNTS, _RECORDS = key("votes", "totals"), key("votes", "counts"), key("feedback")
# With what a record may hold at most (see feedback) a fifth of the memory that Redis has for all services.
_RECORDS_KEPT = 2_000

# A session that rates a context again changes its vote; it doesn't get a second one.
_RATE = """
local totals, counts, mine = KEYS[1], KEYS[2], KEYS[3]
for i = 2, #ARGV, 2 do
  local id, rating = ARGV[i], tonumber(ARGV[i + 1])
  local before = redis.call('HGET', mine, id)
  if not before then redis.call('HINCRBY', counts, id, 1) end
  redis.call('HINCRBYFLOAT', totals, id, rating - tonumber(before or '0'))
  redis.call('HSET', mine, id, rating)
end
if #ARGV > 1 then redis.call('EXPIRE', mine, ARGV[1]) end
return #ARGV
"""


class Ballot:
    """Each method raises DependencyError when Redis doesn't answer."""

    def __init__(self, link: Link, lifetime: int) -> None:
        self._link, self._lifetime = link, lifetime

    async def count(self, ids: Sequence[str]) -> dict[str, Votes]:
        """The votes on those of the contexts that have any."""
        if not ids:
            return {}
        totals, counts = await self._link.do_all([("HMGET", _TOTALS, *ids), ("HMGET", _COUNTS, *ids)])
        return {
            one: Votes(total=float(total), count=int(count))
            for one, total, count in zip(ids, totals, counts, strict=True)
            if total is not None and count is not None
        }

    async def record(
        self, client: str, session: str, ratings: Mapping[str, float], record: Mapping[str, Any]
    ) -> None:
        """Store ratings and the whole record; returns when Redis has synced them to its disk."""
        rated = [part for one, rating in ratings.items() for part in (one, rating)]
        keys = [_TOTALS, _COUNTS, votes_key(client, session)]
        rate: Command = ("EVAL", _RATE, len(keys), *keys, self._lifetime, *rated)
        document = json.dumps(record, ensure_ascii=False)
        append: Command = ("XADD", _RECORDS, "MAXLEN", "~", _RECORDS_KEPT, "*", "record", document)
        await self._link.do_durably([rate, append])
