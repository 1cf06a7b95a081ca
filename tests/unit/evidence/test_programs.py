"""The pure parts of find-leaks and try-pairs; the live tests run the whole of both."""

import base64
import json
import socket
import struct
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

HOSTSIDE = Path(__file__).parents[3] / "garrison" / "hostside"
VALUE = "00ff10ab" * 8
PEM = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg"[i:] * 2 for i in range(2)
)


def load(program: str) -> ModuleType:
    loader = SourceFileLoader(program.replace("-", "_"), str(HOSTSIDE / program))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def find_leaks() -> ModuleType:
    return load("find-leaks")


@pytest.fixture(scope="module")
def try_pairs() -> ModuleType:
    return load("try-pairs")


@pytest.fixture(scope="module")
def knock() -> ModuleType:
    return load("knock")


def found(find_leaks: ModuleType, value: str, text: bytes) -> set[str]:
    wanted = find_leaks.needles({"api_key": value.encode()})
    return {leak["form"] for leak in find_leaks.search(text, wanted, "here")}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"PGPASSWORD={VALUE}".encode(), "as it is"),
        (b"x" + bytes.fromhex(VALUE) + b"y", "decoded from hex"),
        (VALUE.encode().hex().encode(), "in hex"),
        (base64.b64encode(bytes.fromhex(VALUE)), "in base64"),
        (base64.urlsafe_b64encode(b"ab" + bytes.fromhex(VALUE)), "in base64 for URLs"),
    ],
)
def test_a_value_is_found_in_each_form(find_leaks: ModuleType, text: bytes, form: str) -> None:
    assert form in found(find_leaks, VALUE, text)


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "user:x"])
@pytest.mark.parametrize("after", ["", "@", "@h", "@host"])
def test_a_value_is_found_within_base64_wherever_it_begins(
    find_leaks: ModuleType, before: str, after: str
) -> None:
    header = base64.b64encode(f"{before}{VALUE}{after}".encode())
    assert "in base64" in found(find_leaks, VALUE, b"Authorization: Basic " + header)


def test_one_line_of_a_key_is_a_leak(find_leaks: ModuleType) -> None:
    assert found(find_leaks, PEM, PEM.splitlines()[1].encode()) == {"a line of it"}


@pytest.mark.parametrize(
    "make", [lambda: ec.generate_private_key(ec.SECP256R1()), lambda: rsa.generate_private_key(65537, 2048)]
)
def test_what_a_key_s_file_says_of_its_public_key_is_no_leak_and_the_rest_is(
    find_leaks: ModuleType, make: Any
) -> None:
    key = make()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    lines = [line for line in pem.splitlines() if len(line) >= 32 and "-----" not in line]
    told = [line for line in lines if base64.b64decode(line) in public]
    assert told
    assert len(told) < len(lines)
    for line in lines:
        assert found(find_leaks, pem, line.encode()) == (set() if line in told else {"a line of it"})


def test_the_pair_in_use_is_searched_for_once_though_a_link_leads_to_it(
    find_leaks: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = tmp_path / "tls" / "0123456789abcdef"
    pair.mkdir(parents=True)
    (pair / "ecdsa.key").write_text("a key")
    (tmp_path / "tls" / "live").symlink_to(pair.name)
    monkeypatch.setattr(find_leaks, "home", lambda: tmp_path)
    assert [name for name in find_leaks.read_keys() if "ecdsa" in name] == [
        f"{find_leaks.OF_DOOR} {pair.name}/ecdsa.key"
    ]


def test_other_text_is_no_leak(find_leaks: ModuleType) -> None:
    assert found(find_leaks, VALUE, b"-----BEGIN PRIVATE KEY----- 00ff10ab ff10ab00ff") == set()


def test_a_leak_tells_where_and_never_what(find_leaks: ModuleType) -> None:
    wanted = find_leaks.needles({"api_key": VALUE.encode()})
    said = {"Config": {"Labels": {VALUE: "x"}, "Env": ["A=1", f"KEY={VALUE}"]}}
    places = [
        leak["place"]
        for path, text in find_leaks.leaves(said, "")
        for leak in find_leaks.search(text.encode(), wanted, find_leaks.redact(path, wanted))
    ]
    assert places == ["(a key that is the value)", "Config.Env[1]"]
    assert VALUE not in json.dumps(places)


def test_a_long_key_is_not_told_in_part(find_leaks: ModuleType) -> None:
    wanted = find_leaks.needles({"api_key": VALUE.encode()})
    paths = [path for path, _ in find_leaks.leaves({VALUE: "x"}, "")]
    assert not any(VALUE[:20] in find_leaks.redact(path, wanted) for path in paths)


def test_addresses_are_read_from_an_answer_with_compressed_names(knock: ModuleType) -> None:
    question = b"\x05redis\x00" + struct.pack(">HH", 1, 1)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton("10.89.1.2")
    answer = b"ID" + struct.pack(">HHHHH", 0x8180, 1, 2, 0, 0) + question + record * 2
    assert list(knock.addresses(answer)) == ["10.89.1.2", "10.89.1.2"]


def test_an_answer_without_records_has_no_address(knock: ModuleType) -> None:
    question = b"\x05redis\x00" + struct.pack(">HH", 1, 1)
    answer = b"ID" + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + question
    assert list(knock.addresses(answer)) == []


def test_name_servers_are_read_from_resolv_conf(try_pairs: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("search dns.podman\nnameserver 10.89.0.1\n# nameserver 1.2.3.4\nnameserver fd00::1\n")
    assert try_pairs.nameservers(path) == ["10.89.0.1", "fd00::1"]
