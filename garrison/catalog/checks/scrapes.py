"""What is observed: one service collects metrics and has their keys, one tells people of alerts, one takes spans."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_scrapers(catalog: "Catalog") -> Iterator[Problem]:
    """One service at most scrapes the others."""
    scrapers = [service for service in catalog.services.values() if service.scrapes]
    for extra in scrapers[1:]:
        first = catalog.sources[scrapers[0].name].where("scrapes")
        yield Problem(
            where=catalog.sources[extra.name].where("scrapes"),
            id="catalog.two-scrapers",
            what=f"the metrics are collected already, in {first}.",
            remedy="Keep one; the other can be asked by whoever 'needs' it.",
        )


def check_notifiers(catalog: "Catalog") -> Iterator[Problem]:
    """One service at most tells people of alerts."""
    notifiers = [service for service in catalog.services.values() if service.notifies]
    for extra in notifiers[1:]:
        first = catalog.sources[notifiers[0].name].where("notifies")
        yield Problem(
            where=catalog.sources[extra.name].where("notifies"),
            id="catalog.two-notifiers",
            what=f"people are told of alerts already, in {first}.",
            remedy="Keep one: each alert would be told twice.",
        )


def check_collectors(catalog: "Catalog") -> Iterator[Problem]:
    """One service at most takes the spans of the others."""
    collectors = [service for service in catalog.services.values() if service.takes_spans]
    for extra in collectors[1:]:
        first = catalog.sources[collectors[0].name].where("takes_spans")
        yield Problem(
            where=catalog.sources[extra.name].where("takes_spans"),
            id="catalog.two-collectors",
            what=f"the spans are taken already, in {first}.",
            remedy="Keep one: a trace in two places is whole in neither.",
        )


def check_keys_of_metrics(catalog: "Catalog") -> Iterator[Problem]:
    """Who asks for a key before it shows its metrics has one that others send too."""
    for name, service in catalog.services.items():
        metrics = service.metrics
        if metrics is None or metrics.auth != "key":
            continue
        if metrics.secret is not None:
            if metrics.secret not in service.defines:
                yield Problem(
                    where=catalog.sources[name].where("metrics", "secret"),
                    id="catalog.metrics-secret-of-others",
                    what=f"the service doesn't define the secret {metrics.secret!r}.",
                    remedy="Add it to 'defines' and 'secrets': the service has to know what it is sent.",
                )
        elif service.credential != "shared":
            yield Problem(
                where=catalog.sources[name].where("metrics", "auth"),
                id="catalog.metrics-without-key",
                what="the metrics ask for a key, but the service has none that it shares.",
                remedy="Add 'credential: shared' or a 'secret', or take 'auth' out.",
            )
