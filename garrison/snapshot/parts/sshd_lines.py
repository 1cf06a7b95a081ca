"""Where sshd has its options from: the lines of its files in the order in which it reads them."""

import glob
import os
import re

from garrison.snapshot.parts.base import read


def sshd_lines(path: str = "/etc/ssh/sshd_config", depth: int = 0) -> list[str] | None:
    """Every line that counts as ``FILE: TEXT``, files included where they are included."""
    text = read(path)
    if text is None:
        return None
    found: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        include = re.match(r"(?i)include[\s=]+(.*)", line)
        if include and depth < 16:  # sshd's own limit
            for pattern in include[1].replace('"', " ").split():
                place = os.path.join("/etc/ssh", pattern)
                for one in sorted(glob.glob(place)):
                    found += sshd_lines(one, depth + 1) or []
        elif line and not line.startswith("#"):
            found.append(f"{path}: {line}")
    return found
