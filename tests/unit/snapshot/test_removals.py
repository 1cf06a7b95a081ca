"""What keeps a package, as apt and dpkg tell it."""

from pathlib import Path

import pytest

from garrison.snapshot.parts.removals import kept_by

# What apt-get -s remove prints of a package that two others need.
SAID = "Reading package lists...\nRemv app [1.0]\nRemv suite [2.0] [app:amd64 ]\nRemv telnet [0.17]\n"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that answer as apt and dpkg do: only telnet and ftp are installed."""
    (tmp_path / "said").write_text(SAID)
    apt = f'#!/bin/sh\n[ "$5" = telnet ] && exec cat {tmp_path}/said; [ "$5" = ftp ] && echo "Remv ftp [1]"\n'
    dpkg = '#!/bin/sh\ncase "$4" in telnet|ftp|odd) printf installed;; *) exit 1;; esac\n'
    for name, text in {"apt-get": apt, "dpkg-query": dpkg}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.usefixtures("tools")
def test_who_needs_a_package_is_told_and_of_one_that_nobody_needs_that_too() -> None:
    assert kept_by(["telnet", "ftp"]) == {"telnet": ["app", "suite"], "ftp": []}


@pytest.mark.usefixtures("tools")
def test_what_is_not_installed_is_not_asked_about() -> None:
    assert kept_by(["talk"]) == {}


@pytest.mark.usefixtures("tools")
def test_where_apt_gives_no_answer_nothing_is_told() -> None:
    assert kept_by(["odd"]) == {}
