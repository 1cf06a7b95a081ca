"""Rotation: old and new are good until every holder has the new one, and a run that was killed is ended by the next."""

import json
import os

import pytest

PASSWORD, KEY, STANDBY = "redis_aidb_password", "llama_cpp_key", "llama_cpp_key_standby"
OWN = "grafana_admin_password"
MANIFEST = {
    "order": ["llama-cpp", "redis", "aidb", "grafana", "nginx"],
    "services": {
        "llama-cpp": {"deadline": 9, "beside": True, "ports": [8080]},
        "redis": {"deadline": 9, "beside": False, "ports": [6379]},
        "aidb": {"deadline": 9, "beside": True, "ports": [8091]},
        "grafana": {"deadline": 9, "beside": False, "ports": [3000]},
        "nginx": {"deadline": 9, "beside": False, "ports": []},
    },
    "credentials": [
        {"secret": PASSWORD, "provider": "redis", "holders": ["aidb"], "kind": "sha256"},
        {
            "secret": KEY,
            "provider": "llama-cpp",
            "holders": ["aidb", "nginx"],
            "kind": "standby",
            "standby": STANDBY,
        },
        {"secret": OWN, "provider": "grafana", "holders": ["grafana"], "kind": "own"},
    ],
}


class Killed(BaseException):
    """The program ends here, as if the machine had."""


@pytest.fixture
def rotation(load, host, tmp_path, monkeypatch):
    """The program with what it replaces written down; ``look`` says what to do at each replacement."""
    module = load("rotate-secrets")
    module.folders.STATE, module.RUN = tmp_path / "state", tmp_path / "run"
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / "manifest.json").write_text(json.dumps(MANIFEST))
    for name, value in (
        (PASSWORD, "old-password"),
        (KEY, "old-key"),
        (STANDBY, "next-key"),
        (OWN, "old-own"),
    ):
        host.add_secret(name, value)
    held = {"aidb": [module.proofs.prove("sha256", "old-password")]}
    module.folders.STATE.mkdir()
    state = {
        "home": "/",
        "user": "u",
        "providers": {"redis": {"uid": 1, "kind": "sha256", "consumers": held}},
    }
    module.folders.save("proofs.json", state)
    monkeypatch.setattr(module.proofs, "publish", lambda state: module.folders.save("proofs.json", state))
    monkeypatch.setattr(module.proofs, "stack_home", lambda: str(tmp_path))
    monkeypatch.setattr(module.holders, "is_older", lambda *_: True)
    monkeypatch.setattr(module.holders, "half_replaced", lambda: set())
    module.replaced = []

    def replace(_, service: str) -> None:
        module.replaced.append(service)
        getattr(module, "look", lambda _: None)(service)

    monkeypatch.setattr(module.holders.Host, "replace", replace)
    return module


def proofs_of(rotation) -> set[str]:
    held = rotation.folders.load("proofs.json")["providers"]["redis"]["consumers"]["aidb"]
    return {proof["id"] for proof in held}


def test_both_passwords_are_good_while_the_holder_is_replaced_and_then_the_new_one_alone(rotation, host):
    seen = []
    rotation.look = lambda _: seen.append((proofs_of(rotation), host.secret(PASSWORD)))
    rotation.main([PASSWORD])
    ((during, given),) = seen
    assert given != "old-password"
    assert during == {rotation.proofs.id_of("old-password"), rotation.proofs.id_of(given)}
    assert proofs_of(rotation) == {rotation.proofs.id_of(given)}
    assert rotation.replaced == ["aidb"]


def test_holders_get_the_next_key_which_the_provider_takes_already(rotation, host):
    seen = {}
    rotation.look = lambda service: seen.setdefault(service, (host.secret(KEY), host.secret(STANDBY)))
    rotation.main([KEY])
    assert rotation.replaced == ["aidb", "nginx", "llama-cpp"]
    # A provider that a deploy makes anew at this moment knows the earlier key too.
    assert seen["aidb"] == seen["nginx"] == ("next-key", "old-key")
    assert seen["llama-cpp"] == ("next-key", host.secret(STANDBY))
    assert host.secret(STANDBY) not in {"next-key", "old-key"}


def test_what_gets_a_new_value_is_labelled_a_credential_still(rotation, host):
    rotation.main([KEY])
    written = [line for line in host.argv.splitlines() if "secret create" in line]
    assert written
    assert all("--label garrison.credential=1" in line for line in written)


def test_who_holds_several_is_replaced_once(rotation):
    rotation.main(["--all"])
    assert rotation.replaced == ["aidb", "grafana", "nginx", "llama-cpp"]


def test_what_a_service_renews_by_itself_is_new_when_it_starts(rotation, host):
    seen = []
    rotation.look = lambda _: seen.append(host.secret(OWN))
    rotation.main([OWN])
    assert seen == [host.secret(OWN)]
    assert host.secret(OWN) != "old-own"
    assert rotation.replaced == ["grafana"]
    assert rotation.folders.load("rotation.json") is None
    # No credential: a deploy that no longer has the service leaves it, like the data that it opens.
    (written,) = [line for line in host.argv.splitlines() if "secret create" in line]
    assert "garrison.credential" not in written


@pytest.mark.parametrize("victim", ["aidb", "grafana", "nginx", "llama-cpp"])
def test_a_run_that_was_killed_is_ended_by_the_next(rotation, host, victim):
    def kill(service: str) -> None:
        if service == victim:
            raise Killed

    rotation.look = kill
    with pytest.raises(Killed):
        rotation.main(["--all"])
    given = host.secret(PASSWORD), host.secret(KEY)
    if victim != "llama-cpp":  # the holders are done by then, so the old password has ended
        assert rotation.proofs.id_of("old-password") in proofs_of(rotation)
    rotation.look = lambda _: None
    rotation.main([])
    assert (host.secret(PASSWORD), host.secret(KEY)) == given
    assert proofs_of(rotation) == {rotation.proofs.id_of(given[0])}
    assert rotation.folders.load("rotation.json") is None


def test_a_run_that_was_killed_before_anybody_got_the_new_one_begins_again(rotation, host, monkeypatch):
    def killed(*_: str) -> None:
        raise Killed

    write = rotation.write_secret
    monkeypatch.setattr(rotation, "write_secret", killed)
    with pytest.raises(Killed):
        rotation.main([PASSWORD])
    assert rotation.proofs.id_of("old-password") in proofs_of(rotation)
    assert host.secret(PASSWORD) == "old-password"
    monkeypatch.setattr(rotation, "write_secret", write)
    rotation.main([])
    assert proofs_of(rotation) == {rotation.proofs.id_of(host.secret(PASSWORD))}


@pytest.mark.parametrize("victim", ["aidb", "llama-cpp"])
def test_holders_never_get_a_key_that_the_provider_does_not_know(rotation, host, victim):
    """Also where a killed run is followed by one that is to rotate everything again."""
    known = {"old-key", "next-key"}

    def look(service: str) -> None:
        if service == "llama-cpp" != victim:
            known.clear()
            known.update({host.secret(KEY), host.secret(STANDBY)})
        assert host.secret(KEY) in known
        if service == victim:
            raise Killed

    rotation.look = look
    with pytest.raises(Killed):
        rotation.main(["--all"])
    victim = None
    rotation.main(["--all"])
    assert rotation.folders.load("rotation.json") is None


def test_a_service_that_was_left_with_a_second_container_is_replaced(rotation, monkeypatch):
    rotation.Journal().put(PASSWORD, "consumers")
    monkeypatch.setattr(rotation.holders, "is_older", lambda *_: False)
    monkeypatch.setattr(rotation.holders, "half_replaced", lambda: {"aidb"})
    rotation.main([])
    assert rotation.replaced == ["aidb"]


def test_what_a_later_release_has_no_more_is_forgotten(rotation):
    rotation.Journal().put("gone_key", "begun")
    rotation.main([])
    assert rotation.folders.load("rotation.json") is None


def test_nobody_begins_while_a_program_of_a_killed_run_goes_on(rotation):
    with rotation.alone() as lock:
        kept = os.dup(lock)  # as its program has it
    with pytest.raises(SystemExit):
        rotation.main([])
    os.close(kept)
    rotation.main([])


def test_no_value_is_in_the_journal_or_in_an_argument(rotation, host, tmp_path):
    kept = []
    rotation.look = lambda _: kept.append((tmp_path / "state" / "rotation.json").read_text())
    rotation.main(["--all"])
    values = {host.secret(name) for name in (PASSWORD, KEY, STANDBY, OWN)} | {
        "old-password",
        "old-key",
        "next-key",
        "old-own",
    }
    assert len(kept) == 4
    assert not any(value in text for value in values for text in (*kept, host.argv))


def test_what_cannot_be_rotated_is_answered_with_what_can(rotation):
    with pytest.raises(SystemExit) as error:
        rotation.main(["door_tls_key"])
    assert str(error.value.code) == f"door_tls_key can't be rotated. What can: {OWN}, {KEY}, {PASSWORD}."


def test_one_run_at_a_time(rotation):
    with rotation.alone(), pytest.raises(SystemExit) as error:
        rotation.main([PASSWORD])
    assert "Wait until that run has ended" in str(error.value.code)
