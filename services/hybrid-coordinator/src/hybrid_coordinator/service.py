"""The parts of the running service, opened together and closed together."""

from dataclasses import dataclass

import redis.asyncio
from aiohttp import web
from garrison_kit.breaker import Breaker
from garrison_kit.embedding import Expected
from garrison_kit.outbound import AsyncClient, async_client
from qdrant_client import AsyncQdrantClient

from hybrid_coordinator import redis_link
from hybrid_coordinator.answering import Answerer
from hybrid_coordinator.augmentation import Augmenter
from hybrid_coordinator.background import Periodic
from hybrid_coordinator.collections import Collections
from hybrid_coordinator.completions import Model
from hybrid_coordinator.contributions import Contributions
from hybrid_coordinator.embedder import Embedder
from hybrid_coordinator.extraction import Extraction, Limits
from hybrid_coordinator.feedback import Feedback
from hybrid_coordinator.interactions import Interactions
from hybrid_coordinator.locks import Locks
from hybrid_coordinator.redis_link import Link
from hybrid_coordinator.searching import Searcher
from hybrid_coordinator.sessions import Sessions
from hybrid_coordinator.settings import Settings
from hybrid_coordinator.store import Store, open_qdrant
from hybrid_coordinator.summaries import Summaries
from hybrid_coordinator.votes import Ballot


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Connections to what the service needs; they connect when first asked."""

    qdrant: AsyncQdrantClient
    redis: redis.asyncio.Redis
    embeddings: AsyncClient
    llama_cpp: AsyncClient
    remote: AsyncClient | None

    async def close(self) -> None:
        """Close all."""
        for client in (self.embeddings, self.llama_cpp, self.remote):
            if client is not None:
                await client.aclose()
        await self.redis.aclose()
        await self.qdrant.close()


def open_clients(settings: Settings) -> Clients:
    """Raises SecretError when a secret cannot be read: without its secrets the service must not start."""
    secrets_dir = settings.secrets_dir
    remote = None
    if settings.remote_url is not None:
        remote = async_client(
            settings.remote_url,
            name="remote",
            key_secret=settings.remote_key_secret,
            secrets_dir=secrets_dir,
            timeout=settings.remote_timeout,
        )
    return Clients(
        qdrant=open_qdrant(settings),
        redis=redis_link.open_redis(settings),
        embeddings=async_client(
            settings.embeddings_url,
            name="embeddings",
            key_secret="embeddings_hybrid_coordinator_password",  # noqa: S106 - the secret's name
            # Vectors are how a request is fulfilled, whatever the client may do with embeddings itself.
            for_client=False,
            secrets_dir=secrets_dir,
            timeout=settings.embeddings_timeout,
        ),
        llama_cpp=async_client(
            settings.llama_cpp_url,
            name="llama-cpp",
            key_secret="llama_cpp_key",  # noqa: S106 - the secret's name
            secrets_dir=secrets_dir,
            timeout=settings.llama_cpp_timeout,
        ),
        remote=remote,
    )


@dataclass(frozen=True, kw_only=True)
class Service:
    """What handlers and tools work with."""

    settings: Settings
    expected: Expected
    collections: Collections
    embedder: Embedder
    store: Store
    link: Link
    searcher: Searcher
    sessions: Sessions
    contributions: Contributions
    augmenter: Augmenter
    feedback: Feedback
    interactions: Interactions
    extraction: Extraction
    answerer: Answerer
    local: Model
    periodic: Periodic


def make_service(settings: Settings, expected: Expected, clients: Clients) -> Service:
    """Put the parts together; nothing is asked yet."""
    locks = Locks()
    embedder = Embedder(clients.embeddings, expected)
    store = Store(clients.qdrant, Breaker("qdrant"), settings.qdrant_timeout)
    link = Link(clients.redis, Breaker("redis"), settings.redis_timeout)
    ballot = Ballot(link, settings.session_lifetime)
    sessions = Sessions(link, settings.session_lifetime, settings.session_turns)
    searcher = Searcher(embedder, store, ballot)
    augmenter = Augmenter(searcher, sessions, link, settings.min_scores)
    local = Model("llama-cpp", clients.llama_cpp, "default")
    collections = Collections(clients.qdrant, expected)
    extraction = Extraction(store, link, locks, Summaries(local), _limits(settings))
    return Service(
        settings=settings,
        expected=expected,
        collections=collections,
        embedder=embedder,
        store=store,
        link=link,
        searcher=searcher,
        sessions=sessions,
        contributions=Contributions(embedder, store, locks),
        augmenter=augmenter,
        feedback=Feedback(searcher, store, sessions, ballot, link, settings.min_scores),
        interactions=Interactions(embedder, store, link, locks, settings.high_value),
        extraction=extraction,
        answerer=Answerer(
            augmenter=augmenter,
            embedder=embedder,
            store=store,
            link=link,
            local=local,
            remote=Model("remote", clients.remote, settings.remote_model) if clients.remote else None,
            threshold=settings.local_confidence,
            window=settings.local_context_tokens,
            min_scores=settings.min_scores,
        ),
        local=local,
        periodic=Periodic(extraction, collections, settings.pattern_interval),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        batch=settings.pattern_batch,
        batches=settings.pattern_batches,
        similarity=settings.group_similarity,
        support=settings.pattern_support,
    )


SERVICE = web.AppKey("service", Service)


def require_ready(service: Service) -> Service:
    """The service itself. Raises HttpProblemError while its collections aren't ready."""
    service.collections.require()
    return service


def get_service(request: web.Request) -> Service:
    """The service of a request. Raises HttpProblemError while its collections aren't ready."""
    return require_ready(request.app[SERVICE])
