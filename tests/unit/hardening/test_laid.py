"""The files that each level lays down whole."""

from collections.abc import Callable, Mapping

import pytest

from garrison.controls.load import load_controls
from garrison.controls.model import Level
from garrison.hardening.audit import CONFIG, FOLDERS, LOCK, RULES, write_rule
from garrison.hardening.boot import PATH as GRUB
from garrison.hardening.chosen import Chosen
from garrison.hardening.laid import lay_down
from garrison.hardening.modules import PATH as MODULES
from garrison.hardening.sysctl import CONTAINER_PATH
from garrison.plan.hostfiles import HostFile
from garrison.settings import HostSettings, RebootSettings
from tests.unit.hardening.fresh import chosen

Golden = Callable[[str, Mapping[str, bytes]], None]
COME_WITH_DEBIAN = {
    *(
        f"/etc/{name}"
        for name in ("apparmor", "apparmor.d", "containers", "group", "gshadow", "hostname", "hosts")
    ),
    *(
        f"/etc/{name}"
        for name in ("issue", "issue.net", "localtime", "networks", "nsswitch.conf", "pam.conf")
    ),
    *(f"/etc/{name}" for name in ("pam.d", "passwd", "security/opasswd", "shadow", "subgid", "subuid")),
    *(f"/etc/{name}" for name in ("sudoers", "sudoers.d")),
    *(f"/usr/bin/{name}" for name in ("conmon", "crun", "podman")),
    *(f"/var/log/{name}" for name in ("btmp", "lastlog", "sudo.log", "wtmp")),
    "/srv/garrison/.config",
    "/usr/local/lib/garrison",
    "/usr/share/containers",
    "/var/run/utmp",
}
SETTINGS = HostSettings(server_names=("host.example",))


def laid(level: Level, *, in_container: bool = False, boots_itself: bool = True) -> dict[str, HostFile]:
    return lay_down(chosen(level), SETTINGS, in_container=in_container, boots_itself=boots_itself)


@pytest.mark.parametrize("level", ["baseline", "strict"])
def test_each_level_lays_down_what_was_reviewed(level: Level, golden: Golden) -> None:
    files = {path.removeprefix("/"): file.content for path, file in laid(level).items()}
    golden(f"hardening/files-{level}", files)


def test_without_controls_nothing_is_laid_down() -> None:
    assert lay_down(Chosen(controls=()), SETTINGS, in_container=False, boots_itself=True) == {}


def test_strict_lays_down_all_that_baseline_does() -> None:
    assert laid("baseline").keys() <= laid("strict").keys()


def test_only_a_container_keeps_its_boot_from_setting_the_machine_around_it() -> None:
    assert CONTAINER_PATH not in laid("strict")
    assert b"--prefix=/net" in laid("strict", in_container=True)[CONTAINER_PATH].content


def test_a_host_without_a_boot_loader_gets_no_settings_of_one() -> None:
    assert GRUB not in laid("strict", boots_itself=False)


@pytest.mark.parametrize("level", ["baseline", "strict"])
def test_every_folder_that_audit_watches_comes_with_debian_or_is_made(level: Level) -> None:
    """What no rule of a level watches isn't made."""
    files = laid(level)
    watched = {
        line.split()[1].rstrip("/")
        for line in files[RULES].content.decode().splitlines()
        if line.startswith("-w ")
    }
    made = {line.split()[1] for line in files[FOLDERS].content.decode().splitlines() if line.startswith("d ")}
    made = {path.replace("/run/", "/var/run/") for path in made}
    folders = watched & {
        "/etc/NetworkManager",
        "/etc/netplan",
        "/etc/network",
        "/srv/garrison/config",
        "/srv/garrison/tls",
        "/var/run/faillock",
    }
    assert made == folders
    assert watched - folders <= COME_WITH_DEBIAN, "files, and folders of packages that the host has by then"


def test_audit_is_locked_at_strict_and_after_all_other_rules() -> None:
    assert LOCK not in laid("baseline")
    assert max(path for path in laid("strict") if path.endswith(".rules")) == LOCK


def test_nobody_but_root_reads_what_audit_looks_for() -> None:
    found = laid("strict")
    assert [found[path].mode for path in (RULES, LOCK, CONFIG)] == [0o600, 0o600, 0o640]


def test_the_storage_driver_of_the_containers_is_never_taken_away() -> None:
    assert any(control.id == "H05" for control in chosen("strict").controls)
    assert b"overlay" not in laid("strict")[MODULES].content


def test_nothing_of_user_namespaces_is_set_at_any_level() -> None:
    """Rootless containers live by them."""
    text = b"".join(file.content for file in laid("strict", in_container=True).values())
    assert b"user_namespaces" not in text
    assert b"userns_clone" not in text


def test_upgrades_reboot_the_host_only_where_the_inventory_says_so() -> None:
    settings = SETTINGS.model_copy(update={"reboot": RebootSettings(when_needed=True, at="04:15")})
    files = lay_down(chosen("baseline"), settings, in_container=False, boots_itself=True)
    text = files["/etc/apt/apt.conf.d/95garrison"].content.decode()
    assert 'Automatic-Reboot "true";' in text
    assert 'Automatic-Reboot-Time "04:15";' in text


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("-w /etc/pam.d -p wa -k identity", "-w /etc/pam.d/ -p wa -k identity"),
        ("-w /etc/passwd -p wa -k identity", "-w /etc/passwd -p wa -k identity"),
        (
            "-a always,exit -S all -F path=/usr/bin/su -F perm=x -F auid>=1000 -F auid!=-1 -F key=privileged",
            "-a always,exit -F path=/usr/bin/su -F perm=x -F auid>=1000 -F auid!=unset -F key=privileged",
        ),
    ],
)
def test_a_rule_is_written_as_the_benchmarks_tools_read_it(printed: str, written: str) -> None:
    assert write_rule(printed) == written


def test_every_level_is_loaded_from_the_records_themselves() -> None:
    assert chosen("strict").controls == load_controls().of_level("strict")
