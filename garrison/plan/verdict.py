"""Whether a service that runs is the service that is wanted, judged by what the host says."""

from collections.abc import Mapping
from datetime import datetime

from garrison.snapshot.model import Container


def reason_to_replace(
    config_digest: str,
    secrets: tuple[str, ...],
    container: Container | None,
    secret_times: Mapping[str, datetime],
    lost: frozenset[str] = frozenset(),
) -> str | None:
    """Why the container must be made anew, or None when it is up to date.

    A container sees a secret as it was when it was created, so a secret that is newer counts. ``lost`` are the
    networks of the service that this run makes anew, which takes the containers on them away.
    """
    if lost:
        return f"network {', '.join(sorted(lost))} is made anew"
    if container is None:
        return "it doesn't exist"
    if container.config_digest != config_digest:
        return "its configuration changed"
    if not container.is_running:
        return f"it is {container.state.status}"
    if container.health == "unhealthy":
        return "it is unhealthy"
    for name in secrets:
        if name in secret_times and secret_times[name] > container.created:
            return f"secret {name} was replaced after it had started"
    return None
