"""Profiles: what they choose is whole by itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.checks.routes import check_door_exists
from garrison.catalog.validate import near
from garrison.problem import Problem, ProblemError

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_profiles(catalog: "Catalog", wanted: set[str]) -> None:
    """Raises ProblemError for each wanted profile that no service has."""
    known = sorted({profile for service in catalog.services.values() for profile in service.profiles})
    unknown = sorted(wanted - set(known))
    if unknown:
        raise ProblemError(
            Problem(
                where=f"profiles {profile}",
                id="catalog.unknown-profile",
                what="no service has this profile.",
                remedy=near(profile, known, f"The profiles are {', '.join(known)}."),
            )
            for profile in unknown
        )


def check_selection(catalog: "Catalog", chosen: "Catalog") -> None:
    """Raises ProblemError for everything that ``chosen`` lacks and only the whole ``catalog`` has."""
    problems = [
        *_left_out_needs(catalog, chosen),
        *_left_out_secrets(catalog, chosen),
        *check_door_exists(chosen),
    ]
    if problems:
        raise ProblemError(problems)


def _left_out_needs(catalog: "Catalog", chosen: "Catalog") -> Iterator[Problem]:
    for name, service in chosen.services.items():
        for index, need in enumerate(service.needs):
            if need not in chosen.services:
                profiles = " or ".join(catalog.services[need].profiles)
                yield Problem(
                    where=catalog.sources[name].where("needs", index),
                    id="catalog.need-left-out",
                    what=f"{need!r} is in none of the selected profiles.",
                    remedy=f"Select {profiles} too, or give {need!r} one of {', '.join(service.profiles)}.",
                )


def _left_out_secrets(catalog: "Catalog", chosen: "Catalog") -> Iterator[Problem]:
    defined = {secret for service in chosen.services.values() for secret in service.defines}
    owners = {secret: name for name, service in catalog.services.items() for secret in service.defines}
    for name, service in chosen.services.items():
        for index, secret in enumerate(service.secrets):
            if secret in owners and secret not in defined:
                yield Problem(
                    where=catalog.sources[name].where("secrets", index),
                    id="catalog.secret-left-out",
                    what=f"{owners[secret]!r}, which defines it, is in none of the selected profiles.",
                    remedy=f"Select {' or '.join(catalog.services[owners[secret]].profiles)} too.",
                )
