"""Proofs: a provider can judge a password and doesn't have it."""

import hashlib
import json
import os
import re
import stat

import pytest

WORDS = ("redis=1:sha256:aidb,hybrid", "postgres=1:scram:aidb", "embeddings=1:clients:aidb")
PASSWORDS = {
    name: hashlib.sha256(name.encode()).hexdigest()
    for name in (
        "redis_aidb_password",
        "redis_hybrid_password",
        "postgres_aidb_password",
        "embeddings_aidb_password",
    )
}


@pytest.fixture
def proofs(load, host, tmp_path):
    """The program on a host that has the passwords, for a stack user whose containers' user 1 is the one who tests."""
    module = load("proofs")
    module.folders.STATE, module.folders.SUBORDINATE = tmp_path / "state", tmp_path / "etc"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "subuid").write_text(f"garrison:{os.geteuid()}:1\n")
    (tmp_path / "etc" / "subgid").write_text(f"garrison:{os.getegid()}:1\n")
    (tmp_path / "home").mkdir()
    for name, password in PASSWORDS.items():
        host.add_secret(name, password)
    return module


@pytest.fixture
def laid(proofs, tmp_path):
    """Run the program; the lines that a provider finds."""

    def lay(*words: str) -> None:
        proofs.main(["--home", str(tmp_path / "home"), "--user", "garrison", *(words or WORDS)])

    lay()
    return lay


def lines(tmp_path, provider: str) -> list[list[str]]:
    text = (tmp_path / "home" / "clients" / provider / "proofs").read_text()
    return [line.split(" ") for line in text.splitlines()]


@pytest.mark.usefixtures("laid")
def test_redis_gets_a_hash_of_each_password(tmp_path):
    assert lines(tmp_path, "redis") == [
        [
            consumer,
            hashlib.sha256(password.encode()).hexdigest()[:8],
            hashlib.sha256(password.encode()).hexdigest(),
        ]
        for consumer, password in (
            ("aidb", PASSWORDS["redis_aidb_password"]),
            ("hybrid", PASSWORDS["redis_hybrid_password"]),
        )
    ]


@pytest.mark.usefixtures("laid")
def test_postgresql_gets_a_verifier(tmp_path):
    ((consumer, _, verifier),) = lines(tmp_path, "postgres")
    assert consumer == "aidb"
    assert re.fullmatch(
        r"SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}", verifier
    )


def test_a_verifier_is_what_the_standard_computes(proofs, monkeypatch):
    """RFC 7677, section 3: its example's salt, rounds, user and password, and the signature that follows from them."""
    import base64
    import hmac

    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    monkeypatch.setattr(proofs.secrets, "token_bytes", lambda _: salt)
    verifier = proofs.prove("scram", "pencil")["proof"]
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    said = (
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    signature = hmac.digest(server_key, said.encode(), "sha256")
    assert base64.b64encode(signature).decode() == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.usefixtures("laid")
def test_a_file_is_its_providers_alone_and_holds_no_password(tmp_path):
    for provider in ("redis", "postgres"):
        path = tmp_path / "home" / "clients" / provider / "proofs"
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        assert not any(password in path.read_text() for password in PASSWORDS.values())


@pytest.mark.usefixtures("laid")
def test_no_password_is_in_the_state_or_in_an_argument(tmp_path, host):
    kept = (tmp_path / "state" / "proofs.json").read_text() + host.argv
    assert not any(password in kept for password in PASSWORDS.values())


def test_a_second_run_touches_nothing(laid, tmp_path):
    path = tmp_path / "home" / "clients" / "postgres" / "proofs"
    before = path.stat()
    laid()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_running_provider_is_told(laid, host):
    host.answer("ps", "running\n")
    host.add_secret("redis_aidb_password", "0" * 64)
    laid()
    assert "podman exec garrison-redis /etc/garrison/admit.sh load" in host.argv
    assert "exec garrison-postgres" not in host.argv


def test_a_container_of_an_older_release_is_left_to_the_deploy(laid, host):
    host.answer("ps", "running\n")
    host.answer("exec", code=1)
    host.add_secret("redis_aidb_password", "0" * 64)
    laid()
    assert "admit.sh load" not in host.argv


def test_a_password_that_was_replaced_ends(laid, host, tmp_path):
    host.add_secret("redis_aidb_password", "0" * 64)
    laid()
    ids = [line[1] for line in lines(tmp_path, "redis") if line[0] == "aidb"]
    assert ids == [hashlib.sha256(("0" * 64).encode()).hexdigest()[:8]]


def test_while_a_rotation_is_under_way_the_earlier_one_stays(laid, host, tmp_path, proofs):
    proofs.folders.save("rotation.json", {"redis_aidb_password": "consumers"})
    host.add_secret("redis_aidb_password", "0" * 64)
    laid()
    assert len([line for line in lines(tmp_path, "redis") if line[0] == "aidb"]) == 2


def test_a_consumer_that_is_gone_keeps_its_line_while_it_has_its_secret(host, laid, tmp_path):
    """The provider of the release before wouldn't start without it, and that release may come back."""
    before = lines(tmp_path, "redis")
    laid("redis=1:sha256:aidb", "embeddings=1:clients:")
    assert lines(tmp_path, "redis") == before
    state = json.loads((tmp_path / "state" / "proofs.json").read_text())
    assert state["providers"]["embeddings"]["consumers"] == {}  # it starts without
    (host.lib / "secrets" / "redis_hybrid_password").unlink()
    laid("redis=1:sha256:aidb")
    assert [line[0] for line in lines(tmp_path, "redis")] == ["aidb"]


@pytest.mark.usefixtures("laid")
def test_a_service_that_verifies_keys_finds_the_services_in_that_list(proofs, tmp_path):
    proofs.keys.main(
        ["sync", "--home", str(tmp_path / "home"), "--user", "garrison", "embeddings=1", "aidb=1"]
    )
    found = {
        name: json.loads((tmp_path / "home" / "clients" / name / "clients.json").read_text())
        for name in ("embeddings", "aidb")
    }
    digest = hashlib.sha256(PASSWORDS["embeddings_aidb_password"].encode()).hexdigest()
    assert found["embeddings"]["services"] == [
        {"name": "aidb", "keys": [{"id": digest[:8], "sha256": digest}]}
    ]
    assert "services" not in found["aidb"]


@pytest.mark.parametrize(
    "word", ["redis", "redis=0:sha256:a", "redis=1:md5:a", "../x=1:sha256:a", "r=1:sha256:A"]
)
def test_a_provider_of_the_wrong_form_is_a_usage_error(proofs, word):
    with pytest.raises(SystemExit) as error:
        proofs.main(["--home", "/", "--user", "garrison", word])
    assert error.value.code == 2
