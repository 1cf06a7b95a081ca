"""What a host is compared with: everything that its settings and the catalog make of it."""

from importlib.metadata import distribution
from pathlib import Path

from garrison.catalog.images import LOCK, load_lock, plan_images
from garrison.catalog.loader import load_catalog
from garrison.catalog.overrides import apply_overrides
from garrison.controls.applies import FACTS
from garrison.controls.load import own_controls
from garrison.hardening.chosen import Chosen
from garrison.hardening.laid import lay_down
from garrison.hardening.modules import modules_in_use
from garrison.hardening.sysctl import settings_withheld
from garrison.plan.base import load_base
from garrison.plan.given import load_given
from garrison.plan.hostfiles import MEASURING, SHIPPING_FILES, render_host_files
from garrison.plan.measuring import measured_on
from garrison.plan.reloads import MARKS
from garrison.plan.shipping import BROUGHT
from garrison.plan.wanted import Wanted, packages_for, question
from garrison.render.release import render_release
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

PROJECT = Path(__file__).parents[2]
CONTROLLERS = frozenset({"cpu", "cpuset", "io", "memory", "pids"})
_TEMPLATES = PROJECT / "templates"


def ask_about(settings: HostSettings, *, walks: bool = False) -> str:
    """The collector's argument for a host with these settings; ``walks`` looks through its file systems too."""
    files = render_host_files(settings, _TEMPLATES, _compose(), CONTROLLERS, measured=MEASURING)
    paths = [*files, *_possible_files(settings), *SHIPPING_FILES, BROUGHT, *MARKS]
    return question(settings, paths, own_controls(), walks=walks)


def expect(settings: HostSettings, snapshot: Snapshot, *, gives: bool = False) -> Wanted:
    """What the host should be; with ``gives`` that includes the secrets of the inventory, whose files are read then.

    Raises ProblemError with everything that is wrong in the catalog and in those files.
    """
    delegated = CONTROLLERS & frozenset(snapshot.controllers)
    everything = apply_overrides(load_catalog((PROJECT / "services", *settings.services_dirs)), settings)
    catalog = everything.select(settings.profiles)
    lock = load_lock(settings.images_lock or PROJECT / LOCK, everything.services)
    images = plan_images(catalog, settings, services=PROJECT / "services", lock=lock)
    has_gpu = FACTS["gpu"].holds(snapshot) is True
    chosen = Chosen(controls=own_controls().of_level(settings.hardening))
    return Wanted(
        settings=settings,
        catalog=catalog,
        images=images,
        base=load_base(PROJECT / "services" / "base" / "recipe.yaml"),
        services_dir=PROJECT / "services",
        release=render_release(
            catalog, settings, images, delegated=delegated, templates=_TEMPLATES, has_gpu=has_gpu
        ),
        host_files=render_host_files(
            settings, _TEMPLATES, _compose(), delegated, measured=measured_on(catalog, has_gpu=has_gpu)
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
        given=load_given(settings) if gives and catalog.notifier else {},
        possible_files=_possible_files(settings),
    )


def _possible_files(settings: HostSettings) -> frozenset[str]:
    strict = Chosen(controls=own_controls().of_level("strict"))
    return frozenset(lay_down(strict, settings, in_container=True, boots_itself=True))


def _compose() -> bytes:
    return Path(str(distribution("podman-compose").locate_file("podman_compose.py"))).read_bytes()
