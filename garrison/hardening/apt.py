"""apt's settings: updates that install themselves, and what packages may bring along."""

from collections import defaultdict
from collections.abc import Sequence

from garrison.controls.conditions import Apt
from garrison.plan.hostfiles import HostFile
from garrison.settings import RebootSettings

PATH = "/etc/apt/apt.conf.d/95garrison"  # after those of packages: the last one counts
_LISTS = frozenset({"Unattended-Upgrade::Origins-Pattern"})


def apt_files(conditions: Sequence[Apt], reboot: RebootSettings) -> dict[str, HostFile]:
    """The conditions' values, and when an upgrade may boot the host again. Nobody gets mail."""
    values: dict[str, list[str]] = defaultdict(list)
    for each in conditions:
        values[each.key].append(each.value)
    values["Unattended-Upgrade::Automatic-Reboot"] = ["true" if reboot.when_needed else "false"]
    values["Unattended-Upgrade::Automatic-Reboot-Time"] = [reboot.at]
    values["Unattended-Upgrade::Mail"] = [""]
    lines = ["// Garrison lays this file down; the next deploy undoes changes."]
    for key, several in sorted(values.items()):
        if key in _LISTS:
            lines += [
                f"#clear {key};",
                f"{key} {{ {' '.join(f'{chr(34)}{one}{chr(34)};' for one in several)} }};",
            ]
        else:
            lines.append(f'{key} "{several[-1]}";')
    return {PATH: HostFile(mode=0o644, content=("\n".join(lines) + "\n").encode())}
