"""One walk finds what is writable for everybody, nobody's, or runs with its owner's rights."""

from pathlib import Path

import pytest

from garrison.snapshot.parts.walks import Owners, is_place, walk

NOBODYS = 3999999
EVERYBODY = Owners("/nowhere", lambda _: "somebody")
NOBODY = Owners("/nowhere", lambda _: None)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, mode in {"open": 0o666, "closed": 0o644, "su": 0o4755, "sg": 0o2755}.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    for name, mode in {"loose": 0o777, "sticky": 0o1777, "deep": 0o755, "other": 0o755}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "deep" / "closed").touch()
    (tmp_path / "other" / "open").touch()
    (tmp_path / "other" / "open").chmod(0o666)
    (tmp_path / "link").symlink_to("open")
    return tmp_path


def test_each_list_has_what_belongs_on_it(tree: Path) -> None:
    found = walk([str(tree)], {f"{tree}/other"}, EVERYBODY, EVERYBODY)
    assert {name: [Path(one).name for one in paths] for name, paths in found.items()} == {
        "world_writable": ["open"],
        "not_sticky": ["loose"],
        "unowned": [],
        "setuid": ["su"],
        "setgid": ["sg"],
    }


@pytest.mark.parametrize("known", [(False, True), (True, False)])
def test_what_lacks_a_user_or_a_group_is_unowned(tree: Path, known: tuple[bool, bool]) -> None:
    users, groups = (EVERYBODY if one else NOBODY for one in known)
    assert f"{tree}/deep/closed" in walk([f"{tree}/deep"], set(), users, groups)["unowned"]


def test_subordinate_ids_belong_to_somebody(tmp_path: Path) -> None:
    ranges = tmp_path / "subuid"
    ranges.write_text(f"ann:{NOBODYS - 5}:10\nbob:1000:x\n")
    owners = Owners(str(ranges), lambda number: "root" if number == 0 else None)
    assert [number in owners for number in (0, NOBODYS, NOBODYS + 5, 1000)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("path", "fstype", "is_walked"),
    [
        ("/", "ext4", True),
        ("/tmp", "tmpfs", True),
        ("/dev/shm", "tmpfs", True),
        ("/dev", "tmpfs", False),
        ("/run", "ext4", False),
        ("/proc", "proc", False),
        ("/usr", "nfs4", False),
        ("/etc/hostname", "ext4", False),
        ("/usr", "xfs", True),
        ("/usr/share", "ext4", False),
    ],
)
def test_disks_and_what_everybody_writes_to_are_walked(path: str, fstype: str, is_walked: bool) -> None:
    assert is_place(path, fstype, {"/usr/share"}) is is_walked
