"""One host, its first-party services and keys of every kind; each service is a parameter, found in the catalog."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.compliance.live import LiveHost
from tests.contract.first_party import FirstParty, catalog_of, first_parties
from tests.contract.keys import Keys, given_out
from tests.contract.openapi import Api, load_api
from tests.contract.problems import refuse_faulty
from tests.contract.transport import Patient
from tests.hosts import mark_all, shared_host, shared_hosts

As = Callable[[str | None], httpx.Client]

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "service" in metafunc.fixturenames:
        found = first_parties(catalog_of(shared_hosts()))
        if "url" in metafunc.fixturenames:  # of tools: who has some is asked of every service, in test_mcp
            found = [one for one in found if one.promises_tools]
        metafunc.parametrize("service", found, ids=str, scope="session")


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    return shared_host()


@pytest.fixture(scope="session")
def authority(host: LiveHost, root: Path) -> Path:
    """The certificate of the fleet's CA."""
    return root / host.settings.ca_dir / "ca.crt"


@pytest.fixture(scope="session")
def door(host: LiveHost) -> str:
    """Where the door is."""
    found = catalog_of([host]).door
    assert found
    assert found.door
    return f"https://{host.address}:{found.door.https}"


@pytest.fixture(scope="session")
def keys(host: LiveHost) -> Iterator[Keys]:
    """Keys that are gone in the end."""
    with given_out(host) as found:
        yield found


@pytest.fixture(scope="session")
def as_client(door: str, authority: Path) -> Iterator[As]:
    """A client for each key that is asked for; None is a client without one. Every refusal it gets is looked at."""
    trust = ssl.create_default_context(cafile=str(authority))
    made: dict[str | None, httpx.Client] = {}

    def get(key: str | None) -> httpx.Client:
        if key not in made:
            made[key] = httpx.Client(
                base_url=door,
                headers={"X-API-Key": key} if key else {},
                transport=Patient(httpx.HTTPTransport(verify=trust, trust_env=False)),
                timeout=120,
                event_hooks={"response": [refuse_faulty]},
            )
        return made[key]

    yield get
    for client in made.values():
        client.close()


@pytest.fixture(scope="session")
def client(as_client: As, keys: Keys) -> httpx.Client:
    """A client that may do everything."""
    return as_client(keys.every)


@pytest.fixture(scope="session")
def api(service: FirstParty, client: httpx.Client) -> Api:
    """What the service says about itself."""
    return load_api(service, client)
