"""The lab's hosts as pyinfra sees them."""

import runpy
from pathlib import Path

from garrison.catalog.loader import load_catalog
from garrison.lab.inventory import describe_hosts
from garrison.lab.places import Places
from garrison.lab.state import LabState

CERTIFICATES = [Path("/ca/company.crt")]


def test_a_deploy_sees_stack_hosts_only(places: Places, state: LabState) -> None:
    assert [name for name, _ in describe_hosts(places, state, CERTIFICATES)] == ["lab"]


def test_no_lab_is_no_hosts(places: Places) -> None:
    assert describe_hosts(places, None, CERTIFICATES) == []


def test_a_host_is_reached_with_strict_keys_and_sudo(places: Places, state: LabState) -> None:
    (_, data), *_ = describe_hosts(places, state, CERTIFICATES)
    assert data["ssh_hostname"] == "10.99.7.10"
    assert data["ssh_strict_host_key_checking"] == "yes"
    assert data["_sudo"] is True


def test_a_host_has_its_name_and_both_addresses_for_its_certificate(places: Places, state: LabState) -> None:
    (_, data), *_ = describe_hosts(places, state, CERTIFICATES)
    assert data["server_names"] == ["lab.garrison.test", "10.99.7.10", "fd00:7::a"]
    assert data["extra_ca_certificates"] == ["/ca/company.crt"]


def test_the_lab_has_every_profile_for_what_a_host_lacks_its_tests_skip(root: Path) -> None:
    services = load_catalog([root / "services"]).services.values()
    lab = runpy.run_path(str(root / "inventory" / "group_data" / "lab.py"))
    assert set(lab["profiles"]) == {profile for service in services for profile in service.profiles}
