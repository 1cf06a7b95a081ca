"""Faults of a recorded stack by the names that records give them: those of the evidence, and what only controls see."""

from collections.abc import Callable
from typing import Any

from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults import SPOILT as OF_THE_EVIDENCE
from tests.unit.evidence.spoil import config

LATER = "2099-01-01T00:00:00Z"


def process(service: str, **said: Any) -> Callable[[Host], None]:
    return lambda host: host.container(service)["Process"].update(said)


def replace_secret(host: Host) -> None:
    secret = {"ID": "1", "UpdatedAt": LATER, "Spec": {"Name": "store_api_password"}}
    host.snapshot["secrets"] = [secret]


def low_port(host: Host) -> None:
    host.container("api")["HostConfig"]["PortBindings"] = {
        "8091/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]
    }


def leak_in_the_journal(host: Host) -> None:
    host.leaks["leaks"].append(
        {"secret": "model_key", "form": "as it is", "place": "the journal (garrison-store)"}
    )


SPOILT: dict[str, Callable[[Host], None]] = {
    **{name: spoil for name, (spoil, _) in OF_THE_EVIDENCE.items()},
    "a container may open any number of files": config(
        "store", Ulimits=[{"Name": "RLIMIT_NOFILE", "Soft": -1, "Hard": -1}]
    ),
    "a container runs sshd": process("store", programs=["postgres", "sshd"]),
    "a container is published at port 80": low_port,
    "a user in a container is one of the host's": process(
        "store", uid_map=[[0, 4000, 1], [1, 165536, 65536], [65537, 1000, 1]]
    ),
    "a secret was replaced since": replace_secret,
    "a secret stands in the journal": leak_in_the_journal,
}
