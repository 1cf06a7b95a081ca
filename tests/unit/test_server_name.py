"""What may be a machine's name in a certificate; it becomes part of configurations as it is."""

import pytest
from pydantic import TypeAdapter, ValidationError

from garrison.server_name import ServerName


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("host.example", "host.example"),
        ("a", "a"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
    ],
)
def test_a_dns_name_or_an_address_is_one(said: str, name: str) -> None:
    assert TypeAdapter(ServerName).validate_python(said) == name


@pytest.mark.parametrize("said", ["", "Host.example", "a..b", "-a", 'a"b', "a b", "host.example\n", "a" * 64])
def test_anything_else_is_none(said: str) -> None:
    with pytest.raises(ValidationError, match="neither an IP address nor a lower-case DNS name"):
        TypeAdapter(ServerName).validate_python(said)
