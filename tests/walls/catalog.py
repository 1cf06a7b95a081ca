"""A second folder of services for the walls: small ones, each with what the tests need and nothing else."""

from pathlib import Path
from typing import Any

import yaml

PORT, HIDDEN = 7000, 7001  # what a service declares, and what it listens on all the same
OPEN, SHUT = 9100, 9101  # ports outside: the caller declares one of them
PROFILE = "walls"
SERVICES = ("wall-caller", "wall-reader", "wall-store", "wall-stranger")
_CONTAINERFILE = """\
ARG BASE
FROM ${BASE}
COPY service/listen.pl /listen.pl
USER 10770:10770
ENTRYPOINT ["/usr/bin/perl", "/listen.pl"]
"""
_LISTEN = f"""\
use strict; use IO::Socket::IP; use IO::Select;
my $all = IO::Select->new(map {{ IO::Socket::IP->new(LocalHost => "::", LocalPort => $_, Listen => 64, V6Only => 0,
    ReuseAddr => 1) or die "$_: $@" }} {PORT}, {HIDDEN});
$SIG{{TERM}} = sub {{ exit 0 }};
while (1) {{ for my $one ($all->can_read) {{ my $link = $one->accept; close $link if $link }} }}
"""


def _service(name: str, **said: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": f"{name}, for the tests of walls",
        "image": {"build": "."},
        "user": 10770 + SERVICES.index(name),
        "listen": {"plain": PORT},
        "health": {"exec": ["/bin/true"], "deadline": 120},
        "limits": {"memory": "64M", "cpus": 1, "pids": 32},
        "profiles": [PROFILE],
        **said,
    }


def write_catalog(folder: Path, outside: str) -> Path:
    """The folder: a store and its reader, a caller with a way out to one port, and a stranger."""
    egress = {
        "reason": "The tests see where it gets to.",
        "to": [{"net": outside, "tcp": [OPEN], "udp": [OPEN]}],
    }
    services = [
        _service("wall-store"),
        _service("wall-reader", needs=["wall-store"]),
        _service("wall-caller", needs=["wall-store"], egress=egress),
        _service("wall-stranger", publish={"plain": 17000}),
    ]
    for service in services:
        place = folder / str(service["name"])
        place.mkdir(parents=True)
        (place / "service.yaml").write_text(yaml.safe_dump(service))
        (place / "Containerfile").write_text(_CONTAINERFILE)
        (place / "listen.pl").write_text(_LISTEN)
    return folder
