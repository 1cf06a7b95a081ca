"""A whole dashboard around its rows: the same links, times and notes of deploys on every one."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink
from grafana_foundation_sdk.builders.dashboard import Row as GrafanaRow
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from garrison.catalog.panels import Panel
from garrison.dashboards.drawn import SOURCE, draw

TAG = "garrison"
# A sample's value is when the deploy passed; its label says which release that left.
DEPLOYS = (
    "garrison_deploy_info * on (job, instance) group_left () garrison_deploy_ended_timestamp_seconds * 1000"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels below one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One dashboard; ``name`` is that of its file, and of its address after ``garrison-``."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]

    @property
    def uid(self) -> str:
        """What it is called in Grafana's addresses: at most 40 characters."""
        return f"{TAG}-{self.name}"[:40]


@lru_cache(maxsize=256)  # the hosts of a fleet have the same pages
def render(page: Page) -> str:
    """``page`` as Grafana's JSON; the same page gives the same bytes."""
    made = (
        Dashboard(page.title)
        .uid(page.uid)
        .description(page.description)
        .tags([TAG])
        .readonly()
        .timezone("browser")
        .time("now-6h", "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .annotation(_deploys())
        .link(_others())
    )
    for row in page.rows:
        made.with_row(GrafanaRow(row.title))
        for panel in row.panels:
            made.with_panel(draw(panel))
    document = _numbered(json.loads(json.dumps(made.build(), cls=JSONEncoder)))
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def questions(rows: Iterable[Row]) -> tuple[tuple[str, str], ...]:
    """Every query of ``rows`` with the title of its panel, and that for deploys."""
    asked = [(panel.title, query.expr) for row in rows for panel in row.panels for query in panel.queries]
    return (*asked, ("Deploys", DEPLOYS))


def _deploys() -> AnnotationQuery:
    return (
        AnnotationQuery()
        .name("Deploys")
        .datasource(SOURCE)
        .enable(True)
        .hide(False)
        .icon_color("blue")
        .expr(DEPLOYS)
        .step("60s")
        .use_value_for_time(True)
        .title_format("Deploy")
        .text_format("release {{release}}")
    )


def _others() -> DashboardLink:
    return (
        DashboardLink("Garrison")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .keep_time(True)
        .include_vars(False)
    )


def _numbered(document: dict[str, object]) -> dict[str, object]:
    """With a number for each panel: Grafana would give them its own, other ones each time it loads the file."""
    panels = document["panels"]
    assert isinstance(panels, list)  # noqa: S101 - the builder's own contract
    for number, panel in enumerate(panels, start=1):
        panel["id"] = number
    return document
