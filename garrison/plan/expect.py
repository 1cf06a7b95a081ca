"""What a host is compared with: everything that its settings and the catalog make of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import LOCK, ImagePlan, load_lock, plan_images
from garrison.catalog.loader import load_catalog
from garrison.catalog.overrides import apply_overrides
from garrison.controls.applies import FACTS
from garrison.controls.load import own_controls
from garrison.hardening.chosen import Chosen
from garrison.hardening.laid import lay_down
from garrison.hardening.modules import modules_in_use
from garrison.hardening.sysctl import settings_withheld
from garrison.plan.base import BaseImage, load_base
from garrison.plan.given import Given, load_given
from garrison.plan.hostfiles import render_host_files
from garrison.plan.measuring import measured_on
from garrison.plan.question import CONTROLLERS, TEMPLATES, packages_for, possible_files, read_compose
from garrison.plan.wanted import Wanted
from garrison.render.model import ConfigTree, Release
from garrison.render.release import render_release, render_trees
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a host should be as far as its settings and the catalog say it alone."""

    settings: HostSettings
    catalog: Catalog
    images: Mapping[str, ImagePlan]
    base: BaseImage
    trees: Mapping[str, ConfigTree]
    given: Mapping[str, Given]
    possible_files: frozenset[str]
    _releases: dict[frozenset[str], Release] = field(default_factory=dict, repr=False, compare=False)

    def foresee(self, *, is_in_time: Callable[[], bool]) -> None:
        """Make the releases that a host most likely wants, for as long as there is time.

        A machine delegates all controllers to its stack user, a container none.
        """
        for delegated in (CONTROLLERS, frozenset[str]()):
            if is_in_time():
                self._release(delegated)

    def _release(self, delegated: frozenset[str], trees: Mapping[str, ConfigTree] | None = None) -> Release:
        """Of a host whose stack user has these controllers; ``trees`` where they aren't the usual ones."""
        if trees is None and delegated in self._releases:
            return self._releases[delegated]
        made = render_release(
            self.catalog,
            self.settings,
            self.images,
            delegated=delegated,
            templates=TEMPLATES,
            trees=trees or self.trees,
        )
        if trees is None:
            self._releases[delegated] = made
        return made

    def on(self, snapshot: Snapshot) -> Wanted:
        """What the host of this snapshot should be."""
        delegated = CONTROLLERS & frozenset(snapshot.controllers)
        settings, chosen = self.settings, Chosen(controls=own_controls().of_level(self.settings.hardening))
        has_gpu = FACTS["gpu"].holds(snapshot) is True
        return Wanted(
            settings=settings,
            catalog=self.catalog,
            images=self.images,
            base=self.base,
            services_dir=PROJECT / "services",
            # Few hosts have a GPU, and their overview has a row for it.
            release=self._release(
                delegated, render_trees(self.catalog, settings, TEMPLATES, has_gpu=True) if has_gpu else None
            ),
            host_files=render_host_files(
                settings,
                TEMPLATES,
                read_compose(),
                delegated,
                measured=measured_on(self.catalog, has_gpu=has_gpu),
            ),
            delegated=delegated,
            packages=packages_for(settings),
            chosen=chosen,
            hardening_files=lay_down(
                chosen,
                settings,
                in_container=FACTS["own-kernel"].holds(snapshot) is not True,
                boots_itself=FACTS["boots-itself"].holds(snapshot) is True,
                in_use=modules_in_use(snapshot),
                withheld=settings_withheld(snapshot),
            ),
            given=self.given,
            possible_files=self.possible_files,
        )


def prepare(settings: HostSettings, *, gives: bool = False) -> Prepared:
    """What can be made before the host has answered.

    With ``gives`` that includes the secrets of the inventory, whose files are read then. Raises ProblemError with
    everything that is wrong in the catalog and in those files.
    """
    everything = apply_overrides(load_catalog((PROJECT / "services", *settings.services_dirs)), settings)
    catalog = everything.select(settings.profiles)
    lock = load_lock(settings.images_lock or PROJECT / LOCK, everything.services)
    return Prepared(
        settings=settings,
        catalog=catalog,
        images=plan_images(catalog, settings, services=PROJECT / "services", lock=lock),
        base=load_base(PROJECT / "services" / "base" / "recipe.yaml"),
        trees=render_trees(catalog, settings, TEMPLATES),
        given=load_given(settings) if gives and catalog.notifier else {},
        possible_files=possible_files(settings),
    )


def expect(settings: HostSettings, snapshot: Snapshot, *, gives: bool = False) -> Wanted:
    """What the host should be, in one go. Raises ProblemError as ``prepare`` does."""
    return prepare(settings, gives=gives).on(snapshot)
