"""Starting the command: what every run of it pays for before it does anything."""

import subprocess
import sys

STARTED = """
from importlib import metadata

scans = []
metadata.entry_points = lambda **words: scans.append(words) or ()

import garrison.cli.main
from gevent import monkey

assert all(map(monkey.is_module_patched, ("socket", "threading", "subprocess")))
print(len(scans))
"""


def test_no_installed_package_is_searched_for_plugins() -> None:
    """gevent would do it for each module that it patches."""
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
