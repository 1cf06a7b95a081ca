"""What can only be judged with every service on the table: one module for each subject."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from garrison.catalog.checks import (
    embeddings,
    images,
    needs,
    panels,
    paths,
    ports,
    routes,
    rules,
    scrapes,
    secrets,
    users,
    weights,
)
from garrison.problem import Problem, ProblemError

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

Check = Callable[["Catalog"], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    needs.check_names,
    needs.check_needs,
    needs.check_cycles,
    embeddings.check_embeddings,
    ports.check_host_ports,
    routes.check_doors,
    routes.check_routes,
    scrapes.check_scrapers,
    scrapes.check_notifiers,
    scrapes.check_collectors,
    scrapes.check_keys_of_metrics,
    secrets.check_definitions,
    secrets.check_mounts,
    users.check_users,
    paths.check_mounts,
    images.check_build_folders,
    images.check_files,
    rules.check_rules,
    panels.check_viewers,
    panels.check_panels,
    weights.check_weights,
)


def check_catalog(catalog: "Catalog") -> None:
    """Raises ProblemError with everything that is wrong between services, or between one and its folder."""
    problems = [problem for check in CHECKS for problem in check(catalog)]
    if problems:
        raise ProblemError(problems)
