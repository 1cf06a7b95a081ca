"""A build context holds what an image is made of, and nothing that changes by itself."""

from pathlib import Path

import pytest

from garrison.catalog.context import build_context, context_digest, copied_paths
from garrison.problem import ProblemError

FILES = {
    "Containerfile": """\
ARG BASE
FROM ${BASE}
COPY kit/ /kit/
COPY --chmod=0444 service/src \\
  /app/
COPY --from=builder /x /y
""",
    "files/start.sh": "mounted, not copied",
    "src/app.py": "print()",
    "service.yaml": "name: api",
    "tests/test_app.py": "",
    "src/__pycache__/app.pyc": "",
    ".pytest_cache/README": "",
    "src/api.egg-info/PKG-INFO": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "api" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "kit.py").write_text("")
    return tmp_path / "api"


@pytest.fixture
def kit(folder: Path) -> Path:
    return folder.parent / "kit"


def test_tests_caches_and_the_service_file_stay_out(folder: Path, kit: Path) -> None:
    assert list(build_context(folder, kit)) == ["Containerfile", "kit/kit.py", "service/src/app.py"]


def test_what_the_containerfile_does_not_copy_builds_nothing_anew(folder: Path, kit: Path) -> None:
    (folder / "Containerfile").write_text("FROM ${BASE}\nCOPY service/src/ /app/\n")
    assert list(build_context(folder, kit)) == ["Containerfile", "service/src/app.py"]


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("COPY service/a service/b /x/", ("service/a", "service/b")),
        ("copy --chown=1:1 ./service/src/ /x/", ("./service/src/",)),
        ("COPY service/src/*.py /x/", ("service/src",)),
        ("COPY service/* /x/", ("service",)),
        ("ADD service/a.tar /x/", ("service/a.tar",)),
        ('COPY ["service/a", "/x/"]', ("",)),
        ("COPY <<EOF /x", ("",)),
        ("RUN --mount=type=bind,source=service/src,target=/src make", ("",)),
        ("COPY --from=builder /opt /opt", ()),
        ("# COPY service/a /x/", ()),
        ("", ()),
    ],
)
def test_what_a_line_takes_from_the_context_is_recognised(line: str, paths: tuple[str, ...]) -> None:
    assert copied_paths(line) == paths


def test_what_can_be_run_stays_so_and_other_modes_are_made_one(folder: Path, kit: Path) -> None:
    (folder / "src" / "app.py").chmod(0o700)
    (folder / "Containerfile").chmod(0o600)
    context = build_context(folder, kit)
    assert context["service/src/app.py"].mode == 0o755
    assert context["Containerfile"].mode == 0o644


def test_another_base_is_another_digest(folder: Path, kit: Path) -> None:
    context = build_context(folder, kit)
    assert context_digest(context, "base:1") != context_digest(context, "base:2")


@pytest.mark.parametrize("change", ["service/src/app.py", "kit/kit.py"])
def test_another_content_is_another_digest(folder: Path, kit: Path, change: str) -> None:
    context = build_context(folder, kit)
    changed = {**context, change: context[change]._replace(content=b"changed")}
    assert context_digest(changed, "base:1") != context_digest(context, "base:1")


def test_the_digest_does_not_change_by_itself(folder: Path, kit: Path) -> None:
    before = context_digest(build_context(folder, kit), "base:1")
    (folder / "tests" / "test_more.py").write_text("")
    (folder / "Containerfile").touch()
    assert context_digest(build_context(folder, kit), "base:1") == before


def test_a_symbolic_link_is_refused(folder: Path, kit: Path) -> None:
    (folder / "src" / "link.py").symlink_to("app.py")
    with pytest.raises(ProblemError, match="can't be built from a symbolic link"):
        build_context(folder, kit)
