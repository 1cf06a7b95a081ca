"""What the kernel's audit notes, and how auditd keeps it."""

import re
from collections.abc import Iterable, Sequence

from garrison.controls.conditions import Audit, Code
from garrison.plan.hostfiles import HostFile

RULES = "/etc/audit/rules.d/50-garrison.rules"
LOCK = "/etc/audit/rules.d/99-garrison.rules"
CONFIG = "/etc/audit/auditd.conf"
# auditctl asks, as it loads a rule, whether the path is a folder: of one that comes later the kernel watches the name
# and nothing below it. So what may be missing is made first, by each deploy and at each boot.
FOLDERS = "/etc/tmpfiles.d/50-garrison-audit.conf"
_MAY_BE_MISSING = {path: path for path in ("/etc/NetworkManager", "/etc/netplan", "/etc/network")}
_MAY_BE_MISSING |= {"/var/run/faillock": "/run/faillock"}
# A container's audit would be that of the machine around it: there the units would only fail.
DROP_INS = tuple(
    f"/etc/systemd/system/{unit}.service.d/50-garrison.conf" for unit in ("auditd", "audit-rules")
)
_NO_CONTAINER = b"""# Garrison lays this file down; the next deploy undoes changes.
[Unit]
ConditionVirtualization=!container
"""
# The benchmarks' tools look for a slash after these and for none after other folders; the kernel has none anywhere.
_FOLDERS = frozenset({"/etc/network", "/etc/pam.d", "/etc/sudoers.d"})
# Bounded, and never a reason to stop the host: 16 files of 32 MB. EMAIL tells the journal too, mailer or not.
_AUDITD = b"""# Garrison lays this file down; the next deploy undoes changes.
local_events = yes
write_logs = yes
log_file = /var/log/audit/audit.log
log_group = root
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 32
num_logs = 16
max_log_file_action = ROTATE
priority_boost = 4
name_format = NONE
space_left = 25%
space_left_action = EMAIL
verify_email = no
action_mail_acct = root
admin_space_left = 10%
admin_space_left_action = SUSPEND
disk_full_action = SUSPEND
disk_error_action = SYSLOG
end_of_event_timeout = 2
"""


def audit_files(conditions: Sequence[Audit], code: Iterable[Code], home: str) -> dict[str, HostFile]:
    """Rules, auditd's own settings, and at strict the lock, which has to come last."""
    files = {
        RULES: HostFile(mode=0o600, content=_render(conditions, home), reloads="audit"),
        FOLDERS: HostFile(mode=0o644, content=_render_folders(conditions, home), reloads="audit"),
        CONFIG: HostFile(mode=0o640, content=_AUDITD, reloads="auditd"),
        **{path: HostFile(mode=0o644, content=_NO_CONTAINER, reloads="manager") for path in DROP_INS},
    }
    if any(each.name == "audit-is-locked" for each in code):
        lock = b"# Garrison lays this file down. Until the next boot nobody changes the rules.\n-e 2\n"
        files[LOCK] = HostFile(mode=0o600, content=lock, reloads="audit")
    return files


def _render(conditions: Sequence[Audit], home: str) -> bytes:
    """``-c``: a rule about a file that this host hasn't got must not keep the others away."""
    lines = ["# Garrison lays this file down; the next deploy undoes changes.", "-c"]
    lines += dict.fromkeys(write_rule(each.rule) for each in conditions)
    lines += [f"-w {home}/{folder}/ -p wa -k engine" for folder in (".config", "config", "tls")]
    return ("\n".join(lines) + "\n").encode()


def _render_folders(conditions: Sequence[Audit], home: str) -> bytes:
    """The colons: what is there already keeps its mode and its owner."""
    watched = {each.rule.split()[1] for each in conditions if each.rule.startswith("-w ")}
    folders = [folder for path, folder in _MAY_BE_MISSING.items() if path in watched]
    folders += [f"{home}/config", f"{home}/tls"]
    lines = [f"d {folder} :0755 :root :root -" for folder in folders]
    return (
        "# Garrison lays this file down; the next deploy undoes changes.\n" + "\n".join(lines) + "\n"
    ).encode()


def write_rule(printed: str) -> str:
    """A rule as auditctl prints it, in the words in which the benchmarks' tools look for it; both mean the same."""
    rule = printed.replace("-S all ", "").replace("auid!=-1", "auid!=unset").replace("a0=0x0", "a0=0")
    rule = rule.replace("uid!=euid", "euid!=uid")
    watch = re.match(r"-w (\S+) ", rule)
    return rule.replace(watch[1], f"{watch[1]}/", 1) if watch and watch[1] in _FOLDERS else rule
