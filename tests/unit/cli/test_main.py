"""Starting the command: what every run of it pays for before it does anything."""

import subprocess
import sys
from pathlib import Path

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


ASKING = """
import sys
from pathlib import Path

import garrison.cli.main
import garrison.cli.check
from garrison.cli.rules import load_rules
from garrison.plan.question import ask_about
from garrison.settings import HostSettings

load_rules(Path("inventory/waivers.yaml"))
ask_about(HostSettings(server_names=("host.example",)))
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""
# What renders a release and what judges one, with all that they load in turn.
LATER = (
    "garrison.catalog.catalog",
    "garrison.evidence.checks",
    "garrison.plan.wanted",
    "garrison.render.container",
)


def test_a_check_asks_the_host_before_it_loads_what_judges_the_answer(root: Path) -> None:
    words = [sys.executable, "-c", ASKING, *LATER]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
