"""``python -m nixos_docs``: one process, one worker; it ends with 0 when told to stop."""

import signal
import sys

import uvicorn
from garrison_kit import logging, settings
from garrison_kit.startup import fail_closed

from nixos_docs.app import SERVICE, VERSION, create_app
from nixos_docs.settings import PREFIX, Settings


def main() -> int:
    """Serve until told to stop. Returns the exit status; bad settings, packs or keys end the process with 2."""
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
