"""What an inventory says and names, looked at for every host before the first one is touched."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography import x509

from garrison.catalog.boards import load_boards
from garrison.catalog.packs import load_packs
from garrison.plan.given import load_given
from garrison.plan.phases import select_phases
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings


def read_settings(host: str, data: Mapping[str, Any]) -> HostSettings:
    """A host's settings. Raises ProblemError for what doesn't fit, and for files on this machine that are no good."""
    where = f"inventory, host {host}:"
    settings = HostSettings.from_data(where, data)
    select_phases(settings.through, settings.phases)
    looks = (_authorities, _lock, _stand_ins, _packs, _dashboards, _secrets)
    if problems := [problem for look in looks for problem in look(where, settings)]:
        raise ProblemError(problems)
    return settings


def _authorities(where: str, settings: HostSettings) -> Iterator[Problem]:
    named = [("extra_ca_certificates", path) for path in settings.extra_ca_certificates]
    if settings.log_shipping and settings.log_shipping.ca:
        named.append(("log_shipping.ca", settings.log_shipping.ca))
    for setting, path in named:
        try:
            content = path.read_bytes()
            x509.load_pem_x509_certificates(content)
        except OSError as error:
            yield _problem(f"{where} {setting}", f"{path} can't be read: {error.strerror}.")
        except ValueError:
            yield _problem(f"{where} {setting}", f"{path} is no certificate in PEM.")
        else:
            if b"PRIVATE KEY-----" in content:
                remedy = "Take the key out: the file goes to the host as it is, for everybody to read."
                yield _problem(f"{where} {setting}", f"{path} holds a private key.", remedy)


def _lock(where: str, settings: HostSettings) -> Iterator[Problem]:
    """A lock that nobody named may be absent: all that can be built is built then."""
    path = settings.images_lock
    if path is not None and not path.is_file():
        yield _problem(f"{where} images_lock", f"{path} isn't there.")


def _stand_ins(where: str, settings: HostSettings) -> Iterator[Problem]:
    folder = settings.stand_ins
    if folder is not None and not folder.is_dir():
        yield _problem(f"{where} stand_ins", f"{folder} is no folder.")


def _packs(where: str, settings: HostSettings) -> Iterator[Problem]:
    try:
        load_packs(settings.documentation_packs)
    except OSError as error:
        path = settings.documentation_packs
        yield _problem(f"{where} documentation_packs", f"{path} can't be read: {error.strerror}.")
    except ProblemError as error:
        yield from error.problems


def _dashboards(where: str, settings: HostSettings) -> Iterator[Problem]:
    folder = settings.dashboards
    if folder is not None and not folder.is_dir():
        yield _problem(f"{where} dashboards", f"{folder} is no folder.")
        return
    try:
        load_boards(folder)
    except OSError as error:
        yield _problem(f"{where} dashboards", f"{error.filename} can't be read: {error.strerror}.")
    except ProblemError as error:
        yield from error.problems


def _secrets(_where: str, settings: HostSettings) -> Iterator[Problem]:
    try:
        load_given(settings)
    except ProblemError as error:
        yield from error.problems


def _problem(where: str, what: str, remedy: str = "Put the file there, or mend the setting.") -> Problem:
    return Problem(where=where, id="settings.file", what=what, remedy=remedy)


def check_inputs(hosts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, tuple[Problem, ...]]:
    """The problems of each host that has some, by its name; ``hosts`` has everybody's data."""
    found: dict[str, tuple[Problem, ...]] = {}
    for host, data in hosts.items():
        try:
            read_settings(host, data)
        except ProblemError as error:
            found[host] = error.problems
    return found


def describe_broken(inventory: str, error: Exception) -> Problem:
    """What to say when the inventory's own Python ends with ``error``."""
    line = error.lineno if isinstance(error, SyntaxError) else _line_of(inventory, error)
    where = f"{inventory}:{line}" if line else inventory
    what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}."
    return Problem(
        where=where,
        id="inventory.broken",
        what=what,
        remedy="Mend it (inventory/example.py shows a whole one).",
    )


def _line_of(inventory: str, error: Exception) -> int | None:
    """The last line of the inventory itself that the error came through."""
    line, trace = None, error.__traceback__
    while trace:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == Path(inventory).resolve():
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
