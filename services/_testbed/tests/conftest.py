"""Redis as in the stack, with two consumers."""

from collections.abc import Callable, Iterator

import pytest
from container_root import SECRETS, ContainerRoot

import redis

Connect = Callable[..., redis.Redis]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerRoot]:
    """The running server."""
    made = ContainerRoot("redis", tmp_path_factory.mktemp("redis"), SECRETS)
    health = redis.Redis(port=made.port, username="health", password="public")
    made.start(health.ping)
    health.close()
    yield made
    made.stop()


@pytest.fixture
def connect(root: ContainerRoot) -> Iterator[Connect]:
    """Makes clients, and closes them when the test ends."""
    made: list[redis.Redis] = []

    def connect(user: str, password: str | None = None) -> redis.Redis:
        said = {"port": root.port, "username": user, "password": password or SECRETS[user]}
        made.append(redis.Redis(**said, decode_responses=True, socket_timeout=10))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture
def hybrid(connect: Connect) -> redis.Redis:
    return connect("hybrid-coordinator")


@pytest.fixture
def aidb(connect: Connect) -> redis.Redis:
    return connect("aidb")
