"""``python -m aidb``: one process, one worker; it ends with 0 when told to stop and with 1 when it cannot work."""

import signal
import sys

import uvicorn
from garrison_kit import logging, settings
from garrison_kit.startup import fail_closed

from aidb.app import SERVICE, VERSION, create_app
from aidb.settings import PREFIX, Settings


def main() -> int:
    """Serve until told to stop. Returns the exit status; bad settings, keys or secrets end the process with 2."""
    logging.configure(SERVICE, VERSION)
    with fail_closed():
        loaded = settings.load(Settings, PREFIX)
        logging.configure(SERVICE, VERSION, loaded.log_level)
        app = create_app(loaded)
    config = uvicorn.Config(
        app,
        host=loaded.host,
        port=loaded.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=loaded.shutdown_patience,
    )
    # uvicorn raises the signal that stopped it once more when it is done: told to stop is no death by signal.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run()
    return 1 if app.state.service.startup.has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
