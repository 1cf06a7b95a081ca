"""``python -m aidb``: one process, one worker; it ends with 0 when told to stop and with 1 when it cannot work."""

import sys

import structlog
import uvicorn
from garrison_kit import logging
from garrison_kit.clients import ClientsError
from garrison_kit.secrets import SecretError

from aidb.app import VERSION, create_app
from aidb.settings import Settings


def main() -> int:
    """Serve until told to stop. Returns the exit status."""
    logging.configure("aidb", VERSION)
    log = structlog.get_logger("aidb")
    try:
        settings = Settings.from_environment()
        logging.configure("aidb", VERSION, settings.log_level)
        app = create_app(settings)
    except (ValueError, SecretError, ClientsError) as error:
        log.error("cannot_start", reason=str(error))
        return 1
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_patience,
    )
    uvicorn.Server(config).run()
    return 1 if app.state.service.startup.has_failed else 0


if __name__ == "__main__":
    sys.exit(main())
