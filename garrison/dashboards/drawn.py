"""Panels in Grafana's own form, made from the few words that a panel has here."""

from typing import TypeVar

from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Number
from grafana_foundation_sdk.builders.statetimeline import Panel as States
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Lines
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from garrison.catalog.panels import Panel, Query

# The data source's uid, which its provisioning gives it too.
SOURCE = common.DataSourceRef(type_val="prometheus", uid="prometheus")
WIDTH = {"lines": 12, "number": 4, "states": 24, "list": 12}
HEIGHT = {"lines": 8, "number": 4, "states": 8, "list": 8}
GOOD, BAD = "green", "red"
# What says only where a sample comes from; a list has no room for it.
_NOT_LISTED = ("Time", "Value", "__name__", "alertstate", "instance", "host")

Drawn = Lines | Number | States | Table
AnyPanel = TypeVar("AnyPanel", Lines, Number, States, Table)


def draw(panel: Panel) -> Drawn:
    """``panel`` as Grafana has it, with a size and still without a place."""
    if panel.shape == "number":
        return _number(panel)
    if panel.shape == "states":
        return _states(panel)
    if panel.shape == "list":
        return _list(panel)
    return _lines(panel)


def _lines(panel: Panel) -> Lines:
    legend = VizLegendOptions().display_mode(common.LegendDisplayMode.LIST).show_legend(True)
    return (
        _common(Lines(), panel)
        .min(0)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .legend(legend.placement(common.LegendPlacement.BOTTOM))
        .tooltip(VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    )


def _number(panel: Panel) -> Number:
    return (
        _common(Number(), panel)
        .graph_mode(common.BigValueGraphMode.NONE)
        .color_mode(common.BigValueColorMode.VALUE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(""))
    )


def _states(panel: Panel) -> States:
    colours = FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS)
    made = _common(States(), panel).color_scheme(colours).show_value(common.VisibilityMode.NEVER)
    return made.merge_values(True).row_height(0.8)


def _list(panel: Panel) -> Table:
    without = {"excludeByName": dict.fromkeys(_NOT_LISTED, True)}
    return _common(Table(), panel).with_transformation(
        dashboard.DataTransformerConfig(id_val="organize", options=without)
    )


def _common(made: AnyPanel, panel: Panel) -> AnyPanel:
    made.title(panel.title).description(panel.description).datasource(SOURCE).unit(panel.unit)
    made.span(panel.width or WIDTH[panel.shape]).height(HEIGHT[panel.shape]).thresholds(_thresholds(panel))
    if panel.empty:
        made.no_value(panel.empty)
    for number, query in enumerate(panel.queries):
        made.with_target(_target(panel, query, chr(ord("A") + number)))
    return made


def _thresholds(panel: Panel) -> ThresholdsConfig:
    """Of states without ``alarm`` 1 is good and 0 is bad."""
    first, later, at = GOOD, BAD, panel.alarm
    if panel.shape == "states" and at is None:
        first, later, at = BAD, GOOD, 1
    steps = [dashboard.Threshold(value=None, color=first)]
    if at is not None:
        steps.append(dashboard.Threshold(value=at, color=later))
    return ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def _target(panel: Panel, query: Query, name: str) -> Dataquery:
    target = Dataquery().ref_id(name).expr(query.expr).datasource(SOURCE)
    if panel.shape == "list":
        return target.instant().format(PromQueryFormat.TABLE)
    if panel.shape == "number":
        target.instant()
    else:
        target.range()
    if query.exemplars:
        target.exemplar(True)
    return target.legend_format(query.legend or "{{job}}")
