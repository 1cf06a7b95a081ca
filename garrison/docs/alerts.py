"""docs/alerts.md: every alert, what it means, and the page that says what to do."""

import re
from pathlib import PurePosixPath

from garrison.catalog.catalog import Catalog
from garrison.catalog.rules import Alert, Rules, alerts_of, load_rules
from garrison.docs.services import COMMAND
from garrison.docs.tables import table

PAGE = PurePosixPath("docs/alerts.md")
# Where render has them too (garrison.render.metrics): a page does not reach so far up.
RUNBOOKS = PurePosixPath("runbooks")
_FILLED_IN = re.compile(r"\{\{ \$(?:labels\.)?(\w+).*? \}\}")
_HEAD = f"""<!-- Made from services/*/rules/*.yaml by `{COMMAND}`; change those. -->
# Alerts

Every alert that Prometheus can raise, as the rules next to the services say it.
`page` wakes somebody, `ticket` waits for the morning, and `heartbeat` always fires: its silence is the alarm.
[Observability](observability.md) says how they are judged and tested.
"""


def render_alerts(catalog: Catalog) -> str:
    """The page for the rules of ``catalog``. Raises ProblemError for what is wrong in them."""
    rows = [_row(rules, alert) for rules in load_rules(catalog) for alert in alerts_of(rules)]
    return f"{_HEAD}\n{table(('alert', 'severity', 'after', 'what it means', 'when'), sorted(rows))}"


def _row(rules: Rules, alert: Alert) -> tuple[str, ...]:
    file = f"../services/{rules.service}/rules/{rules.source.path.name}"
    expression = " ".join(alert.expr.split()).replace("|", "\\|")
    return (
        f"[{alert.alert}]({RUNBOOKS / alert.alert}.md)",
        alert.labels.severity,
        alert.for_,
        _FILLED_IN.sub(r"`\1`", alert.annotations.description),
        f"`{expression}` ([{rules.service}]({file}))",
    )
