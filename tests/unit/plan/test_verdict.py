"""A running service is judged by what the host says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from garrison.plan.verdict import reason_to_replace
from garrison.snapshot.model import Container

CREATED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def container(status: str = "running", digest: str = "d", health: str = "healthy") -> Container:
    raw: dict[str, Any] = {
        "Name": "garrison-x",
        "Image": "i",
        "ImageName": "n",
        "Created": CREATED.isoformat(),
        "State": {"Status": status, "Health": {"Status": health}},
        "Config": {"Labels": {"garrison.service": "x", "garrison.config-digest": digest}},
    }
    return Container.model_validate(raw)


def test_what_runs_as_wanted_is_left_alone() -> None:
    assert reason_to_replace("d", ("s",), container(), {"s": CREATED - timedelta(hours=1)}) is None


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, "it doesn't exist"),
        (container(digest="other"), "its configuration changed"),
        (container(status="exited"), "it is exited"),
        (container(health="unhealthy"), "it is unhealthy"),
    ],
)
def test_what_differs_is_made_anew_and_says_why(found: Container | None, reason: str) -> None:
    assert reason_to_replace("d", (), found, {}) == reason


def test_a_secret_newer_than_the_container_counts() -> None:
    newer = {"s": CREATED + timedelta(seconds=1)}
    assert reason_to_replace("d", ("s",), container(), newer) == "secret s was replaced after it had started"


def test_a_newer_secret_of_another_service_does_not_count() -> None:
    assert reason_to_replace("d", ("s",), container(), {"t": CREATED + timedelta(days=1)}) is None
