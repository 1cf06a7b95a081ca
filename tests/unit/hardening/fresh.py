"""A Debian 13 host that nobody hardened, as far as access goes, and what steps would lay down on it."""

import base64
import io
import tarfile
from collections.abc import Iterable
from functools import cache
from typing import Any

from garrison.controls.load import load_controls
from garrison.controls.model import Level
from garrison.hardening.chosen import Chosen
from garrison.plan.step import Command, Step
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostFacts
from tests.unit.controls.facts import host_facts

UNIX = "pam_unix.so nullok try_first_pass"
TEXTS = {
    "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\n",
    "/etc/login.defs": "# comment\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\nENCRYPT_METHOD YESCRYPT\n",
    "/etc/default/useradd": "SHELL=/bin/sh\n",
    "/etc/pam.d/common-auth": f"auth\t[success=1 default=ignore]\t{UNIX}\nauth\trequisite\tpam_deny.so\n",
    "/etc/pam.d/common-account": "account\t[success=1 default=ignore]\tpam_unix.so\n",
    "/etc/pam.d/common-session": "session\trequired\tpam_unix.so\n",
    "/etc/pam.d/common-password": "password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\n",
    "/etc/pam.d/su": "# su\nauth       sufficient pam_rootok.so\n@include common-auth\n",
    "/etc/security/faillock.conf": "# deny = 3\n# unlock_time = 600\n",
    "/etc/shells": "# shells\n/bin/sh\n/usr/sbin/nologin\n/bin/bash\n",
    "/root/.bashrc": "# umask 022\nalias l=ls\n",
    "/root/.profile": "umask 022\n",
    "/etc/profile": "PATH=/usr/bin\n",
    "/etc/bash.bashrc": "PS1='$ '\n",
}
PEOPLE = [
    {"name": "root", "uid": 0, "gid": 0, "home": "/root", "shell": "/bin/bash", "password": "locked"},
    {"name": "sync", "uid": 4, "gid": 65534, "home": "/bin", "shell": "/bin/sync", "password": "locked"},
    {
        "name": "ops",
        "uid": 1000,
        "gid": 1000,
        "home": "/home/ops",
        "shell": "/bin/bash",
        "password": "locked",
    },
]
GROUPS = [{"name": "root", "gid": 0}, {"name": "ops", "gid": 1000}, {"name": "nogroup", "gid": 65534}]


@cache
def chosen(level: Level) -> Chosen:
    return Chosen(controls=load_controls().of_level(level))


def settings(**said: Any) -> HostSettings:
    return HostSettings.from_data("host", {"server_names": ["host.example"], "ssh_user": "ops", **said})


def fresh(**said: Any) -> HostFacts:
    """The host, with whole facts in the place of its own, as a test says."""
    facts = {
        "sshd": {"permitrootlogin": ["yes"]},
        "texts": TEXTS,
        "accounts": PEOPLE,
        "groups": GROUPS,
        "login_defs": {"PASS_MAX_DAYS": "99999", "PASS_MIN_DAYS": "0", "UID_MIN": "1000"},
    }
    return host_facts(**facts | said)


def person(name: str = "anna", **said: Any) -> dict[str, Any]:
    """Somebody with a password that is ten days old on day 20000."""
    return {
        "name": name,
        "uid": 1001,
        "gid": 1001,
        "home": f"/home/{name}",
        "shell": "/bin/bash",
        "password": "set",
        "hash": "yescrypt",
        "last_change": 19990,
        "max_days": 99999,
        "min_days": 0,
        "warn_days": 7,
    } | said


def laid(steps: Iterable[Step]) -> dict[str, str]:
    """The text of every file that the steps unpack, by its path."""
    found: dict[str, str] = {}
    for command in (each for step in steps for each in step.commands):
        if isinstance(command, Command) and command.stdin:
            with tarfile.open(fileobj=io.BytesIO(base64.b64decode(command.stdin))) as tar:
                for member in tar:
                    file = tar.extractfile(member)
                    assert file is not None
                    found[f"/{member.name}"] = file.read().decode()
    return found


def after(host: HostFacts, steps: Iterable[Step]) -> HostFacts:
    """The host with those texts in place, each root's and with the mode it was laid down with."""
    files = laid(steps)
    states = {path: {path: {"mode": _mode(path), "uid": 0, "gid": 0}} for path in files}
    document = host.model_dump()
    document["texts"] |= files
    document["files"] |= states
    return HostFacts.model_validate(document)


def _mode(path: str) -> int:
    if "sudoers" in path:
        return 0o440
    return 0o600 if path.startswith(("/etc/ssh/", "/root/")) else 0o644


def lines(steps: Iterable[Step]) -> list[str]:
    """Every command line, in order."""
    return [each.line for step in steps for each in step.commands if isinstance(each, Command)]
