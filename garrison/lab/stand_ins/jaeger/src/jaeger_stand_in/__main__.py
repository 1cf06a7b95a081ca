"""``python -m jaeger_stand_in --config FILE``: serves until it is told to stop."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

from aiohttp import web

from jaeger_stand_in import TITLE, VERSION
from jaeger_stand_in.app import asking, living, measured, taking
from jaeger_stand_in.config import Config, read_config
from jaeger_stand_in.store import Store

_GRACE = 5.0


class _JsonLines(logging.Formatter):
    """One JSON object a line, with the keys that the collector's own have."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname.lower(),
            "ts": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "caller": record.name,
            "msg": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


async def serve(config: Config) -> None:
    """All four listeners, until a signal to stop."""
    store = Store(config.max_traces)
    apps = (
        (taking(store), config.otlp),
        (asking(store), config.query),
        (measured(store), config.metrics),
        (living(), config.health),  # the last: who is healthy takes spans and answers
    )
    runners = []
    for app, (host, port) in apps:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        runners.append(runner)
    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    logging.getLogger("jaeger_stand_in").info("%s, follows %s", TITLE, VERSION)
    await told.wait()
    for runner in runners:
        await runner.cleanup()


def main() -> None:
    """Reads the configuration and serves. Ends with 2 for a configuration that can't be read."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--config", type=Path, required=True)
    given = parser.parse_args()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level="INFO", handlers=[handler])
    try:
        config = read_config(given.config)
    except (OSError, ValueError) as error:
        parser.error(f"{given.config}: {error}")
    asyncio.run(serve(config))


if __name__ == "__main__":
    main()
