"""What a run removes at its end: networks and credentials that no service has any more, nothing of anybody else's."""

from collections.abc import Callable
from typing import Any

import pytest

from garrison.plan.settle import settle
from garrison.plan.stack import plan_stack
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

CREDENTIAL = {"garrison": "1", "garrison.credential": "1"}


def secret(name: str, labels: dict[str, str]) -> dict[str, Any]:
    """A secret as Podman lists it."""
    return {"ID": name, "UpdatedAt": "2026-01-01T00:00:00Z", "Spec": {"Name": name, "Labels": labels}}


@pytest.fixture
def titles(bare: Callable[..., Snapshot], wanted: Wanted) -> Callable[..., list[str]]:
    """The titles of the last steps on a host with those secrets."""

    def plan(*secrets: dict[str, Any]) -> list[str]:
        snapshot = bare(lambda document: document.update(secrets=list(secrets)))
        return [step.title for step in settle(snapshot, wanted).steps]

    return plan


def test_a_credential_that_no_service_has_any_more_is_removed(titles: Callable[..., list[str]]) -> None:
    gone = secret("embeddings_stuck_password", CREDENTIAL)
    assert "remove secrets embeddings_stuck_password" in titles(gone)


def test_a_credential_that_a_service_has_stays(titles: Callable[..., list[str]], wanted: Wanted) -> None:
    held = [secret(name, CREDENTIAL) for name in wanted.catalog.generated_secrets()]
    assert held
    assert not any("secrets" in title for title in titles(*held))


def test_what_opens_data_stays_though_its_service_is_gone(titles: Callable[..., list[str]]) -> None:
    assert not any(
        "secrets" in title for title in titles(secret("grafana_admin_password", {"garrison": "1"}))
    )


def test_a_secret_that_somebody_else_made_stays(titles: Callable[..., list[str]]) -> None:
    assert not any("secrets" in title for title in titles(secret("embeddings_mine_password", {})))


def test_credentials_are_labelled_as_such_when_they_are_made(
    bare: Callable[..., Snapshot], wanted: Wanted
) -> None:
    step = next(one for one in plan_stack(bare(), wanted).steps if one.title.startswith("generate "))
    made = {name for command in step.commands for name in command.line.split() if name.isidentifier()}
    labelled = [command.line for command in step.commands if " --credentials " in command.line]
    assert set(wanted.catalog.credentials()) <= {word for line in labelled for word in line.split()}
    assert set(wanted.catalog.generated_secrets()) <= made
