"""What an inspection of containers says leaves the host without the credentials of a proxy."""

import pytest

from garrison.snapshot.parts.stack import untold


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
