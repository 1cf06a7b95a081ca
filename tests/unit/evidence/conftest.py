"""A faultless host; each test spoils one thing and sees just that found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.logs import Logs
from garrison.evidence.metrics import Measured
from garrison.evidence.openly import databases, services, viewers
from garrison.evidence.probes import Handshakes, Leaks, Pairs, Provocations
from garrison.evidence.spans import Collected
from garrison.plan.base import BaseImage, Recipe
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.model import Release
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot
from tests.unit.evidence import synthetic
from tests.unit.evidence.synthetic_pairs import pairs_document

Document = dict[str, Any]
Spoil = Callable[[Document], None]


def want(catalog: Catalog, settings: HostSettings, release: Release, stack: Path) -> Wanted:
    """What a host with that release should be."""
    return Wanted(
        settings=settings,
        catalog=catalog,
        release=release,
        images=plan_images(catalog, settings, services=stack, lock={}),
        base=BaseImage(
            reference="localhost/garrison/base:1", recipe=Recipe(suite="trixie", variant="minbase")
        ),
        services_dir=stack,
        host_files={},
        delegated=frozenset({"cpu", "memory", "pids"}),
    )


@pytest.fixture(scope="session")
def wanted(catalog: Catalog, settings: HostSettings, release: Release, stack: Path) -> Wanted:
    return want(catalog, settings, release, stack)


class Host:
    """Documents as the host would send them, and what all checks say of them."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.snapshot = synthetic.host_document(wanted)
        self.pairs = pairs_document(wanted)
        self.leaks = synthetic.leaks_document(wanted)
        self.door = synthetic.door_document(wanted)
        self.errors = synthetic.errors_document()
        self.openly: dict[str, str | None] = {
            **dict.fromkeys(databases(wanted), "scram"),
            **dict.fromkeys(services(wanted) + viewers(wanted), "refused"),
        }
        self.measured = synthetic.measured_document(wanted)
        self.spans = synthetic.spans_document(wanted)
        self.logs = synthetic.logs_document(wanted)

    def container(self, service: str) -> Document:
        """The record of a service's container."""
        found = [one for one in self.snapshot["containers"] if one["Name"] == f"garrison-{service}"]
        assert len(found) == 1
        record: Document = found[0]
        return record

    def network(self, name: str) -> Document:
        """The record of a network."""
        record: Document = next(one for one in self.snapshot["networks"] if one["name"] == name)
        return record

    def tried(self, service: str) -> Document:
        """What try-pairs tells of a service's container."""
        record: Document = next(
            one for one in self.pairs["containers"] if one["name"] == f"garrison-{service}"
        )
        return record

    def wall(self, service: str) -> Document:
        """What it tells of its wall."""
        record: Document = next(one for one in self.pairs["walls"] if one["name"] == f"garrison-{service}")
        return record

    @property
    def evidence(self) -> Evidence:
        return Evidence(
            snapshot=Snapshot.parse(self.snapshot),
            pairs=Pairs.model_validate(self.pairs),
            leaks=Leaks.model_validate(self.leaks),
            door=Handshakes.model_validate(self.door),
            errors=Provocations.model_validate(self.errors),
            openly=self.openly,
            measured=Measured.model_validate(self.measured),
            spans=Collected.model_validate(self.spans),
            logs=TypeAdapter(Logs).validate_python(self.logs),
        )

    def problems(self, wanted: Wanted | None = None) -> list[Problem]:
        """Everything that any check finds."""
        seen = self.evidence
        return [problem for check in CHECKS for problem in check.judge(seen, wanted or self.wanted)]

    def ids(self) -> list[str]:
        """The ids of all findings, sorted."""
        return sorted(problem.id for problem in self.problems())


@pytest.fixture
def host(wanted: Wanted) -> Host:
    return Host(wanted)
