"""The host that is measured; bare to everybody else, so that a deploy of the lab's own inventory passes over it."""

from pathlib import Path

from garrison.lab.inventory import describe_host
from garrison.lab.lab import open_checkout
from garrison.lab.outer import list_certificates

_lab = open_checkout(Path(__file__).resolve().parents[2])
NAME = "measured"

measured_hosts = [
    (
        NAME,
        {
            **describe_host(_lab.places, _lab.require(NAME), NAME, list_certificates()),
            "hardening": "strict",
        },
    )
]
