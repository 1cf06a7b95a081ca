"""What an inventory adds to services: variables of their environment, and ways out of the host."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from garrison.catalog.catalog import Catalog
from garrison.catalog.checks import check_catalog
from garrison.catalog.egress import Egress
from garrison.catalog.embedding import VARIABLES
from garrison.catalog.model import Service
from garrison.catalog.packs import pack_destinations
from garrison.catalog.validate import near
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings

_OURS = "GARRISON_"
_RECEIVERS = "It hands alerts to the receivers that the inventory names."
# A service's own file says what runs; from an inventory these would run something else in its place.
_LOADERS = re.compile(r"^(LD_.*|PATH|BASH_ENV|ENV|PYTHON(PATH|HOME|STARTUP)|PERL5(LIB|OPT))$")
_MANUAL = "docs/operating.md says what it may hold."


def apply_overrides(catalog: Catalog, settings: HostSettings) -> Catalog:
    """The catalog as the inventory wants it on one host, held to the same rules as the files.

    Raises ProblemError for services that aren't there, and for all that a service.yaml may not say either.
    """
    problems = [*_unknown("service_environment", settings.service_environment, catalog),
                *_unknown("service_egress", settings.service_egress, catalog),
                *_unknown("objectives.services", settings.objectives.services, catalog)]  # fmt: skip
    if not problems and not settings.service_environment and not settings.service_egress:
        return _with_receivers(_with_packs(catalog, settings), settings)
    problems += _not_the_inventorys(settings.service_environment)
    services = dict(catalog.services)
    for name, service in catalog.services.items():
        try:
            services[name] = _changed(service, settings)
        except ValidationError as error:
            problems += [_problem(name, dict(detail)) for detail in error.errors()]
    if problems:
        raise ProblemError(problems)
    changed = _with_packs(Catalog(services=services, sources=catalog.sources), settings)
    changed = _with_receivers(changed, settings)
    check_catalog(changed)
    return changed


def _changed(service: Service, settings: HostSettings) -> Service:
    environment = settings.service_environment.get(service.name, {})
    egress = settings.service_egress.get(service.name)
    if not environment and egress is None:
        return service
    said = service.model_dump()
    said["environment"] = {**said["environment"], **environment}
    if egress is not None:
        # What the service's own file names stays open: the inventory only adds.
        own = service.egress.to if service.egress else ()
        packs = egress.packs or (service.egress is not None and service.egress.packs)
        both = egress.model_copy(update={"to": tuple(dict.fromkeys((*own, *egress.to))), "packs": packs})
        said["egress"] = both.model_dump(exclude_none=True)
    return Service.model_validate(said)


def _with_packs(catalog: Catalog, settings: HostSettings) -> Catalog:
    """The hosts of the documentation packs among the destinations of who fetches them."""
    wants = [name for name, service in catalog.services.items() if service.egress and service.egress.packs]
    hosts = pack_destinations(settings.documentation_packs) if wants else ()
    if not hosts:
        return catalog
    services = dict(catalog.services)
    for name in wants:
        service = services[name]
        if service.egress:
            to = tuple(dict.fromkeys((*service.egress.to, *hosts)))
            egress = service.egress.model_copy(update={"to": to})
            services[name] = service.model_copy(update={"egress": egress})
    return Catalog(services=services, sources=catalog.sources)


def _with_receivers(catalog: Catalog, settings: HostSettings) -> Catalog:
    """Who tells people of alerts reaches their receivers, and has the receivers' secrets."""
    notifier = catalog.notifier
    if notifier is None or settings.alerts is None or not settings.alerts.receivers:
        return catalog
    own = notifier.egress.to if notifier.egress else ()
    egress = Egress(reason=_RECEIVERS, to=tuple(dict.fromkeys((*own, *settings.alerts.destinations))))
    secrets = (*notifier.secrets, *sorted(settings.alerts.secret_files))
    told = notifier.model_copy(update={"egress": egress, "secrets": secrets})
    return Catalog(services={**catalog.services, notifier.name: told}, sources=catalog.sources)


def _unknown(setting: str, said: Mapping[str, object], catalog: Catalog) -> Iterator[Problem]:
    for name in sorted(set(said) - set(catalog.services)):
        yield Problem(
            where=f"inventory: {setting}.{name}",
            id="settings.unknown-service",
            what="there is no such service.",
            remedy=near(name, catalog.services, f"The services are {', '.join(catalog.services)}."),
        )


def _not_the_inventorys(said: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    for name, environment in said.items():
        for variable in sorted(environment):
            if what := _whose(variable):
                where = f"inventory: service_environment.{name}.{variable}"
                yield Problem(where=where, id="settings.service", what=what, remedy="Take it out.")


def _whose(variable: str) -> str | None:
    if variable in VARIABLES:
        return "this follows from 'embedding' of the service that makes the vectors."
    if variable.startswith(_OURS):
        return f"what begins with {_OURS} is the engine's to set."
    if _LOADERS.match(variable):
        return "this decides what code is loaded, which is for the service's own file and image to say."
    return None


def _problem(name: str, detail: Mapping[str, Any]) -> Problem:
    """A fault of the merged service is one of the inventory: its own file was sound."""
    key, *rest = [str(part) for part in (*detail["loc"], *detail.get("ctx", {}).get("at", ()))]
    setting = "service_egress" if key == "egress" else "service_environment"
    at = ".".join(part for part in rest if part not in ("[key]", "reason"))
    what, _, remedy = str(detail["msg"]).removeprefix("Value error, ").partition("; ")
    return Problem(
        where=f"inventory: {setting}.{name}{f'.{at}' if at else ''}",
        id="settings.service",
        what=f"{what}.",
        remedy=f"{remedy[0].upper()}{remedy[1:]}." if remedy else f"Mend it; {_MANUAL}",
    )
