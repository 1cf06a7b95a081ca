"""Who asks, as the kit knows it."""

from garrison_kit import clients


def is_admin() -> bool:
    """Whether the current client has the scope admin."""
    client = clients.current()
    return client is not None and "admin" in client.scopes


def name() -> str:
    """The current client's name."""
    client = clients.current()
    return client.name if client else "nobody"
