"""``python -m hybrid_coordinator``: one process, one event loop; told to stop, it ends with 0."""

import sys

from garrison_kit import aiohttp_server, embedding, logging, settings, tracing
from garrison_kit.startup import fail_closed

from hybrid_coordinator.app import NAME, VERSION, create_app
from hybrid_coordinator.settings import PREFIX, Settings


def main() -> int:
    """Serve until told to stop. Returns the exit status; bad settings, keys or secrets end the process with 2."""
    logging.configure(NAME, VERSION)
    with fail_closed():
        loaded = settings.load(Settings, PREFIX)
        logging.configure(NAME, VERSION, loaded.log_level)
        tracing.configure(NAME, VERSION)
        app = create_app(loaded, embedding.expected())
    # Requests under way are finished first, within the patience: what was accepted is not lost.
    aiohttp_server.serve(app, loaded.host, loaded.port, grace_seconds=loaded.shutdown_patience)
    return 0


if __name__ == "__main__":
    sys.exit(main())
