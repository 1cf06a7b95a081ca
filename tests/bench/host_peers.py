"""The same checks by the peers: one by one through testinfra, and as a file for goss."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from testinfra.host import Host

from tests.bench.host_checks import Check


def holds(check: Check, host: Host) -> bool:
    """What a test by testinfra would assert; every property is a command of its own there."""
    (value, *more), subject = check.value, check.subject
    match check.kind:
        case "sshd":
            return f"{subject} {value}" in host.check_output("/usr/sbin/sshd -T").splitlines()
        case "sysctl":
            return str(host.sysctl(subject)) == value
        case "mount":
            return set(check.value) <= set(host.mount_point(subject).options)
        case "text":
            return re.search(value, host.file(subject).content_string, re.M) is not None
        case "lacks":
            return re.search(value, host.file(subject).content_string, re.M) is None
        case "file":
            file = host.file(subject)
            return [f"{file.mode:04o}", file.user, file.group] == [value, *more]
        case "package":
            return bool(host.package(subject).is_installed) is (value == "installed")
        case "unit":
            unit = host.service(subject)
            return (bool(unit.is_enabled), bool(unit.is_running)) == (value == "enabled", more == ["active"])
        case "config":
            return value in host.check_output(f"systemd-analyze cat-config {subject}").splitlines()
    raise ValueError(check.kind)


def write_gossfile(checks: Iterable[Check]) -> dict[str, Any]:
    """A file of checks as a person who knows goss writes it: one command for all of sshd's options."""
    made: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
    for check in checks:
        (value, *more), subject = check.value, check.subject
        match check.kind:
            case "sshd":
                _says(made, "/usr/sbin/sshd -T", f"{subject} {value}")
            case "config":
                _says(made, f"systemd-analyze cat-config {subject}", value)
            case "sysctl":
                made["kernel-param"][subject]["value"] = value
            case "mount":
                made["mount"][subject] = {"exists": True, "opts": list(check.value)}
            case "text" | "lacks":
                expression = f"/{value}/" if check.kind == "text" else f"!/{value}/"
                made["file"][subject].setdefault("contents", []).append(expression)
                made["file"][subject]["exists"] = True
            case "file":
                owners = dict(zip(("owner", "group"), more, strict=True))
                made["file"][subject] |= {"exists": True, "mode": value, **owners}
            case "package":
                made["package"][subject]["installed"] = value == "installed"
            case "unit":
                name = subject.removesuffix(".service")
                made["service"][name] = {"enabled": value == "enabled", "running": more == ["active"]}
    return {kind: dict(things) for kind, things in made.items()}


def _says(made: dict[str, Any], command: str, line: str) -> None:
    told = made["command"][command]
    told.setdefault("exit-status", 0)
    told.setdefault("stdout", []).append(f"/(?i)^{re.escape(line)}$/")
