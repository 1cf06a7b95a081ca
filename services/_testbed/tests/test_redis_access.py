"""Each consumer has its own prefix, everything that it needs there, and nothing anywhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from container_root import ContainerRoot

import redis

MINE, THEIRS = "hybrid-coordinator:k", "aidb:k"
Ask = Callable[[redis.Redis], object]

OF_OTHERS: dict[str, Ask] = {
    "read": lambda r: r.get(THEIRS),
    "write": lambda r: r.set(THEIRS, 1),
    "delete": lambda r: r.delete(THEIRS),
    "ask whether it exists": lambda r: r.exists(THEIRS),
    "ask for its kind": lambda r: r.type(THEIRS),
    "rename one of theirs": lambda r: r.rename(THEIRS, MINE),
    "copy one of theirs": lambda r: r.copy(THEIRS, MINE),
    "read several": lambda r: r.mget(MINE, THEIRS),
    "append to their stream": lambda r: r.xadd(THEIRS, {"a": 1}),
    "read their stream": lambda r: r.xread({THEIRS: "0"}),
    "read as a group of theirs": lambda r: r.xreadgroup("g", "c", {THEIRS: ">"}),
    "make a group there": lambda r: r.xgroup_create(THEIRS, "g", mkstream=True),
    "unite sets": lambda r: r.sunionstore(MINE, THEIRS),
    "a script that names one of theirs": lambda r: r.eval("return redis.call('GET', KEYS[1])", 1, THEIRS),
    "a script that hides one of theirs": lambda r: r.eval("return redis.call('GET', ARGV[1])", 0, THEIRS),
    "publish there": lambda r: r.publish("aidb:news", "x"),
    "a key without a prefix": lambda r: r.set("k", 1),
    "a prefix that is longer": lambda r: r.set("hybrid-coordinator-2:k", 1),
}
DENIED: dict[str, Ask] = {
    "SCAN": lambda r: r.scan(),
    "KEYS": lambda r: r.keys("*"),
    "RANDOMKEY": lambda r: r.randomkey(),
    "DBSIZE": lambda r: r.dbsize(),
    "FLUSHALL": lambda r: r.flushall(),
    "FLUSHDB": lambda r: r.flushdb(),
    "SWAPDB": lambda r: r.swapdb(0, 0),
    "CONFIG GET": lambda r: r.config_get("*"),
    "CONFIG SET": lambda r: r.config_set("appendonly", "no"),
    "ACL LIST": lambda r: r.acl_list(),
    "ACL SETUSER": lambda r: r.execute_command("ACL", "SETUSER", "aidb", "nopass"),
    "MONITOR": lambda r: r.execute_command("MONITOR"),
    "SHUTDOWN": lambda r: r.execute_command("SHUTDOWN", "NOSAVE"),
    "DEBUG": lambda r: r.execute_command("DEBUG", "SLEEP", "0"),
    "REPLICAOF": lambda r: r.execute_command("REPLICAOF", "NO", "ONE"),
    "MODULE LOAD": lambda r: r.execute_command("MODULE", "LOAD", "/x.so"),
    "MIGRATE": lambda r: r.execute_command("MIGRATE", "127.0.0.1", "1", MINE, "0", "10"),
    "SAVE": lambda r: r.execute_command("SAVE"),
    "BGREWRITEAOF": lambda r: r.execute_command("BGREWRITEAOF"),
    "CLIENT LIST": lambda r: r.client_list(),
    "CLIENT KILL": lambda r: r.client_kill("127.0.0.1:1"),
    "INFO": lambda r: r.info(),
    "FUNCTION LOAD": lambda r: r.function_load("#!lua name=x\nredis.register_function('f', function() end)"),
    "SCRIPT FLUSH": lambda r: r.script_flush(),
    "SCRIPT KILL": lambda r: r.script_kill(),
    "PUBSUB CHANNELS": lambda r: r.pubsub_channels(),
    "SLOWLOG": lambda r: r.slowlog_get(),
}


@pytest.mark.parametrize("case", OF_OTHERS)
def test_what_others_have_is_out_of_reach(hybrid: redis.Redis, aidb: redis.Redis, case: str) -> None:
    aidb.delete(THEIRS)
    aidb.set(THEIRS, "theirs")
    with pytest.raises(
        (redis.exceptions.NoPermissionError, redis.exceptions.ResponseError),
        match=r"(?i)NOPERM|permission|ACL",
    ):
        OF_OTHERS[case](hybrid)
    assert aidb.get(THEIRS) == "theirs"


@pytest.mark.parametrize("case", DENIED)
def test_what_would_show_or_harm_everybody_is_denied(hybrid: redis.Redis, case: str) -> None:
    # DEBUG and MODULE are switched off for everybody, which Redis says before it looks at the access list.
    with pytest.raises(redis.exceptions.ResponseError, match=r"permission|command not allowed"):
        DENIED[case](hybrid)


def test_nobody_listens_to_the_channels_of_others(hybrid: redis.Redis) -> None:
    with hybrid.pubsub() as listener:
        listener.subscribe("aidb:news")
        with pytest.raises(redis.exceptions.NoPermissionError):
            listener.get_message(timeout=5)


@pytest.mark.parametrize(
    ("user", "password"), [("default", ""), ("hybrid-coordinator", "wrong"), ("aidb", "h" * 64)]
)
def test_a_wrong_password_and_no_user_are_refused(
    connect: Callable[..., redis.Redis], user: str, password: str
) -> None:
    with pytest.raises((redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError)):
        connect(user, password or "none").ping()


def test_who_says_nothing_of_itself_is_refused(root: ContainerRoot) -> None:
    with redis.Redis(port=root.port) as nobody, pytest.raises(redis.exceptions.AuthenticationError):
        nobody.ping()


def test_the_probe_may_ping_and_nothing_else(connect: Callable[..., redis.Redis]) -> None:
    health = connect("health", "public")
    assert health.ping()
    for ask in (lambda: health.get(MINE), lambda: health.execute_command("ACL", "WHOAMI")):
        with pytest.raises(redis.exceptions.NoPermissionError):
            ask()


def test_no_password_is_in_its_arguments_its_environment_or_its_log(root: ContainerRoot) -> None:
    process = Path(f"/proc/{root.pid}")
    seen = b"".join((process / name).read_bytes() for name in ("cmdline", "environ")) + root.log().encode()
    assert b"redis-server" in seen
    assert b"hhhhhhhh" not in seen
    assert b"aaaaaaaa" not in seen
