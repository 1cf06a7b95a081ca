"""What the consumers do with Redis works under their access list, and outlives a kill."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from container_root import PROOFS_FILE, SECRETS, ContainerRoot

import redis

P = "hybrid-coordinator:"
STREAM, GROUP = f"{P}events", "learners"
# A counter with an end, as a session's turn: both or neither.
TAKE = """
local turn = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'turn', turn)
return turn
"""


@pytest.fixture(autouse=True)
def clean(hybrid: redis.Redis) -> None:
    hybrid.delete(*(f"{P}{name}" for name in ("events", "turn", "session", "lock", "set", "queue", "a", "b")))


def test_a_stream_is_read_by_a_group_and_acknowledged(hybrid: redis.Redis) -> None:
    hybrid.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    ids = [hybrid.xadd(STREAM, {"n": n}, maxlen=1000, approximate=True) for n in range(3)]
    ((_, entries),) = hybrid.xreadgroup(GROUP, "one", {STREAM: ">"}, count=10, block=100)
    assert [identity for identity, _ in entries] == ids
    assert hybrid.xpending(STREAM, GROUP)["pending"] == 3
    assert hybrid.xack(STREAM, GROUP, *ids[:2]) == 2
    _, claimed, *_ = hybrid.xautoclaim(STREAM, GROUP, "two", min_idle_time=0)
    assert [identity for identity, _ in claimed] == ids[2:]
    assert hybrid.xlen(STREAM) == 3
    assert hybrid.xinfo_groups(STREAM)[0]["name"] == GROUP
    assert hybrid.xdel(STREAM, ids[0]) == 1
    assert len(hybrid.xrange(STREAM)) == 2
    assert hybrid.xtrim(STREAM, maxlen=0, approximate=False) == 2


def test_a_script_works_on_the_keys_it_names(hybrid: redis.Redis) -> None:
    for turn in (1, 2):
        assert hybrid.eval(TAKE, 2, f"{P}turn", f"{P}session", 60_000) == turn
    digest = hybrid.script_load(TAKE)
    assert hybrid.evalsha(digest, 2, f"{P}turn", f"{P}session", 60_000) == 3
    assert hybrid.hget(f"{P}session", "turn") == "3"
    assert 0 < hybrid.pttl(f"{P}turn") <= 60_000


def test_a_transaction_that_was_overtaken_changes_nothing(hybrid: redis.Redis) -> None:
    with hybrid.pipeline() as pipe:
        pipe.watch(f"{P}a")
        hybrid.set(f"{P}a", "meanwhile")
        pipe.multi()
        pipe.set(f"{P}a", "late")
        with pytest.raises(redis.exceptions.WatchError):
            pipe.execute()
    assert hybrid.get(f"{P}a") == "meanwhile"


def test_locks_hashes_sets_and_lists_work(hybrid: redis.Redis) -> None:
    assert hybrid.set(f"{P}lock", "me", nx=True, px=5000)
    assert hybrid.set(f"{P}lock", "you", nx=True, px=5000) is None
    hybrid.hset(f"{P}session", mapping={"a": 1, "b": 2})
    assert hybrid.hscan(f"{P}session")[1] == {"a": "1", "b": "2"}
    hybrid.zadd(f"{P}set", {"x": 1, "y": 2})
    assert hybrid.zrange(f"{P}set", 0, -1, desc=True) == ["y", "x"]
    hybrid.rpush(f"{P}queue", "1", "2")
    assert hybrid.blpop(f"{P}queue", timeout=1) == (f"{P}queue", "1")
    assert hybrid.expire(f"{P}session", 60)


def test_who_publishes_under_its_prefix_is_heard_there(hybrid: redis.Redis) -> None:
    with hybrid.pubsub(ignore_subscribe_messages=True) as listener:
        listener.psubscribe(f"{P}*")
        listener.get_message(timeout=5)
        hybrid.publish(f"{P}news", "hello")
        heard = next(message for _ in range(50) if (message := listener.get_message(timeout=0.2)))
    assert heard["data"] == "hello"


def test_what_was_written_is_there_again_after_a_kill(tmp_path: Path) -> None:
    root = ContainerRoot("redis", tmp_path, SECRETS)
    client = redis.Redis(port=root.port, username="aidb", password=SECRETS["aidb"], decode_responses=True)
    root.start(client.ping)
    for number in range(100):
        client.xadd("aidb:events", {"n": number})
    root.stop(signal.SIGKILL)
    root.start(client.ping)
    assert client.xlen("aidb:events") == 100
    client.close()
    root.stop()


def test_another_password_is_the_only_one_after_the_next_start(tmp_path: Path) -> None:
    root = ContainerRoot("redis", tmp_path, SECRETS)
    health = redis.Redis(port=root.port, username="health", password="public")
    root.start(health.ping)
    root.stop()
    root.set_secret("aidb", "n" * 64)
    root.start(health.ping)
    with redis.Redis(port=root.port, username="aidb", password="n" * 64) as new:
        assert new.ping()
    with (
        redis.Redis(port=root.port, username="aidb", password=SECRETS["aidb"]) as old,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        old.ping()
    health.close()
    root.stop()


def test_two_passwords_hold_at_once_and_the_earlier_one_ends_alone(tmp_path: Path) -> None:
    """What a rotation does to a running server: who has come in stays in, whoever it is."""
    root = ContainerRoot("redis", tmp_path, SECRETS)

    def client(password: str, user: str = "aidb") -> redis.Redis:
        return redis.Redis(port=root.port, username=user, password=password, single_connection_client=True)

    with redis.Redis(port=root.port, username="health", password="public") as health:
        root.start(health.ping)
    with (
        client(SECRETS["aidb"]) as early,
        client(SECRETS["hybrid-coordinator"], "hybrid-coordinator") as other,
    ):
        assert early.ping()
        assert other.ping()
        root.set_secret("aidb", SECRETS["aidb"], "n" * 64)
        assert root.run("/etc/garrison/admit.sh", "load").returncode == 0
        with client(SECRETS["aidb"]) as again, client("n" * 64) as new:
            assert all(one.ping() for one in (early, again, new, other))
        root.set_secret("aidb", "n" * 64)
        assert root.run("/etc/garrison/admit.sh", "load").returncode == 0
        assert other.ping()
    with pytest.raises(redis.exceptions.AuthenticationError), client(SECRETS["aidb"]) as old:
        old.ping()
    with client("n" * 64) as new:
        assert new.ping()
    root.stop()


def test_the_keeper_can_have_the_list_read_again_and_nothing_else(root: ContainerRoot) -> None:
    with redis.Redis(port=root.port, username="keeper", password="anything") as keeper:
        assert keeper.execute_command("ACL", "LOAD") == b"OK"
        for words in (
            ("PING",),
            ("ACL", "LIST"),
            ("ACL", "SETUSER", "keeper", "allcommands"),
            ("GET", "aidb:k"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                keeper.execute_command(*words)


BAD_PROOFS = {
    "none for a consumer": (lambda good: good.splitlines(True)[0], "has no proof for hybrid-coordinator"),
    "an empty file": (lambda _: "", "has no proof for aidb"),
    "a short hash": (lambda good: good + "aidb 00000000 aaaa\n", "has a line that is no proof"),
    "an empty line": (lambda good: good + "\n", "has a line that is no proof"),
    "rights behind a hash": (
        lambda good: good.replace("\n", " ~* +@all\n", 1),
        "has a line that is no proof",
    ),
}


@pytest.mark.parametrize("case", BAD_PROOFS)
def test_a_file_of_proofs_that_is_no_good_keeps_it_from_starting(tmp_path: Path, case: str) -> None:
    spoil, said = BAD_PROOFS[case]
    root = ContainerRoot("redis", tmp_path, SECRETS)
    root.write(PROOFS_FILE, spoil(root.proofs()), 0o400)
    assert root.fails() != 0
    assert said in root.log()


def test_a_file_of_proofs_that_it_can_not_read_keeps_it_from_starting(tmp_path: Path) -> None:
    root = ContainerRoot("redis", tmp_path, SECRETS)
    os.chown(root.folder / "upper" / PROOFS_FILE.lstrip("/"), 0, 0)
    assert root.fails() != 0
    assert f"{PROOFS_FILE} can't be read" in root.log()


def test_an_order_to_stop_is_followed_soon(tmp_path: Path) -> None:
    root = ContainerRoot("redis", tmp_path, SECRETS)
    health = redis.Redis(port=root.port, username="health", password="public")
    root.start(health.ping)
    health.close()
    began = time.monotonic()
    root.stop(signal.SIGTERM)
    assert time.monotonic() - began < 10


Connect = Callable[..., redis.Redis]


def test_more_than_512_clients_are_refused_and_the_others_go_on(
    connect: Connect, hybrid: redis.Redis
) -> None:
    assert hybrid.ping()
    held = []
    for _ in range(600):
        client = connect("aidb")
        try:
            client.ping()
        except redis.exceptions.ConnectionError:
            break
        held.append(client)
    assert 400 < len(held) < 512
    assert hybrid.ping()
