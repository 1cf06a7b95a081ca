"""What one host should become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import ImagePlan
from garrison.hardening.chosen import Chosen
from garrison.plan.base import BaseImage
from garrison.plan.given import Given
from garrison.plan.hostfiles import HostFile
from garrison.plan.question import PACKAGES
from garrison.render.model import Release
from garrison.settings import HostSettings


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Settings, catalog and release of one host, with the files that phase 1.1 lays down there."""

    settings: HostSettings
    catalog: Catalog
    release: Release
    images: Mapping[str, ImagePlan]
    base: BaseImage
    services_dir: Path
    host_files: Mapping[str, HostFile]
    delegated: frozenset[str]
    packages: tuple[str, ...] = PACKAGES
    chosen: Chosen = field(default_factory=lambda: Chosen(controls=()))
    hardening_files: Mapping[str, HostFile] = field(default_factory=dict)
    given: Mapping[str, Given] = field(default_factory=dict)  # secrets that the inventory brings
    possible_files: frozenset[str] = frozenset()  # what any level may lay down, on any kind of host
