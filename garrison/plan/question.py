"""What the collector is asked: all of it follows from a host's settings and the controls.

It loads nothing of the catalog, so that a check can ask first and load the rest while the host looks.
"""

import json
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from garrison.controls.asks import ask
from garrison.controls.load import Controls, own_controls
from garrison.hardening.access import ACCESS_WANT
from garrison.hardening.chosen import Chosen
from garrison.hardening.firewall import FIREWALL_WANT
from garrison.hardening.laid import lay_down
from garrison.hardening.looks import HARDENING_WANT
from garrison.plan.hostfiles import BROUGHT, MEASURING, SHIPPING_FILES, SHIPPING_UNIT, render_host_files
from garrison.plan.laying import LAID
from garrison.plan.reloads import MARKS
from garrison.render.places import DOOR_SERVICE, DOOR_SOCKET
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostWant
from garrison.tls.places import RENEWAL_TIMER

TEMPLATES = Path(__file__).parents[2] / "templates"
CONTROLLERS = frozenset({"cpu", "cpuset", "io", "memory", "pids"})
CA_FILE = "/etc/garrison/ca.crt"
TLS_FILE = "/etc/garrison/tls.json"
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
SHIPPING_PACKAGES = ("rsyslog", "rsyslog-openssl")


def ask_about(settings: HostSettings, *, walks: bool = False) -> str:
    """The collector's argument for a host with these settings; ``walks`` looks through its file systems too."""
    files = render_host_files(settings, TEMPLATES, read_compose(), CONTROLLERS, measured=MEASURING)
    paths = [*files, *possible_files(settings), *SHIPPING_FILES, BROUGHT, *MARKS]
    return question(settings, paths, own_controls(), walks=walks)


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


def possible_files(settings: HostSettings) -> frozenset[str]:
    """What the hardening may lay down whole at any level, on any kind of host."""
    strict = Chosen(controls=own_controls().of_level("strict"))
    return frozenset(lay_down(strict, settings, in_container=True, boots_itself=True))


def read_compose() -> bytes:
    """The pinned podman-compose program."""
    return Path(str(distribution("podman-compose").locate_file("podman_compose.py"))).read_bytes()
