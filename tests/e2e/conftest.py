"""One host, one key and one import of the corpus for all tests; nothing of them stays."""

import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.compliance.live import LiveHost
from tests.e2e.corpus import load_corpus
from tests.e2e.library import Library
from tests.e2e.roff import Page
from tests.hosts import mark_all, shared_host

CLIENT = "e2e"
# A batch waits for its embeddings, and all of a machine's cores may be busy with something else.
TIMEOUT = 300.0


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What the first import did, and what there is since."""

    library: Library
    statuses: Counter[str]


pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


@pytest.fixture(scope="session")
def host() -> LiveHost:
    """The deployed lab host."""
    return shared_host()


@pytest.fixture(scope="session")
def key(host: LiveHost) -> Iterator[str]:
    """A client's key, revoked in the end."""
    made = host.garrison("keys", "add", CLIENT)
    assert made.returncode == 0, made.stderr
    yield made.stdout.strip()
    revoked = host.garrison("keys", "revoke", CLIENT)
    assert revoked.returncode == 0, revoked.stderr


@pytest.fixture(scope="session")
def client(host: LiveHost, key: str, root: Path) -> Iterator[httpx.Client]:
    """A client of the door, with a key, that trusts the fleet's CA and nobody else."""
    trust = ssl.create_default_context(cafile=str(root / host.settings.ca_dir / "ca.crt"))
    with httpx.Client(
        base_url=f"https://{host.address}:8443",
        headers={"X-API-Key": key},
        verify=trust,
        timeout=TIMEOUT,
        trust_env=False,
    ) as made:
        yield made


@pytest.fixture(scope="session")
def corpus() -> list[Page]:
    """The manual pages."""
    return load_corpus()


@pytest.fixture(scope="session")
def imported(client: httpx.Client, corpus: list[Page]) -> Iterator[Imported]:
    """The corpus in aidb."""
    library = Library(client=client)
    library.clear()
    yield Imported(library=library, statuses=library.store(corpus))
    library.clear()


@pytest.fixture(scope="session")
def library(imported: Imported) -> Library:
    """Where the corpus can be searched."""
    return imported.library
