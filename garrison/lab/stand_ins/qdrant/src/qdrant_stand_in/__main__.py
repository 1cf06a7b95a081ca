"""``python -m qdrant_stand_in --config-path FILE``: serves until it is told to stop."""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

import uvicorn

from qdrant_stand_in import TITLE, VERSION
from qdrant_stand_in.app import make_app
from qdrant_stand_in.config import Config, read_config


class _JsonLines(logging.Formatter):
    """One JSON object a line, with the keys that Qdrant's own have."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "fields": {"message": record.getMessage()},
            "target": record.name,
        }
        if record.exc_info:
            line["fields"] = {
                "message": record.getMessage(),
                "exception": self.formatException(record.exc_info),
            }
        return json.dumps(line)


def _log(config: Config) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=config.log_level, handlers=[handler])


def main() -> None:
    """Reads the configuration and serves. Ends with 2 for a configuration that can't be read."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--config-path", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--version", action="version", version=f"{VERSION} ({TITLE})")
    given, _ = parser.parse_known_args()
    try:
        config = read_config(given.config_path)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    _log(config)
    logging.getLogger("qdrant_stand_in").info("%s, follows %s", TITLE, VERSION)
    started = os.environ.get("QDRANT_INIT_FILE_PATH")
    if started:
        Path(started).touch()
    uvicorn.run(
        make_app(config),
        host=config.host,
        port=config.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
    )


if __name__ == "__main__":
    main()
