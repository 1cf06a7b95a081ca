"""What sudo shall do: a drop-in that is read last, made of the controls' conditions."""

from collections.abc import Iterator

from garrison.controls.conditions import Sudo
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import Text, lay, outdated, rendered
from garrison.plan.guarded import guarded
from garrison.plan.step import Command, Step
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostFacts

DROP_IN = "/etc/sudoers.d/zz-garrison"
ROTATION = "/etc/logrotate.d/garrison-sudo"


def render_sudo(chosen: Chosen, settings: HostSettings) -> str:
    """The drop-in: a paragraph for each control, with the ``Defaults`` that it asks for."""
    parts = []
    for control in chosen.controls:
        conditions = [each for each in control.holds if isinstance(each, Sudo)]
        if conditions:
            parts.append((f"{control.id}: {control.title}", [_written(each) for each in conditions]))
    return rendered("sudo/zz-garrison.j2", parts=parts, user=settings.way_in.user)


def _written(condition: Sudo) -> str:
    return condition.option if condition.value is None else f"{condition.option}={condition.value}"


def plan_sudo(host: HostFacts, chosen: Chosen, settings: HostSettings) -> Iterator[Step]:
    """The drop-in, under guard: sudoers that can't be read would take sudo from everybody."""
    if not chosen.of(Sudo):
        return
    wanted = {
        DROP_IN: Text(mode=0o440, text=render_sudo(chosen, settings)),
        ROTATION: Text(mode=0o644, text=rendered("sudo/logrotate.conf")),
    }
    files = outdated(host, wanted)
    if files:
        laid = lay(files)
        yield guarded(
            "sudo",
            (DROP_IN, ROTATION),
            (),
            # In one command: between two of them sudo itself would have to read the file.
            (Command(line=f"{laid.line} && visudo -cq", stdin=laid.stdin),),
            title="have sudo do as the controls say",
            why=f"{', '.join(sorted(files))} {'is' if len(files) == 1 else 'are'} missing or different",
            seconds=settings.guard_seconds,
        )
