"""Puts the service together: settings in, application out."""

from collections.abc import AsyncIterator

from aiohttp import web
from garrison_kit import aiohttp as kit
from garrison_kit.embedding import Expected
from garrison_kit.health import Check
from garrison_kit.options import Options

from hybrid_coordinator.routes import ROUTES
from hybrid_coordinator.service import SERVICE, Service, make_service, open_clients, require_ready
from hybrid_coordinator.settings import Settings
from hybrid_coordinator.tools import make_tools

NAME, VERSION = "hybrid-coordinator", "0.1.0"
MAX_BODY = 1024 * 1024
_CHECK_SECONDS = 3.0


def create_app(settings: Settings, expected: Expected) -> web.Application:
    """The application. Raises SecretError or ClientsError when it must not start."""
    app = web.Application()

    kit.install(
        app,
        Options(
            service=NAME,
            version=VERSION,
            clients_file=settings.clients_file,
            secrets_dir=settings.secrets_dir,
            max_body=MAX_BODY,
            checks=_checks(app),
        ),
    )
    clients = open_clients(settings)
    service = app[SERVICE] = make_service(settings, expected, clients)
    for routes in ROUTES:
        app.add_routes(routes)

    make_tools(NAME, VERSION, lambda: require_ready(service)).mount_aiohttp(app)

    async def live(_: web.Application) -> AsyncIterator[None]:
        _begin(service)
        yield
        await service.periodic.stop()
        await service.collections.stop()
        await clients.close()

    app.cleanup_ctx.append(live)
    return app


def _checks(app: web.Application) -> tuple[Check, ...]:
    async def ask_qdrant() -> None:
        await app[SERVICE].collections.check()

    async def ask_redis() -> None:
        await app[SERVICE].link.check()

    async def ask_embeddings() -> None:
        await app[SERVICE].embedder.check()

    async def ask_llama_cpp() -> None:
        await app[SERVICE].local.check()

    found = {
        "qdrant": ask_qdrant,
        "redis": ask_redis,
        "embeddings": ask_embeddings,
        "llama-cpp": ask_llama_cpp,
    }
    return tuple(Check(name=name, run=run, timeout=_CHECK_SECONDS) for name, run in found.items())


def _begin(service: Service) -> None:
    service.collections.begin()
    service.periodic.begin()
