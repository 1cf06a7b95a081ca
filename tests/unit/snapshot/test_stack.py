"""What an inspection of containers says leaves the host without the credentials of a proxy."""

import os
import socket
from pathlib import Path

import pytest

from garrison.snapshot.parts.stack import devices, is_socket, untold


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("HTTPS_PROXY=http://anna:s3cret@proxy.example:3128", "HTTPS_PROXY=http://proxy.example:3128"),
        ('http_proxy=http://anna:p/a"ss@proxy.example', "http_proxy=http://proxy.example"),
        ("all_proxy=socks5://token@proxy.example", "all_proxy=socks5://proxy.example"),
        ("HOME=/home/anna", "HOME=/home/anna"),
        ("MAIL=anna@example.org", "MAIL=anna@example.org"),
    ],
)
def test_credentials_in_an_environment_stay_on_the_host(said: str, left: str) -> None:
    def record(text: str) -> dict[str, object]:
        return {"Size": 1, "Config": {"Env": [text], "Labels": {"proxy": text}, "Cmd": None}}

    assert untold([record(said)]) == [record(left)]


def test_a_socket_is_told_by_what_it_is_and_not_by_its_name(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        (tmp_path / "file.sock").write_text("")
        (tmp_path / "link").symlink_to("bus")
        told = {name: is_socket(str(tmp_path / name)) for name in ("bus", "file.sock", "link", "nothing")}
    assert told == {"bus": True, "file.sock": False, "link": False, "nothing": False}


@pytest.fixture
def process(tmp_path: Path) -> Path:
    """What /proc has of a process 7 that sees null, zero and, at a path with odd characters, full."""
    root = tmp_path / "7" / "root"
    (root / "dev").mkdir(parents=True)
    places = {"dev/null": "null", "a\tb \\c\u2028": "full"}
    lines = [b"1 0 0:1 / / ro shared:1 - overlay overlay ro,x=\xe2\x80\xa8"]
    for place, device in places.items():
        (root / place).symlink_to(f"/dev/{device}")
        escaped = place.replace("\\", "\\134").replace("\t", "\\011").replace(" ", "\\040")
        lines.append(f"2 1 0:2 /{device} /{escaped} rw - devtmpfs udev rw".encode())
    (tmp_path / "7" / "mountinfo").write_bytes(b"\n".join(lines) + b"\n")
    return tmp_path


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root makes device nodes: links stand for them."""
    monkeypatch.setattr(os, "lstat", os.stat)


@pytest.mark.usefixtures("followed")
def test_devices_are_told_by_their_numbers_whatever_their_paths(process: Path) -> None:
    assert devices(7, str(process)) == {"/dev/null": ["c", 1, 3], "/a\tb \\c\u2028": ["c", 1, 7]}


@pytest.mark.usefixtures("followed")
def test_a_place_that_another_mount_hides_is_passed_over(process: Path) -> None:
    (process / "7" / "root" / "dev" / "null").unlink()
    assert devices(7, str(process)) == {"/a\tb \\c\u2028": ["c", 1, 7]}


@pytest.mark.parametrize("what", ["root", "mountinfo"])
def test_devices_that_nobody_could_see_are_not_none(what: str, process: Path) -> None:
    (process / "7" / what).rename(process / "gone")
    assert devices(7, str(process)) is None


def test_one_device_that_may_not_be_looked_at_leaves_all_unknown(
    process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> os.stat_result:
        if path.endswith("null"):
            return Path(path).stat()
        raise PermissionError

    monkeypatch.setattr(os, "lstat", refuse)
    assert devices(7, str(process)) is None
