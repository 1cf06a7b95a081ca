"""A container is replaced beside itself: the door goes to the second one before the first one ends, and back after."""

import pytest

TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F9B 00000000:0000 0A 00000000:00000000 00:00000000 00000000
   1: 0A590205:1F9B 0A590203:C350 01 00000000:00000000 00:00000000 00000000
   2: 0100007F:1F9B 0100007F:C351 01 00000000:00000000 00:00000000 00000000
   3: 0A590205:D431 0A590204:1F91 01 00000000:00000000 00:00000000 00000000
   4: 0A590205:1F9B 0A590203:C352 06 00000000:00000000 00:00000000 00000000
"""


@pytest.fixture
def program(load, monkeypatch, tmp_path):
    """The program, whose commands are written down; ``fails`` is the one that fails."""
    module = load("replace-beside")
    module.said, module.fails = [], "nothing"
    monkeypatch.setattr(
        module, "wait_until_quiet", lambda container, _: module.said.append(f"quiet {container}")
    )
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    monkeypatch.setattr(module, "is_ready", lambda _: False)

    def run(*words: str) -> str:
        line = " ".join(word.rpartition("/")[2] for word in words)
        module.said.append(line)
        if module.fails in line:
            raise SystemExit(f"{line} failed")
        return ""

    monkeypatch.setattr(module, "run", run)
    for name in ("compose.yaml", "beside.yaml"):
        (tmp_path / name).touch()
    module.words = [
        "aidb", "--compose", str(tmp_path / "compose.yaml"), "--beside", str(tmp_path / "beside.yaml"),
        "--deadline", "9", "--door", "nginx", "--ports", "8091",
    ]  # fmt: skip
    return module


def test_only_what_others_have_open_counts(program):
    assert program.open_connections([TABLE, ""], {8091}) == 1
    assert program.open_connections([TABLE], {8080}) == 0


def test_the_second_serves_before_the_first_ends_and_until_the_new_one_is_ready(program):
    program.main(program.words)
    order = [
        "up -d --no-deps aidb-next", "gate aidb-next", "keys beside --door nginx aidb", "quiet garrison-aidb",
        "replace-service aidb", "gate aidb --deadline", "keys beside --door nginx", "quiet garrison-aidb-next",
        "as-stack podman rm --force --ignore --time 20 garrison-aidb-next",
    ]  # fmt: skip
    found = 0
    for wanted in order:
        found = next(place for place in range(found, len(program.said)) if wanted in program.said[place]) + 1


def test_a_second_that_does_not_become_ready_is_taken_away_and_nobody_was_led_to_it(program):
    program.fails = "gate aidb-next"
    with pytest.raises(SystemExit):
        program.main(program.words)
    assert program.said[-1].endswith("--time 20 garrison-aidb-next")
    assert "keys beside --door nginx aidb" not in program.said
    assert not any("replace-service" in line for line in program.said)


@pytest.mark.parametrize("fails", ["replace-service", "gate aidb --deadline"])
def test_where_the_first_can_not_be_made_anew_the_second_goes_on_serving(program, fails):
    program.fails = fails
    with pytest.raises(SystemExit, match="garrison-aidb-next goes on serving in its place"):
        program.main(program.words)
    served = program.said[program.said.index("keys beside --door nginx aidb") :]
    assert not any("rm --force" in line or line == "keys beside --door nginx" for line in served)


def test_the_second_of_a_run_that_was_killed_serves_while_the_first_is_made_anew(program, monkeypatch):
    monkeypatch.setattr(program, "is_ready", lambda _: True)
    program.main(program.words)
    assert program.said[0] == "keys beside --door nginx aidb"
    assert not any("up -d" in line for line in program.said)


def test_a_file_that_is_missing_is_named(program, tmp_path):
    (tmp_path / "beside.yaml").unlink()
    with pytest.raises(SystemExit) as error:
        program.main(program.words)
    assert "beside.yaml isn't there. Run the deploy again" in str(error.value.code)
