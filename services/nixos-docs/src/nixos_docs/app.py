"""Puts the service together: settings in, application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from garrison_kit import asgi
from garrison_kit.health import Check
from garrison_kit.options import Options
from garrison_kit.settings import SettingsError

from nixos_docs.index.shelf import Shelf
from nixos_docs.packs import PacksError, load_packs
from nixos_docs.routes import packs, searching
from nixos_docs.search.engine import Engine
from nixos_docs.service import Service
from nixos_docs.settings import Settings
from nixos_docs.syncing import Syncer
from nixos_docs.tools import make_tools

SERVICE, VERSION = "nixos-docs", "0.1.0"
MAX_BODY = 64 * 1024
# A sync answers when it is done; a search has its own, shorter limit.
MAX_SECONDS = 290.0
RATE = 200
_log = structlog.get_logger("nixos_docs")


def _open_shelf(settings: Settings) -> Shelf:
    try:
        shelf = Shelf(settings.data_dir, load_packs(settings.packs_file))
        shelf.open()
    except PacksError as error:
        raise SettingsError(str(error)) from error
    except OSError as error:
        raise SettingsError(f"{settings.data_dir} cannot be used: {error.strerror}") from error
    return shelf


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises ClientsError or SettingsError when it must not start."""
    shelf = _open_shelf(settings)
    engine = Engine(shelf, settings.search_threads, settings.search_seconds)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        if not shelf.packs:
            _log.warning("no_pack_configured", remedy="set documentation_packs in the inventory")
        service.syncer.begin()
        yield
        await service.syncer.stop()
        engine.close()

    app = FastAPI(title=SERVICE, version=VERSION, lifespan=live, docs_url=None, redoc_url=None)
    installed = asgi.install(
        app,
        Options(
            service=SERVICE,
            version=VERSION,
            clients_file=settings.clients_file,
            max_body=MAX_BODY,
            max_seconds=MAX_SECONDS,
            rate=RATE,
            burst=2 * RATE,
            # Upstream is none of these: what is indexed can be searched without it.
            checks=(
                Check(name="index", run=shelf.check_index, timeout=2.0),
                Check(name="disk", run=shelf.check_disk, timeout=2.0),
            ),
        ),
    )
    service = Service(shelf=shelf, engine=engine, syncer=Syncer(settings, shelf, installed.metrics.registry))
    app.state.service = service
    app.include_router(searching.router)
    app.include_router(packs.router)
    make_tools(service, SERVICE, VERSION).mount_asgi(app)
    return app
