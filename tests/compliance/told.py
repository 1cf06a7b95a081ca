"""A live host whose alerts come to receivers of the tests' own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.compliance.live import LiveHost, own_address
from tests.compliance.receivers import Receivers, receiving
from tests.inventories import Changed, changed

TOKEN = "lab-token-of-the-webhook"  # noqa: S105 - of a receiver that the test itself is
RUNBOOKS = "https://git.example.net/"


@dataclass(frozen=True)
class Told:
    """The host with receivers in its inventory."""

    host: Changed
    token: Path
    receivers: Receivers

    @property
    def live(self) -> LiveHost:
        return self.host.live

    def deploy(self, *words: str) -> list[str]:
        """What a deploy that must be good had to do."""
        return self.host.deploy(*words, alerts=alerts(self))

    def ended(self, alert: str) -> frozenset[str]:
        """The services of which it was told that the alert is over."""
        return frozenset[str]().union(*(one.jobs(alert, "resolved") for one in self.receivers.posted))


@contextmanager
def telling(live: LiveHost, folder: Path) -> Iterator[Told]:
    """The host is as its own inventory says in the end."""
    with receiving(own_address(live.address)) as receivers, changed(live, folder) as host:
        found = Told(host, folder / "token", receivers)
        found.token.write_text(f"{TOKEN}\n")
        found.deploy()
        yield found


def alerts(told: Told) -> dict[str, Any]:
    """What the inventory says of the two receivers, and where the sign of life goes."""
    at, why = f"{told.receivers.address}:{told.receivers.http}", "it is a receiver of the lab's own"
    return {
        "webhook": {"url": f"http://{at}/alerts", "token_file": str(told.token), "insecure": why},
        "heartbeat": {"url": f"http://{at}/alive", "insecure": why},
        "email": {
            "to": ["ops@example.net", "night@example.net"],
            "sender": "garrison@example.net",
            "server": f"{told.receivers.address}:{told.receivers.smtp}",
            "insecure": why,
        },
        "runbooks": RUNBOOKS,
    }
