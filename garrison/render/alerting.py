"""Who is told what, how soon and how often: Alertmanager's routes and receivers, from what the inventory says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from garrison.catalog.receivers import SEVERITIES, Alerts, Email, Heartbeat, Webhook, secret_of
from garrison.settings import HostSettings

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long alerts of one name are gathered, when news of them is told, and when the same is told again."""

    wait: str
    news: str
    again: str

    def as_route(self, receiver: str) -> Record:
        """Its part of a route."""
        return {
            "receiver": receiver,
            "group_wait": self.wait,
            "group_interval": self.news,
            "repeat_interval": self.again,
        }


TIMINGS: Mapping[str, Timing] = {
    "page": Timing(wait="15s", news="1m", again="1h"),
    "ticket": Timing(wait="2m", news="10m", again="24h"),
    # It is told anew at the first full minute after "again": Alertmanager counts from when it was sent.
    "heartbeat": Timing(wait="0s", news="1m", again="3m30s"),
}


def render_routing(settings: HostSettings) -> str:
    """``route`` and ``receivers`` as YAML. What nobody takes has a receiver all the same, which does nothing."""
    alerts = settings.alerts or Alerts()
    first, *others = TIMINGS
    route = {**TIMINGS[first].as_route(first), "group_by": ["alertname"]}
    # What bears no severity that is known goes the way of the most urgent one.
    route["routes"] = [
        {"matchers": [f'severity="{name}"'], **TIMINGS[name].as_route(name)} for name in others
    ]
    receivers = [_receiver(name, alerts, settings.server_names[0]) for name in TIMINGS]
    return yaml.safe_dump({"route": route, "receivers": receivers}, sort_keys=False, width=1000)


def _receiver(name: str, alerts: Alerts, host: str) -> Record:
    record: Record = {"name": name}
    if name not in SEVERITIES:
        if alerts.heartbeat:
            record["webhook_configs"] = [{**_webhook("heartbeat", alerts.heartbeat), "send_resolved": False}]
        return record
    if alerts.webhook and name in alerts.webhook.severities:
        record["webhook_configs"] = [_webhook("webhook", alerts.webhook)]
    if alerts.email and name in alerts.email.severities:
        record["email_configs"] = [_email(alerts.email, host)]
    return record


def _webhook(name: str, webhook: Webhook | Heartbeat) -> Record:
    # Who is redirected would take the token along.
    client: Record = {"follow_redirects": False}
    if webhook.token_file:
        client["authorization"] = {"credentials_file": _secret(name)}
    return {"url": webhook.url, "send_resolved": True, "max_alerts": 100, "http_config": client}


def _email(email: Email, host: str) -> Record:
    record: Record = {
        "to": ", ".join(email.to),
        "from": email.sender,
        "smarthost": email.server,
        "hello": host,
        "require_tls": email.starts_tls,
        "send_resolved": True,
        "headers": {"Subject": '{{ template "garrison.subject" . }}'},
        "html": "",
        "text": '{{ template "garrison.text" . }}',
    }
    if email.user:
        record |= {"auth_username": email.user, "auth_password_file": _secret("email")}
    return record


def _secret(receiver: str) -> str:
    return f"/run/secrets/{secret_of(receiver)}"
