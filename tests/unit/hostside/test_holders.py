"""The containers that hold secrets: which must be made anew, and what is said where one can't be."""

import json
from types import SimpleNamespace

import pytest

BEFORE, AFTER = "2026-01-02T03:04:05.123456788Z", "2026-01-02T03:04:05.123457788Z"


@pytest.fixture
def holders(load, tmp_path):
    """The module, on a host that leaves nothing of its own."""
    module = load("holders")
    module.folders.STATE = tmp_path / "state"
    module.folders.STATE.mkdir()
    return module


@pytest.mark.parametrize(
    ("written", "made", "is_older"), [(AFTER, BEFORE, True), (BEFORE, AFTER, False), (BEFORE, BEFORE, False)]
)
def test_a_container_is_older_than_a_secret_that_was_written_after_it(holders, host, written, made, is_older):
    host.answer("ps", "f00ba4\n")
    host.answer("container", json.dumps([{"Created": made}]))
    host.add_secret("llama_cpp_key", json.dumps([{"UpdatedAt": BEFORE}, {"UpdatedAt": written}]))
    assert holders.is_older("aidb", ["redis_aidb_password", "llama_cpp_key"]) is is_older


def test_a_container_that_is_gone_must_be_made(holders):
    assert holders.is_older("aidb", ["llama_cpp_key"])


def test_a_service_is_half_replaced_that_has_a_second_container_or_is_led_to_one(holders, host):
    host.answer("ps", "garrison-aidb-next\ngarrison-open-webui-next\n")
    holders.folders.save("beside.json", {"services": ["embeddings"]})
    assert holders.half_replaced() == {"aidb", "open-webui", "embeddings"}


def test_a_rotation_that_fails_promises_no_overlap_where_there_is_none(holders, tmp_path):
    with (tmp_path / "lock").open("w") as lock, pytest.raises(SystemExit, match="renews by itself"):
        holders.Host.call(SimpleNamespace(lock=lock.fileno()), "sh", "-c", "exit 1")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-01-02T03:04:05.123456789Z", 5.123456),
        ("2026-01-02T04:04:05.1+01:00", 5.1),
        ("2026-01-02T03:04:05Z", 5),
    ],
)
def test_points_of_time_are_read_as_podman_writes_them(holders, value, seconds):
    found = holders.time_of(value)
    assert (
        found.utcoffset().total_seconds() - 3600 * (found.hour - 3),
        found.second + found.microsecond / 1e6,
    ) == (
        0,
        pytest.approx(seconds),
    )
