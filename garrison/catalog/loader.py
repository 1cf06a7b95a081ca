"""Reads every service folder and hands out one checked catalog."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.catalog.checks import check_catalog
from garrison.catalog.model import Service
from garrison.catalog.source import Source, read_source, shown
from garrison.catalog.validate import validate
from garrison.problem import Problem, ProblemError

FILE = "service.yaml"


def load_catalog(folders: Sequence[Path]) -> Catalog:
    """The services in ``folders``: the project's own first, then a user's.

    A folder inside without a service.yaml (the kit, the base image) is passed over. Raises
    ProblemError with every problem of every file at once; what can only be judged across files
    is judged when each of them is sound by itself.
    """
    problems: list[Problem] = []
    services: dict[str, Service] = {}
    sources: dict[str, Source] = {}
    for path in _service_files(folders, problems):
        try:
            source = read_source(path)
            service = validate(Service, source)
        except ProblemError as error:
            problems += error.problems
            continue
        if misplaced := _misplaced(service, source, sources):
            problems.append(misplaced)
        else:
            services[service.name] = service
            sources[service.name] = source
    if problems:
        raise ProblemError(problems)
    catalog = Catalog(
        services={name: services[name] for name in sorted(services)},
        sources={name: sources[name] for name in sorted(sources)},
    )
    check_catalog(catalog)
    return catalog


def _service_files(folders: Sequence[Path], problems: list[Problem]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            problems.append(
                Problem(
                    where=shown(folder),
                    id="catalog.folder",
                    what="there is no such folder of services.",
                    remedy="Create it, or mend 'services_dirs' in the inventory.",
                )
            )
            continue
        yield from sorted(path for path in folder.glob(f"*/{FILE}") if path.is_file())


def _misplaced(service: Service, source: Source, sources: dict[str, Source]) -> Problem | None:
    if service.name != source.path.parent.name:
        return Problem(
            where=source.where("name"),
            id="catalog.folder-name",
            what=f"the service is called {service.name!r} but its folder {source.path.parent.name!r}.",
            remedy=f"Rename the folder to {service.name!r}, or the service.",
        )
    if service.name in sources:
        return Problem(
            where=source.where("name"),
            id="catalog.duplicate-service",
            what=f"a service {service.name!r} is already in {sources[service.name].where('name')}.",
            remedy="Give one of the two another name and folder.",
        )
    return None
