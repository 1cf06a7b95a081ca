"""Names in paths for what differs from host to host: ``{stack_home}``, ``{stack_user}`` and ``{stack_uid}``."""

from garrison.settings import HostSettings

_NAMES = ("stack_home", "stack_user", "stack_uid")


def fill(path: str, settings: HostSettings) -> str:
    """``path`` as it is on a host with these settings."""
    for name in _NAMES:
        path = path.replace(f"{{{name}}}", str(getattr(settings, name)))
    return path
