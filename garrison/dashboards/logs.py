"""What becomes of the host's logs, as the host measures it each minute: a row of the overview."""

from garrison.catalog.panels import Panel, Query

LOGS = (
    Panel(
        title="Lines dropped",
        description="Lines that journald kept out of the journal within the 15 minutes before, by the unit that said "
        "too much at once. All containers are one, the stack user's.",
        queries=(Query(expr="increase(garrison_log_lines_dropped_total[15m])", legend="{{unit}}"),),
        alarm=1,
    ),
    Panel(
        title="Not sent to the collector for",
        description="How old the oldest line of the journal is that log_shipping has not sent.",
        shape="number",
        unit="s",
        queries=(Query(expr="garrison_log_shipping_behind_seconds"),),
        alarm=300,
        empty="no collector",
    ),
    Panel(
        title="Logs measured",
        description="How long ago the host has looked for lines that are missing with success; it does so each minute.",
        shape="number",
        unit="s",
        queries=(
            Query(expr="time() - (garrison_logs_measured_timestamp_seconds and garrison_logs_measured == 1)"),
        ),
        alarm=600,
        empty="not measured",
    ),
)
