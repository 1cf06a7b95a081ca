"""What an inspection of containers says leaves the host without the credentials of a proxy."""

import socket

import pytest

from garrison.snapshot.parts.stack import is_socket, untold


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
    assert told == {"bus": True, "file.sock": False, "link": True, "nothing": False}
