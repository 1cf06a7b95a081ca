"""What one host should become, and what of it the collector has to look at."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import ImagePlan
from garrison.controls.asks import ask
from garrison.controls.load import Controls
from garrison.hardening.access import ACCESS_WANT
from garrison.hardening.chosen import Chosen
from garrison.hardening.firewall import FIREWALL_WANT
from garrison.hardening.looks import HARDENING_WANT
from garrison.plan.base import BaseImage
from garrison.plan.given import Given
from garrison.plan.hostfiles import SHIPPING_UNIT, HostFile
from garrison.plan.laying import LAID
from garrison.render.model import DOOR_SERVICE, DOOR_SOCKET, Release
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostWant
from garrison.tls.places import RENEWAL_TIMER

PACKAGES = (
    "aardvark-dns",
    "ca-certificates",
    "crun",
    "dbus-user-session",
    "mmdebstrap",
    "netavark",
    "nftables",
    "openssl",
    "passt",
    "podman",
    "python3-dotenv",
    "python3-yaml",
    "uidmap",
)


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


SHIPPING_PACKAGES = ("rsyslog", "rsyslog-openssl")
CA_FILE = "/etc/garrison/ca.crt"
TLS_FILE = "/etc/garrison/tls.json"


def packages_for(settings: HostSettings) -> tuple[str, ...]:
    """What a host with these settings needs of Debian."""
    acme = ("python3-acme",) if settings.tls.acme else ()
    return (*PACKAGES, *acme, *(SHIPPING_PACKAGES if settings.log_shipping else ()))


def door_units(home: str) -> dict[str, str]:
    """Where systemd finds the door's units, by their path in a release."""
    folder = f"{home}/.config/systemd/user"
    return {path: f"{folder}/{path.removeprefix('systemd/')}" for path in (DOOR_SOCKET, DOOR_SERVICE)}


def question(
    settings: HostSettings, paths: Iterable[str], controls: Controls | None = None, *, walks: bool = False
) -> str:
    """The collector's argument: what to look at beyond what it always tells.

    All controls are asked about, whatever the level, so that a deploy and every check ask the same.
    """
    home = settings.stack_home
    host = {"host": _ask_host(settings, controls, walks=walks).as_question()} if controls else {}
    return json.dumps(
        {
            **host,
            "stack_user": settings.stack_user,
            "stack_uid": settings.stack_uid,
            "stack_home": home,
            "files": sorted([*paths, *door_units(home).values(), CA_FILE, TLS_FILE]),
            "trees": [f"{home}/releases", f"{home}/config", f"{home}/clients", f"{home}/tls", LAID],
            "packages": list(packages_for(settings)),
        },
        sort_keys=True,
    )


def _ask_host(settings: HostSettings, controls: Controls, *, walks: bool) -> HostWant:
    units = {RENEWAL_TIMER, f"{SHIPPING_UNIT}.service"} if settings.log_shipping else {RENEWAL_TIMER}
    return (
        ask(controls.by_id.values(), settings, walks=walks)
        .joined(HARDENING_WANT)
        .joined(ACCESS_WANT)
        .joined(FIREWALL_WANT)
        .joined(HostWant(units=frozenset(units)))
    )
