"""The collector as one text for a host's Python: its parts, and the few lines that let them import each other."""

from functools import cache
from pathlib import Path

PARTS = Path(__file__).parent / "parts"
_PACKAGE = "garrison.snapshot.parts"
_PROGRAM = """\
import sys
from importlib.machinery import ModuleSpec

SOURCES = {sources}


class Parts:
    def find_spec(self, name, path=None, target=None):
        if name in SOURCES:
            return ModuleSpec(name, self, is_package=any(one.startswith(name + ".") for one in SOURCES))

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(SOURCES[module.__name__], module.__name__, "exec"), module.__dict__)


sys.meta_path.insert(0, Parts())
from {package}.collect import main

main()
"""


@cache
def pack() -> str:
    """The program: give it to ``python3 -I -`` as standard input, with a question as its argument."""
    sources = {
        f"{_PACKAGE}.{path.stem}": path.read_text(encoding="utf-8") for path in sorted(PARTS.glob("*.py"))
    }
    sources[_PACKAGE] = sources.pop(f"{_PACKAGE}.__init__")
    packages = dict.fromkeys(("garrison", "garrison.snapshot"), "")
    return _PROGRAM.format(sources=packages | sources, package=_PACKAGE)
