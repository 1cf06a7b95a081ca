"""Each reason to renew a host's certificate, and that a good one stays."""

from datetime import timedelta

import pytest

from garrison.tls.authority import Authority
from garrison.tls.leaf import reason_to_renew

from .conftest import DAY, NAMES, NOW


def test_a_good_certificate_is_kept(authority, chain):
    assert reason_to_renew(chain, authority.certificate_pem, NAMES, NOW) is None


def test_the_order_and_spelling_of_names_do_not_matter(authority, request_pem):
    chain = authority.sign(request_pem, ["lab.example.org", "fd00::1"], 90, NOW)
    assert reason_to_renew(chain, authority.certificate_pem, ["fd00:0::1", "lab.example.org"], NOW) is None


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        (None, "there is no certificate"),
        ("", "there is no certificate"),
        ("garbage", "the certificate can't be read"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "the certificate can't be read"),
    ],
)
def test_what_is_not_a_certificate_is_replaced(authority, chain, reason):
    assert reason_to_renew(chain, authority.certificate_pem, NAMES, NOW) == reason


def test_a_certificate_of_another_authority_is_replaced(tmp_path, chain):
    other = Authority.open(tmp_path / "other", None, NOW)
    assert "not issued by" in (reason_to_renew(chain, other.certificate_pem, NAMES, NOW) or "")


def test_a_leaf_without_its_authority_is_replaced(authority, chain):
    leaf = chain.removesuffix(authority.certificate_pem)
    assert "chain doesn't end" in (reason_to_renew(leaf, authority.certificate_pem, NAMES, NOW) or "")


@pytest.mark.parametrize("names", [NAMES[:1], (*NAMES, "more.example.org"), ("other.example.org",)])
def test_other_names_need_another_certificate(authority, chain, names):
    assert "the certificate names" in (reason_to_renew(chain, authority.certificate_pem, names, NOW) or "")


@pytest.mark.parametrize(
    ("passed", "reason"),
    [
        (timedelta(days=59), None),
        (timedelta(days=61), "less than a third"),
        (timedelta(days=91), "expired"),
        (-DAY, "not valid before"),
    ],
)
def test_a_certificate_is_renewed_when_less_than_a_third_of_its_life_is_left(
    authority, chain, passed, reason
):
    found = reason_to_renew(chain, authority.certificate_pem, NAMES, NOW + passed)
    assert found is None if reason is None else reason in (found or "")
