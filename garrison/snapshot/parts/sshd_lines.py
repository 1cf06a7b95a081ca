"""Where sshd has its options from: the lines of its files in the order in which it reads them."""

import glob
import os
import re

from garrison.snapshot.parts.base import read


def sshd_lines(path: str = "/etc/ssh/sshd_config", depth: int = 0, around: str = "") -> list[str] | None:
    """Every line that counts as ``FILE: TEXT``, files included where they are included.

    ``around`` is the Match block that includes the file: to sshd the whole file stands in it, whatever it matches.
    """
    text = read(path)
    if text is None:
        return None
    found: list[str] = [f"{path}: Match {around}"] if around else []
    block = around
    for line in text.splitlines():
        line = line.strip()
        include = re.match(r'(?i)"?include"?[\s=]+(.*)', line)
        match = re.match(r'(?i)"?match"?[\s=]+(.*)', line)
        if include and depth < 16:  # sshd's own limit
            for pattern in include[1].replace('"', " ").split():
                place = os.path.join("/etc/ssh", pattern)
                for one in sorted(glob.glob(place)):
                    found += sshd_lines(one, depth + 1, block) or []
        elif match:
            block = f"{around} {match[1]}".strip()
            found.append(f"{path}: Match {block}")
            block = "" if re.match(r"(?i)all\s*(#.*)?$", block) else block
        elif line and not line.startswith("#"):
            found.append(f"{path}: {line}")
    return found
