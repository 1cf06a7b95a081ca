"""One of the demos on its framework's real server: ``python kit_process.py ADAPTER PORT OPTIONS-AS-JSON``."""

import json
import sys
from typing import Any

from garrison_kit import logging
from garrison_kit.health import Check, NotReadyError
from garrison_kit.options import Options


def cache_is_away() -> None:
    raise NotReadyError("cold")


def main(adapter: str, port: int, given: dict[str, Any]) -> None:
    checks = (Check(name="store", run=lambda: None), Check(name="cache", run=cache_is_away))
    options = Options(checks=checks, **given)
    logging.configure(options.service, options.version)
    # Imported as needed, as a service has one framework only.
    if adapter == "fastapi":
        from garrison_kit import uvicorn
        from kit_demo_fastapi import fastapi_app

        uvicorn.serve(fastapi_app(options), "127.0.0.1", port)
    elif adapter == "flask":
        from garrison_kit import gunicorn
        from kit_demo_flask import flask_app

        gunicorn.serve(flask_app(options), "127.0.0.1", port, threads=12)
    else:
        from garrison_kit import aiohttp_server
        from kit_demo_aiohttp import aiohttp_app

        aiohttp_server.serve(aiohttp_app(options), "127.0.0.1", port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
