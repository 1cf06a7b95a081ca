"""The door is rendered from Mozilla's guideline, and the record of the guideline can't grow by itself."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from garrison.render.guideline import GUIDELINE, Guideline
from garrison.render.model import Release


def test_the_door_offers_what_the_guideline_says_and_nothing_else(release: Release) -> None:
    conf = release.config_trees["door"].files["nginx/nginx.conf"].content.decode()
    assert f"ssl_protocols {' '.join(GUIDELINE.tls_versions)};" in conf
    assert f"ssl_ciphers {':'.join(GUIDELINE.ciphers)};" in conf
    assert f"ssl_ecdh_curve {':'.join(GUIDELINE.tls_curves)};" in conf
    assert f'"max-age={GUIDELINE.hsts_min_age}"' in conf


def test_no_suite_or_curve_is_written_a_second_time(root: Path) -> None:
    template = (root / "templates" / "nginx" / "nginx.conf.j2").read_text()
    assert [word for word in (*GUIDELINE.ciphers, *GUIDELINE.tls_curves) if word in template] == []


def test_the_standard_that_controls_name_is_the_version_that_is_used(root: Path) -> None:
    records = (root / "controls" / "tls").glob("T*.yaml")
    named = {
        line.strip() for one in records for line in one.read_text().splitlines() if "Mozilla TLS" in line
    }
    assert {line.partition(":")[0] for line in named} == {f"Mozilla TLS {GUIDELINE.version}"}


def test_a_field_of_a_newer_guideline_that_nobody_reads_is_refused() -> None:
    with pytest.raises(ValidationError, match="new_field"):
        Guideline.model_validate({**GUIDELINE.model_dump(), "new_field": 1})
