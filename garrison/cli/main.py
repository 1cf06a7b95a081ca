"""The entry point: exit code 0 good, 1 findings, 2 usage, 3 a bug of ours, 130 interrupted, 143 terminated."""

from gevent import events, monkey

# gevent looks for plugins of its own 25 times, each time through every installed package: a tenth of a second.
events.notify_and_call_entry_points = events.notify
monkey.patch_all()

import atexit  # noqa: E402 - gevent has to come first
import gc  # noqa: E402
import importlib  # noqa: E402
import sys  # noqa: E402
import traceback  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any  # noqa: E402

import click  # noqa: E402

from garrison.cli.commands import garrison  # noqa: E402
from garrison.problem import ProblemError  # noqa: E402


class LoadedWhenUsed(ModuleType):
    """Stands for a module until somebody wants something of it."""

    def __getattr__(self, name: str) -> Any:
        """Of the real module, which takes its place."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(importlib.import_module(self.__name__), name)


# What loading makes stays to the end: to look through it for garbage again and again, and at the end once more, takes
# a tenth of the time of a check.
gc.set_threshold(50_000)
atexit.register(gc.freeze)
# paramiko imports all of it, for `Match exec` in an ssh_config: a tenth of a second.
sys.modules.setdefault("invoke", LoadedWhenUsed("invoke"))


def main() -> None:
    """Turns every way to end into one of the documented exit codes."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        garrison.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "interrupted; what runs on the host may still finish there. Run again: it continues.", err=True
        )
        sys.exit(130)
    except ProblemError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except Exception:  # noqa: BLE001 - the last resort: a bug must not look like a user's mistake
        report = Path(".garrison") / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
        report.parent.mkdir(exist_ok=True)
        report.write_text(f"python {sys.version}\n{traceback.format_exc()}", encoding="utf-8")
        click.echo(f"this is a bug in Garrison; what happened is in {report}", err=True)
        sys.exit(3)
