"""Why a pack could not be had; the text is shown to whoever asked for the sync."""


class PackError(Exception):
    """Upstream failed, or what it gave must not be used. The message is one plain clause."""
