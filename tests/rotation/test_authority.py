"""The fleet's CA is replaced by the commands in docs/operating.md while requests of every kind go on."""

import os
from pathlib import Path

import pytest
from cryptography import x509

from tests.compliance.live import ROOT, LiveHost
from tests.e2e.readme import read_commands, run_commands
from tests.rotation.load import Load, Place


def test_no_request_of_a_client_that_has_both_fails_while_the_authority_is_replaced(
    host: LiveHost, place: Place, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = read_commands((ROOT / "docs" / "operating.md").read_text(), "The CA is replaced")
    monkeypatch.setenv("PATH", f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}")
    earlier = x509.load_pem_x509_certificates(place.authority.read_bytes())
    (begun,) = run_commands(commands[:1], ROOT, tmp_path)
    assert begun.exit == 0, begun.output
    # As a client that has what was handed out at the beginning, all along.
    both = tmp_path / "ca.crt"
    both.write_bytes(place.authority.read_bytes())
    with Load(Place(url=place.url, authority=both), key) as load:
        ended = run_commands(commands[1:], ROOT, tmp_path)
        load.end()
    assert [one.exit for one in ended] == [0] * len(ended), ended
    assert load.failed == []
    (new,) = x509.load_pem_x509_certificates(place.authority.read_bytes())
    assert new not in earlier
    laid = host.sh("cat /etc/garrison/ca.crt").strip()
    assert laid == place.authority.read_text().strip()
