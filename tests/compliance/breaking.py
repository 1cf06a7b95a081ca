"""How a control of the stack is broken on a deployed host, and how that is undone again."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from garrison.controls.model import Control, Edited, Remade
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost
from tests.controls.judging import breaks

EDITED = "/run/garrison/broken.yaml"
TAKEN_OVER = 3.0  # seconds until a service that was told to read its files again has done so


def lay_over(said: Any, but: Any) -> Any:
    """``but`` over what a release says: mappings are merged, lists grow, null takes away, all else takes its place."""
    if isinstance(said, dict) and isinstance(but, dict):
        merged = said | {key: lay_over(said.get(key), one) for key, one in but.items()}
        return {key: one for key, one in merged.items() if one is not None}
    return said + but if isinstance(said, list) and isinstance(but, list) else but


def edit(compose: Mapping[str, Any], remade: Remade) -> dict[str, Any]:
    """The whole file with one service said otherwise."""
    services = compose["services"]
    return {
        **compose,
        "services": services | {remade.service: lay_over(services[remade.service], remade.but)},
    }


def swapped(text: str, swap: Mapping[str, str]) -> str:
    """A file with one text in another's place, wherever it stands."""
    for said, other in swap.items():
        assert said in text, f"nothing says {said!r}"
        text = text.replace(said, other)
    return text


def breaks_with(control: Control) -> frozenset[str]:
    """The others that necessarily fail with it."""
    assert control.broken_by is not None
    way = control.broken_by.remade or control.broken_by.edited
    return breaks(control) if way is None else frozenset(way.breaks)


def need_its_service(live: LiveHost, wanted: Wanted, control: Control) -> None:
    """Leave a control out where nobody chose the service that is broken for it."""
    assert control.broken_by is not None
    way = control.broken_by.remade or control.broken_by.edited or control.broken_by
    if way.service is not None and way.service not in wanted.catalog.services:
        pytest.skip(f"{live.name} runs without {way.service}")


@contextmanager
def broken(live: LiveHost, wanted: Wanted, control: Control) -> Iterator[None]:
    """As its record says, for as long as the block runs."""
    assert control.broken_by is not None
    way = control.broken_by
    if way.remade is not None:
        with _remade(live, wanted, way.remade):
            yield
    elif way.edited is not None:
        with _edited(live, wanted, way.edited):
            yield
    else:
        assert way.live is not None
        try:
            live.sh(way.live)
            yield
        finally:
            _mend(live, way.mended_by)


def _mend(live: LiveHost, line: str | None) -> None:
    """By this line, or else by a deploy."""
    if line is not None:
        live.sh(line)
        return
    done = live.garrison("deploy")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _remade(live: LiveHost, wanted: Wanted, remade: Remade) -> Iterator[None]:
    """The container is healthy again when the block begins, if it ever is."""
    compose = yaml.safe_load(live.sh(f"cat {wanted.settings.stack_home}/current/compose.yaml"))
    probe = f"{LIB}/as-stack podman healthcheck run garrison-{remade.service}"
    try:
        write_on(live, EDITED, json.dumps(edit(compose, remade)))
        live.sh(f"{LIB}/replace-service {remade.service} --compose {EDITED}")
        live.quietly(f"timeout 30 sh -c 'until {probe}; do sleep 0.5; done'")
        yield
    finally:
        live.quietly(f"rm -f {EDITED}")
        live.replace(remade.service, wanted)


@contextmanager
def _edited(live: LiveHost, wanted: Wanted, edited: Edited) -> Iterator[None]:
    """In its place: a container sees the file that was there when it was made, and is made anew if that is another."""
    rendered = wanted.release.services[edited.service]
    path = f"{rendered.tree.folder(wanted.settings.stack_home)}/{edited.file}"
    said = live.pipe("", f"cat {path}")
    if not _sees(live, rendered.container, path):
        live.replace(edited.service, wanted)
    try:
        _rewrite(live, rendered.container, path, swapped(said, edited.swap))
        yield
    finally:
        _rewrite(live, rendered.container, path, said)


def _sees(live: LiveHost, container: str, path: str) -> bool:
    """Whether the file of a host is the one that a container was given, by itself or with its folder."""
    ask = f"{LIB}/as-stack podman container inspect {container} --format"
    mounts = "{{range .Mounts}}{{.Source}} {{.Destination}}{{println}}{{end}}"
    pid = live.sh(f"{ask} '{{{{.State.Pid}}}}'")
    given = dict(line.split() for line in live.sh(f"{ask} '{mounts}'").splitlines() if len(line.split()) == 2)
    if path not in given:
        return True
    return live.sh(f"stat -c %i {path}") == live.sh(f"stat -c %i /proc/{pid}/root{given[path]}")


def _rewrite(live: LiveHost, container: str, path: str, text: str) -> None:
    """And have the service read it."""
    write_on(live, path, text)
    live.sh(f"{LIB}/as-stack podman kill --signal HUP {container}")
    time.sleep(TAKEN_OVER)


def write_on(live: LiveHost, path: str, text: str) -> None:
    """Everybody may read what is new."""
    live.pipe(text, f"sh -c 'mkdir -p {PurePosixPath(path).parent} && umask 022 && cat >{path}'")
