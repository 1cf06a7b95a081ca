"""Alerts that fire together, and those of them that somebody is told of: what follows from another isn't.

Judged by the rules as they are written (tests/unit/alerts) and by a live Alertmanager (tests/compliance).
"""

from dataclasses import dataclass

# Of services that no host has: what really fires on one neither holds these back nor is held back by them.
Labels = dict[str, str]


def service(speed: str, job: str = "first") -> Labels:
    """A service's own error budget burns; ``speed`` is how its alert's name goes on."""
    return {"alertname": f"ErrorBudgetBurns{speed}", "job": job}


def door(speed: str, job: str = "first") -> Labels:
    """So does that of the route to a service."""
    return {"alertname": f"DoorBudgetBurns{speed}", "job": job, "route": f"/{job}/"}


def all_routes(speed: str) -> Labels:
    """So does that of all routes together."""
    return {"alertname": f"DoorBudgetBurns{speed}", "job": "nginx", "route": "all"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What fires at one time, told and not."""

    name: str
    told: tuple[Labels, ...]
    untold: tuple[Labels, ...] = ()


CASES = (
    Case(
        name="a service fails, and so the route to it and all together",
        told=(service("Fast"),),
        untold=(door("Fast"), door(""), door("Slowly"), all_routes("Fast"), all_routes("")),
    ),
    Case(
        name="a service has failed for hours, and so the route to it",
        told=(service(""),),
        untold=(door(""), door("Slowly")),
    ),
    Case(
        name="a service has failed for days, and so the route to it",
        told=(service("Slowly"),),
        untold=(door("Slowly"),),
    ),
    Case(
        name="the door fails faster than the service counts",
        told=(service(""), door("Fast")),
        untold=(door(""), door("Slowly")),
    ),
    Case(
        name="a service has failed a little for days, and then the route to it for hours",
        told=(service("Slowly"), door("")),
        untold=(door("Slowly"),),
    ),
    Case(
        name="a service fails, and the route to another",
        told=(service("Fast"), door("Fast", "second")),
        untold=(all_routes("Fast"),),
    ),
    Case(
        name="a route fails, and so all together",
        told=(door("Fast", "second"),),
        untold=(door("", "second"), all_routes("Fast"), all_routes("")),
    ),
    Case(
        name="all together fail, and no route by itself",
        told=(all_routes("Fast"),),
        untold=(all_routes(""), all_routes("Slowly")),
    ),
    Case(
        name="one route has failed for hours, and all together do now",
        told=(door(""), all_routes("Fast")),
        untold=(all_routes(""),),
    ),
    Case(
        name="a service is down",
        told=({"alertname": "TargetDown", "job": "first", "severity": "page"}, door("Fast")),
        untold=(
            {"alertname": "DoorBudgetBurnsSlowly", "job": "first", "route": "/aidb/", "severity": "ticket"},
        ),
    ),
)
