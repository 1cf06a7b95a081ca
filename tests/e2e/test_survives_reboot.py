"""After a reboot of the host everything serves again, by itself, as it was. The last module: it stops the host."""

import hashlib
import ssl
import time
from dataclasses import dataclass

import httpx
import pytest

from tests.compliance.live import INVENTORY, LiveHost, run_tool
from tests.e2e.bad_input import load_services
from tests.e2e.library import Library, good
from tests.e2e.test_chat import ASK, ROUTE
from tests.e2e.test_documents import NOTE

QUESTION = "Make my program use only the first two processor cores."
# Measured: under half a minute. All that is promised is that it comes.
PATIENCE = 300.0
HEALTH = [*(f"{one.prefix}/health/ready" for one in load_services()), "/llama/health", "/healthz"]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What must be the same before and after."""

    boot: str
    documents: str
    certificate: str
    keys: str
    secrets: str
    found: list[str]


def look(host: LiveHost, library: Library) -> Seen:
    """Everything that a reboot must not change, and the boot, which it must."""
    documents = [(one["id"], one["path"], one["checksum"]) for one in library.list_all()]
    secrets = host.podman("secret", "ls", "--format", "{{.Name}} {{.CreatedAt}} {{.UpdatedAt}}")
    return Seen(
        boot=host.sh("cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1"),
        documents=hashlib.sha256(repr(documents).encode()).hexdigest(),
        certificate=ssl.get_server_certificate((host.address, 8443)),
        keys=host.garrison("keys", "list").stdout,
        secrets="\n".join(line.split()[0] for line in sorted(secrets.splitlines())),
        found=library.search(QUESTION),
    )


def wait_until_healthy(client: httpx.Client) -> list[str]:
    """The routes that aren't healthy when the patience is over; none as soon as all are."""
    end = time.monotonic() + PATIENCE
    while True:
        sick = [path for path in HEALTH if not is_good(client, path)]
        if not sick or time.monotonic() > end:
            return sick
        time.sleep(2)


def is_good(client: httpx.Client, path: str) -> bool:
    """Whether an answer comes, and a good one."""
    try:
        return client.get(path, timeout=10).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def reboot(host: LiveHost, client: httpx.Client, library: Library) -> tuple[Seen, Seen]:
    """What was there before the host was rebooted, and what is there since."""
    before = look(host, library)
    done = run_tool("garrison", "lab", "reboot", host.name)
    assert done.returncode == 0, done.stderr
    assert wait_until_healthy(client) == []
    return before, look(host, library)


def test_the_host_has_really_been_rebooted(reboot: tuple[Seen, Seen]) -> None:
    before, after = reboot
    assert before.boot != after.boot


@pytest.mark.parametrize("what", ["documents", "certificate", "keys", "secrets", "found"])
def test_what_was_there_is_there_again(reboot: tuple[Seen, Seen], what: str) -> None:
    before, after = reboot
    assert getattr(after, what) == getattr(before, what)


@pytest.mark.usefixtures("reboot")
def test_the_model_answers_again(client: httpx.Client) -> None:
    assert good(client.post(ROUTE, json=ASK))["choices"][0]["message"]["content"].strip()


@pytest.mark.usefixtures("reboot")
def test_documents_can_be_stored_and_found_again(client: httpx.Client) -> None:
    notes = Library(client=client, project="e2e-notes")
    notes.clear()
    assert notes.store([NOTE]) == {"created": 1}
    assert notes.search("a bird that waits for frogs") == [NOTE.path]
    notes.clear()


@pytest.mark.usefixtures("reboot")
def test_a_deploy_finds_nothing_to_do(host: LiveHost) -> None:
    done = run_tool("garrison", "deploy", INVENTORY, "--limit", host.name)
    assert done.returncode == 0, done.stderr
    assert "unchanged: everything is as wanted" in done.stderr
