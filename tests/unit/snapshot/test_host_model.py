"""A question about the host: what several askers need, in one."""

from garrison.snapshot.host_model import HostWant


def test_two_questions_become_one() -> None:
    one = HostWant(sysctl=frozenset({"a", "b"}), units=frozenset({"x.service"}))
    other = HostWant(sysctl=frozenset({"b", "c"}), walks=True)
    both = one.joined(other)
    assert (both.sysctl, both.units, both.walks) == ({"a", "b", "c"}, {"x.service"}, True)


def test_a_question_is_always_worded_alike() -> None:
    said = HostWant(files=frozenset({"/b", "/a"})).as_question()
    assert said["files"] == ["/a", "/b"]
    assert set(said) == {"sysctl", "modules", "files", "units", "config", "texts", "apt", "removals", "walks"}
