"""Words for the kernel's command line, where the host has GRUB."""

from collections.abc import Iterable

from garrison.controls.conditions import Code
from garrison.plan.hostfiles import HostFile

PATH = "/etc/default/grub.d/50-garrison.cfg"


def boot_files(code: Iterable[Code]) -> dict[str, HostFile]:
    """Added to what stands there; it holds from the next boot on."""
    words = [word for each in code if each.name == "boots-with" for word in each.arguments["words"]]
    if not words:
        return {}
    text = (
        "# Garrison lays this file down; the next deploy undoes changes.\n"
        f'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX {" ".join(dict.fromkeys(words))}"\n'
    )
    return {PATH: HostFile(mode=0o644, content=text.encode(), reloads="grub")}
