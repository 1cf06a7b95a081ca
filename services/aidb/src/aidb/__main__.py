"""``python -m aidb``: one process, one worker; it ends with 0 when told to stop and with 1 when it cannot work."""

import sys

from garrison_kit import logging, settings, tracing, uvicorn
from garrison_kit.startup import fail_closed

from aidb.app import SERVICE, VERSION, create_app
from aidb.settings import PREFIX, Settings


def main() -> int:
    """Serve until told to stop. Returns the exit status; bad settings, keys or secrets end the process with 2."""
    logging.configure(SERVICE, VERSION)
    with fail_closed():
        loaded = settings.load(Settings, PREFIX)
        logging.configure(SERVICE, VERSION, loaded.log_level)
        tracing.configure(SERVICE, VERSION)
        app = create_app(loaded)
    uvicorn.serve(app, loaded.host, loaded.port, grace_seconds=loaded.shutdown_patience)
    return 1 if app.state.service.startup.has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
