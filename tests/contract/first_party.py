"""Which services the contract is for, found in the catalog, and where each of them is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.model import Service
from garrison.catalog.size import parse_size
from tests.compliance.live import ROOT, LiveHost
from tests.contract.said import Said, read_said


@dataclass(frozen=True, kw_only=True)
class FirstParty:
    """A service of ours: it verifies keys by itself and is reached through the door."""

    service: Service
    folder: Path

    def __str__(self) -> str:
        return self.service.name

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def container(self) -> str:
        return f"garrison-{self.service.name}"

    @property
    def readme(self) -> str:
        """What its folder says about it."""
        path = self.folder / "README.md"
        assert path.exists(), f"{self} has no README.md"
        return path.read_text()

    @property
    def promises_tools(self) -> bool:
        """Whether its folder says that it has tools."""
        return "/mcp" in self.readme

    @property
    def said(self) -> Said:
        """What its folder tells the contract."""
        return read_said(self.folder)

    @property
    def prefix(self) -> str:
        """What its paths begin with at the door."""
        assert self.service.route
        return self.service.route.path.rstrip("/")

    @property
    def timeout(self) -> int:
        """Seconds after which the door gives up on it."""
        assert self.service.route
        return self.service.route.timeout

    @property
    def largest_body(self) -> int:
        """Bytes that the door lets through."""
        assert self.service.route
        return parse_size(self.service.route.body)

    @property
    def loopback(self) -> int:
        """Its port on the host's loopback, behind the door."""
        assert self.service.route
        assert self.service.route.port in self.service.publish, f"publish {self.name}'s port on loopback"
        return self.service.publish[self.service.route.port]


def first_parties(catalog: Catalog) -> tuple[FirstParty, ...]:
    """Every service that the contract is for, by name: whoever verifies keys behind a route."""
    found = [one for one in catalog.routed if one.verifies_keys and not one.door]
    return tuple(FirstParty(service=one, folder=catalog.folder(one.name)) for one in found)


def catalog_of(hosts: Iterable[LiveHost | None]) -> Catalog:
    """What the inventory's first host runs; without a host, what the checkout has."""
    host = next(iter(hosts), None)
    if host is None:
        return load_catalog((ROOT / "services",))
    settings = host.settings
    return load_catalog((ROOT / "services", *settings.services_dirs)).select(settings.profiles)
