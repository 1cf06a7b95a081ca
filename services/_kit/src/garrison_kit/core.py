"""What the adapters share: who comes in, what is counted, and which problem an error is."""

import gc

from garrison_kit import health
from garrison_kit.clients import Client
from garrison_kit.deadlines import Deadlines
from garrison_kit.door import Door
from garrison_kit.gate import Gate, Header
from garrison_kit.installed import Installed
from garrison_kit.later import Later
from garrison_kit.limits import Places, Rates
from garrison_kit.metrics import Metrics
from garrison_kit.options import Options
from garrison_kit.visit import Visit, tell

LIVE, READY, METRICS, OPENAPI = "/health/live", "/health/ready", "/metrics", "/openapi.json"
_UNLIMITED = frozenset({LIVE, READY, METRICS})
_NOBODY = "nobody"
# A request makes hundreds of objects and hardly a circle: looking for circles after each 700 took a fifth of its time.
_GARBAGE = (20_000, 20, 50)


class Core:
    """One for each service; an adapter asks it and does what its framework wants done."""

    def __init__(self, options: Options) -> None:
        """Load the keys. Raises ClientsError or SecretError when there are no usable ones."""
        gc.set_threshold(*_GARBAGE)
        self.options = options
        self.metrics = metrics = Metrics(options.service, options.version)
        self.ended: Later[Visit] = Later(lambda visits: tell(visits, metrics))
        self.readiness = health.Readiness(options.checks)
        self.places = Places(options.max_concurrent)
        self.deadlines = Deadlines(options.max_seconds)
        self.installed = Installed(metrics=self.metrics, readiness=self.readiness)
        self._gate = Gate(options)
        self._door = Door()
        self._rates = Rates(options.rate, options.burst)
        self.metrics.watch_in_flight(lambda: self.places.taken)

    def visit(self, method: str, path: str, header: Header, peer: str | None) -> Visit:
        """The visit of a request that has just arrived; the adapter enters it."""
        address = self._door.address_of(peer, header("x-forwarded-for"))
        return Visit(self.ended, method, path, header, address)

    def admit(
        self, visit: Visit, method: str, route: str | None, endpoint: object | None, header: Header
    ) -> Client | None:
        """Let the request pass and say whose it is; ``route`` and ``endpoint`` are None where none matched.

        Raises HttpProblemError: 400, 401, 403, 413, 415 or 429.
        """
        visit.route = route
        client = self._gate.identify(header)
        visit.admit_as(client)
        self._gate.admit(client, method, endpoint, header)
        if self.is_limited(visit):
            self._rates.take(client.name if client else _NOBODY)
        return client

    @staticmethod
    def is_limited(visit: Visit) -> bool:
        """Whether time, places and rates count here: a busy service must still answer its probes."""
        return visit.route not in _UNLIMITED

    def scrape(self, accept: str | None) -> tuple[bytes, str]:
        """The body of /metrics, in which every request that has ended is counted, and its type."""
        self.ended.flush()
        return self.metrics.render(accept)

    def live(self) -> dict[str, str]:
        """The document of /health/live."""
        return health.live_document(self.options.service, self.options.version)
