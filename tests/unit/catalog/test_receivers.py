"""Who is told of alerts: what an inventory may say, and what is refused without showing what may be a secret."""

from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.overrides import apply_overrides
from garrison.catalog.receivers import Alerts
from garrison.catalog.walls import wall_of
from garrison.problem import ProblemError
from garrison.settings import HostSettings

WEBHOOK: dict[str, Any] = {"url": "https://hooks.example.net/garrison", "token_file": "token"}
EMAIL: dict[str, Any] = {
    "to": ["ops@example.net"],
    "sender": "garrison@ai1.example.net",
    "server": "mail.example.net:587",
    "user": "garrison",
    "password_file": "password",
}
HEARTBEAT: dict[str, Any] = {
    "url": "http://192.0.2.7:8480/alive",
    "insecure": "it says nothing but that we live",
}
ALL = {"webhook": WEBHOOK, "email": EMAIL, "heartbeat": HEARTBEAT}


def settings(alerts: dict[str, Any] | None) -> HostSettings:
    return HostSettings.from_data("host", {"server_names": ["lab.test"], "alerts": alerts})


@pytest.fixture
def telling(catalog: Catalog) -> Catalog:
    """The fixture catalog with somebody who tells."""
    api = catalog.services["api"].model_copy(update={"notifies": True})
    return Catalog(services={**catalog.services, "api": api}, sources=catalog.sources)


def test_its_wall_leads_to_the_receivers_and_to_no_other_place(telling: Catalog) -> None:
    before = wall_of(telling, "api").split()
    after = wall_of(apply_overrides(telling, settings(ALL)), "api").split()
    assert [word for word in after if word not in before] == [
        "garrison-api--egress",
        "hooks.example.net=tcp/443",
        "mail.example.net=tcp/587",
        "192.0.2.7=tcp/8480",
    ]


def test_it_has_the_secrets_of_the_receivers_and_nobody_makes_them_up(telling: Catalog) -> None:
    told = apply_overrides(telling, settings(ALL))
    given = {"alerts_webhook_secret", "alerts_email_secret"}
    assert given <= set(told.secrets_of("api"))
    assert not given & set(told.generated_secrets())
    assert not any(given & set(told.secrets_of(name)) for name in told.services if name != "api")


def test_with_other_overrides_the_whole_is_still_sound(telling: Catalog) -> None:
    said = {"server_names": ["lab.test"], "alerts": ALL, "service_environment": {"api": {"MODE": "fast"}}}
    told = apply_overrides(telling, HostSettings.from_data("host", said))
    assert "alerts_email_secret" in told.secrets_of("api")


@pytest.mark.parametrize("alerts", [None, {}])
def test_without_a_receiver_it_has_no_way_out(telling: Catalog, alerts: dict[str, Any] | None) -> None:
    assert apply_overrides(telling, settings(alerts)) is telling
    assert telling.services["api"].egress is None


def test_what_nobody_takes_is_known() -> None:
    assert Alerts().unheard() == ("page", "ticket")
    assert Alerts.model_validate({"email": EMAIL | {"severities": ["ticket"]}}).unheard() == ("page",)
    assert Alerts.model_validate({"webhook": WEBHOOK}).unheard() == ()


def test_a_port_where_mail_begins_with_tls_is_asked_for_none_later() -> None:
    ways = {"mail.example.net:587": True, "mail.example.net:465": False}
    for server, starts in ways.items():
        email = Alerts.model_validate({"email": EMAIL | {"server": server}}).email
        assert email is not None
        assert email.starts_tls is starts


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no such receiver": (
        {"pager": WEBHOOK},
        "inventory host alerts.pager: no such setting. docs/operating.md lists the settings.",
    ),
    "a webhook that is no address": (
        {"webhook": {"url": "hunter2"}},
        "alerts.webhook.url: this is no address; write https://HOST/PATH.",
    ),
    "a password in the address": (
        {"webhook": {"url": "https://me:hunter2@hooks.example.net/"}},
        "alerts.webhook.url: an address with a password or a query would lie on the host in the clear; "
        "put what is secret into a file and name that as 'token_file'.",
    ),
    "a key in the address": (
        {"heartbeat": {"url": "https://hooks.example.net/?key=hunter2"}},
        "alerts.heartbeat.url: an address with a password or a query",
    ),
    "a template in the address": (
        {"webhook": {"url": "https://hooks.example.net/{{ .hunter2 }}"}},
        "alerts.webhook.url: this is no address; write https://HOST/PATH.",
    ),
    "a port that there is not": (
        {"webhook": {"url": "https://hooks.example.net:99999/"}},
        "alerts.webhook.url: this is no address; write https://HOST/PATH.",
    ),
    "a password with a slash": (
        {"webhook": {"url": "https://anna:hunter2/3@hooks.example.net/"}},
        "alerts.webhook.url: this is no address; write https://HOST/PATH.",
    ),
    "plain http in capitals": (
        {"webhook": WEBHOOK | {"url": "HTTP://hooks.example.net/"}},
        "alerts.webhook.url: this is no address; write https://HOST/PATH.",
    ),
    "half a name": (
        {"webhook": {"url": "https://hooks/garrison"}},
        "alerts.webhook.url: 'hooks' is not a whole DNS name in lower case;",
    ),
    "an address that no wall lets through": (
        {"webhook": {"url": "https://[2001:db8::1]/"}},
        "alerts.webhook.url: '2001:db8::1' can't be reached: containers' networks have IPv4 only;",
    ),
    "plain http for no reason": (
        {"webhook": {"url": "http://hooks.example.net/"}},
        "alerts.webhook: plain http and 'insecure' belong together; write https, or say under 'insecure' why",
    ),
    "runbooks without an end": (
        {"runbooks": "https://git.example.net/garrison"},
        "alerts.runbooks: the path of a page is put behind this; end it with a slash.",
    ),
    "a password in runbooks": (
        {"runbooks": "https://anna:hunter2@git.example.net/garrison/"},
        "alerts.runbooks: an address with a password or a query",
    ),
    "a query in runbooks": (
        {"runbooks": "https://git.example.net/?token=hunter2&/"},
        "alerts.runbooks: an address with a password or a query",
    ),
    "no severity": ({"webhook": WEBHOOK | {"severities": []}}, "alerts.webhook.severities: "),
    "a severity that no rule has": (
        {"webhook": WEBHOOK | {"severities": ["urgent"]}},
        "alerts.webhook.severities.0: Input should be 'page' or 'ticket'.",
    ),
    "the secret itself": (
        {"webhook": WEBHOOK | {"token": "hunter2"}},
        "alerts.webhook.token: no such setting.",
    ),
    "nobody to write to": ({"email": EMAIL | {"to": []}}, "alerts.email.to: "),
    "a receiver that is a template": (
        {"email": EMAIL | {"to": ["{{ x }}@example.net"]}},
        "alerts.email.to.0: ",
    ),
    "a server without a port": (
        {"email": EMAIL | {"server": "mail.example.net"}},
        "alerts.email.server: 'mail.example.net' is not HOST:PORT; write mail.example.net:587.",
    ),
    "a server with a line break": (
        {"email": EMAIL | {"server": "mail.example.net:465\n"}},
        "alerts.email.server: 'mail.example.net:465\\n' is not HOST:PORT;",
    ),
    "a port with a zero before it": (
        {"email": EMAIL | {"server": "mail.example.net:0465"}},
        "alerts.email.server: 'mail.example.net:0465' is not HOST:PORT;",
    ),
    "a user without a password": (
        {"email": {**EMAIL, "password_file": None}},
        "alerts.email: 'user' and 'password_file' belong together; give both, or neither.",
    ),
    "a password that is overheard": (
        {"email": EMAIL | {"insecure": "the server is next door"}},
        "alerts.email: a password goes over TLS only; take 'insecure' out, or 'user' and 'password_file'.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_says_where_it_is_and_how_to_mend_it(fault: str) -> None:
    said, expected = FAULTS[fault]
    with pytest.raises(ProblemError) as raised:
        HostSettings.from_data("inventory host", {"server_names": ["lab.test"], "alerts": said})
    (problem,) = raised.value.problems
    assert expected in str(problem)
    assert problem.remedy
    assert "hunter2" not in str(problem)


def test_a_receiver_s_name_may_begin_with_a_digit() -> None:
    webhook = {"url": "https://3cx.example.net/garrison"}
    settings = HostSettings.from_data("host", {"server_names": ["lab.test"], "alerts": {"webhook": webhook}})
    assert settings.alerts
    (place,) = settings.alerts.destinations
    assert (place.host, place.net) == ("3cx.example.net", None)
