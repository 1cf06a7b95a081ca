"""A certificate's way onto a host: request, signature, installation."""

import base64
import json
import stat
from datetime import UTC, datetime

import pytest
from cryptography import x509

from garrison.tls.authority import Authority

NOW = datetime.now(UTC)


@pytest.fixture
def authority(tmp_path):
    return Authority.open(tmp_path / "ca", None, NOW)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def encode(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def test_the_first_request_makes_a_key_and_the_next_uses_it(host):
    first, second = (host.run("tls-request", "--name", "lab.example.org") for _ in range(2))
    keys = [x509.load_pem_x509_csr(done.stdout.encode()).public_key() for done in (first, second)]
    assert keys[0] == keys[1]


def test_a_new_key_is_made_on_demand(host):
    host.run("tls-request", "--name", "lab")
    before = host.secret("door_tls_key")
    host.run("tls-request", "--name", "lab", "--new")
    assert host.secret("door_tls_key") != before


def test_the_key_is_in_no_argument_and_not_in_the_output(host):
    done = host.run("tls-request", "--name", "lab")
    body = host.secret("door_tls_key").splitlines()[1]
    assert body not in host.argv + done.stdout + done.stderr


@pytest.mark.parametrize("name", ["lab/O=x", "a b", "", "lab\n"])
def test_a_name_that_would_change_the_subject_is_refused(host, name):
    done = host.run("tls-request", f"--name={name}")
    assert done.returncode == 1
    assert "server_names" in done.stderr


@pytest.mark.parametrize("name", ["10.99.0.2", "fd00::1", "a" * 60 + ".example.org"])
def test_every_kind_of_name_gets_a_request_that_can_be_signed(host, authority, name):
    request = host.run("tls-request", "--name", name).stdout
    assert authority.sign(request, [name], 90, NOW).startswith("-----BEGIN CERTIFICATE")


def test_a_signed_chain_is_installed_for_everyone_to_read(host, authority, home):
    chain = authority.sign(host.run("tls-request", "--name", "lab").stdout, ["lab"], 90, NOW)
    done = host.run("tls-install", "--home", str(home), stdin=encode(chain))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    file = home / "tls" / "fullchain.pem"
    assert file.read_text() == chain
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o644, 0o755)


def test_a_chain_for_another_key_is_refused_and_the_old_one_stays(host, authority, home):
    chain = authority.sign(host.run("tls-request", "--name", "lab").stdout, ["lab"], 90, NOW)
    host.run("tls-install", "--home", str(home), stdin=encode(chain))
    host.run("tls-request", "--name", "lab", "--new")
    done = host.run("tls-install", "--home", str(home), stdin=encode(chain))
    assert (done.returncode, "doesn't belong" in done.stderr) == (1, True)
    assert (home / "tls" / "fullchain.pem").read_text() == chain


def test_a_users_own_key_and_chain_are_installed_together(host, authority, home):
    chain = authority.sign(host.run("tls-request", "--name", "lab").stdout, ["lab"], 90, NOW)
    key = host.secret("door_tls_key")
    host.run("tls-request", "--name", "lab", "--new")
    brought = encode(json.dumps({"chain": chain, "key": key}))
    done = host.run("tls-install", "--with-key", "--home", str(home), stdin=brought)
    assert done.returncode == 0, done.stderr
    assert host.secret("door_tls_key") == key


@pytest.mark.parametrize(
    "stdin", ["", "%%%", encode("hello"), encode("[]"), encode('{"chain": "x"}'), "w4k="]
)
@pytest.mark.parametrize("flag", [["--with-key"], []])
def test_input_that_is_no_certificate_is_refused(host, home, stdin, flag):
    host.run("tls-request", "--name", "lab")
    done = host.run("tls-install", *flag, "--home", str(home), stdin=stdin)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert not (home / "tls").exists()


def test_a_folder_that_is_a_link_is_never_followed(host, authority, home, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (home / "tls").symlink_to(tmp_path / "elsewhere")
    chain = authority.sign(host.run("tls-request", "--name", "lab").stdout, ["lab"], 90, NOW)
    assert host.run("tls-install", "--home", str(home), stdin=encode(chain)).returncode == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []
