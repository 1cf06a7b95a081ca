"""Rotation of what a service takes anew at its start and another one holds too: both have the same in the end."""

import json

import pytest

from tests.unit.hostside.test_rotate_secrets import MANIFEST, Killed, rotation

__all__ = ["rotation"]  # a fixture
SHARED = "qdrant_metrics_key"


@pytest.fixture
def shared(rotation, host, tmp_path, monkeypatch):
    """The program where two hold what one of them renews; ``holds`` is what each saw when it was made."""
    manifest = {
        "order": ["prometheus", "qdrant", "nginx"],
        "services": MANIFEST["services"],
        "credentials": [
            {"secret": SHARED, "provider": "qdrant", "holders": ["prometheus", "qdrant"], "kind": "own"}
        ],
    }
    (tmp_path / "current" / "manifest.json").write_text(json.dumps(manifest))
    host.add_secret(SHARED, "old-shared")
    rotation.holds = dict.fromkeys(("prometheus", "qdrant"), "old-shared")
    monkeypatch.setattr(
        rotation.holders, "is_older", lambda one, _: rotation.holds[one] != host.secret(SHARED)
    )
    rotation.look = lambda service: rotation.holds.update({service: host.secret(SHARED)})
    return rotation


def test_what_a_service_renews_is_new_for_whoever_else_has_it(shared, host):
    shared.main([SHARED])
    assert host.secret(SHARED) != "old-shared"
    assert shared.replaced == ["prometheus", "qdrant"]
    assert set(shared.holds.values()) == {host.secret(SHARED)}
    assert shared.folders.load("rotation.json") is None


@pytest.mark.parametrize("is_made", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("victim", ["prometheus", "qdrant"])
def test_whoever_is_left_with_the_earlier_value_gets_the_new_one_from_the_next_run(
    shared, host, victim, is_made
):
    made = shared.look

    def kill(service: str) -> None:
        if service != victim or is_made:
            made(service)
        if service == victim:
            raise Killed

    shared.look = kill
    with pytest.raises(Killed):
        shared.main([SHARED])
    shared.look = made
    shared.main([])
    assert host.secret(SHARED) != "old-shared"
    assert set(shared.holds.values()) == {host.secret(SHARED)}
    assert shared.folders.load("rotation.json") is None


def test_a_value_that_was_written_and_not_noted_is_replaced_for_both(shared, host, monkeypatch):
    put = shared.Journal.put

    def killed(journal, name, stage) -> None:
        if stage == "consumers":
            raise Killed
        put(journal, name, stage)

    monkeypatch.setattr(shared.Journal, "put", killed)
    with pytest.raises(Killed):
        shared.main([SHARED])
    monkeypatch.setattr(shared.Journal, "put", put)
    shared.main([])
    assert set(shared.holds.values()) == {host.secret(SHARED)}
    assert shared.folders.load("rotation.json") is None
