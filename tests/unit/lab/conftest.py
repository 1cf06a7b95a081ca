"""A lab as data."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest

from garrison.lab.places import Places
from garrison.lab.state import HostState, LabState, Role


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(checkout=tmp_path / "checkout", cache=tmp_path / "cache", lab_id="0123abcd")


@pytest.fixture
def state(tmp_path: Path) -> LabState:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    return LabState(
        checkout=checkout,
        subnet=IPv4Network("10.99.7.0/24"),
        prefix6=IPv6Network("fd00:7::/64"),
        hosts={"lab": HostState(index=0), "registry": HostState(index=2, role=Role.BARE)},
    )
