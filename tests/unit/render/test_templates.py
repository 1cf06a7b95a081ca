"""A faulty template is a problem with its file and line."""

import os
from pathlib import Path

import pytest
from jinja2 import Environment

from garrison.problem import ProblemError
from garrison.render.templates import render_template


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\n{{ nobody }}\n", "start.sh.j2:2: the template fails: 'nobody' is undefined."),
        ("one\ntwo\n{% if %}\n", "start.sh.j2:3: the template fails"),
        (
            "{{ name.nothing }}\n",
            "start.sh.j2:1: the template fails: 'str object' has no attribute 'nothing'.",
        ),
        ("\n{{ name | int(base='x') + [] }}\n", "start.sh.j2:2: the template fails"),
        ("{% include 'other' %}\n", "start.sh.j2:1: the template fails: 'other' not found"),
    ],
)
def test_the_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    path = tmp_path / "start.sh.j2"
    path.write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProblemError) as raised:
        render_template(path, {"name": "api"})
    assert said in str(raised.value)


def test_the_last_line_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "conf.j2"
    path.write_text("name = {{ name }}\n")
    assert render_template(path, {"name": "api"}) == b"name = api\n"


def test_nothing_is_escaped_as_in_html(tmp_path: Path) -> None:
    path = tmp_path / "conf.j2"
    path.write_text("{{ name }}")
    assert render_template(path, {"name": "<a & b>"}) == b"<a & b>"


def test_a_template_is_compiled_once_and_again_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str | None] = []
    compile_template = Environment.compile

    def compile_and_tell(self: Environment, source: str, name: str | None, filename: str | None) -> object:
        compiled.append(name)
        return compile_template(self, source, name, filename)

    monkeypatch.setattr(Environment, "compile", compile_and_tell)
    path = tmp_path / "conf.j2"
    path.write_text("one {{ name }}\n")
    assert [render_template(path, {"name": name}) for name in ("a", "b")] == [b"one a\n", b"one b\n"]
    path.write_text("two {{ name }}\n")
    os.utime(path, (0, 0))  # whatever the file system's clock can tell apart
    assert render_template(path, {"name": "a"}) == b"two a\n"
    assert compiled == ["conf.j2", "conf.j2"]
