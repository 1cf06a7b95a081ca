"""What the queue and the model do, in numbers."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class EngineMetrics:
    """Registered with the kit's registry, so that one scrape has it all."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.load_seconds = Gauge(
            "embeddings_model_load_seconds", "Time to load and check", registry=registry
        )
        self.refused = Counter("embeddings_refused", "Requests refused: queue full", registry=registry)
        self.timed_out = Counter("embeddings_timed_out", "Requests past their deadline", registry=registry)
        self._queue = Gauge("embeddings_queue_texts", "Texts that wait", registry=registry)
        self._tokens = Counter("embeddings_tokens", "Tokens embedded", registry=registry)
        self._batch = Histogram(
            "embeddings_batch_texts",
            "Texts a batch",
            registry=registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
        )
        self._waited = Histogram(
            "embeddings_batch_wait_seconds", "Wait of a batch's oldest text", registry=registry
        )

    def batch_ran(self, texts: int, tokens: int, waited: float) -> None:
        """Count one batch."""
        self._batch.observe(texts)
        self._tokens.inc(tokens)
        self._waited.observe(waited)

    def queue_is(self, texts: int) -> None:
        """Show the queue's length."""
        self._queue.set(texts)
