"""Faults of a recorded stack by the names that records give them: those of the evidence, and what only controls see."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from garrison.controls.code.shipping import UNIT
from garrison.evidence.spans import LOSING
from garrison.plan.hostfiles import SHIPPING_FILES, render_host_files
from garrison.plan.question import TEMPLATES
from garrison.render.objectives import GROUP, OF_SERVICES
from garrison.shipping import LogShipping
from garrison.tls.places import METRICS_FILE, RENEWAL_TIMER
from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults import SPOILT as OF_THE_EVIDENCE
from tests.unit.evidence.spoil import config
from tests.unit.evidence.synthetic import door_document, metrics_text, shown_certificates

LATER = "2099-01-01T00:00:00Z"


def process(service: str, **said: Any) -> Callable[[Host], None]:
    return lambda host: host.container(service)["Process"].update(said)


def model_file(path: str = "/models/tiny.gguf", **said: Any) -> Callable[[Host], None]:
    """A file of the model is otherwise; nothing said takes it away."""

    def spoil(host: Host) -> None:
        models = host.container("model")["Process"]["models"]
        models[path] = {"mode": 0o444, "uid": 0, "gid": 0, "sha256": "3" * 64} | said if said else None

    return spoil


def replace_secret(host: Host) -> None:
    secret = {"ID": "1", "UpdatedAt": LATER, "Spec": {"Name": "store_api_password"}}
    host.snapshot["secrets"] = [secret]


def age_secret(host: Host) -> None:
    secret = {"ID": "1", "UpdatedAt": "2020-01-01T00:00:00Z", "Spec": {"Name": "store_api_password"}}
    host.snapshot["secrets"] = [secret]


def low_port(host: Host) -> None:
    host.container("api")["HostConfig"]["PortBindings"] = {
        "8091/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}]
    }


def leak_in_the_journal(host: Host) -> None:
    host.leaks["leaks"].append(
        {"secret": "model_key", "form": "as it is", "place": "the journal (garrison-store)"}
    )


def shows(**said: Any) -> Callable[[Host], None]:
    """The door answers otherwise."""
    return lambda host: host.door.update(said)


def shows_certificate(**said: Any) -> Callable[[Host], None]:
    return lambda host: host.door.update(certificate=door_document(host.wanted, **said)["certificate"])


def answers(number: int, **said: Any) -> Callable[[Host], None]:
    """One of the provoked failures is answered otherwise."""
    return lambda host: host.errors["answers"][number].update(said)


def drop_rule(host: Host) -> None:
    del host.measured["rules"][f"{GROUP}/{OF_SERVICES}"]


def drop_alert(name: str) -> Callable[[Host], None]:
    """Prometheus hasn't loaded it, in whatever group it would be."""

    def spoil(host: Host) -> None:
        host.measured["rules"] = {
            rule: one for rule, one in host.measured["rules"].items() if not rule.endswith(f"/{name}")
        }

    return spoil


def ship_logs(host: Host, **unit: str) -> None:
    """The inventory names a collector, and a deploy has laid down all that sends the journal there."""
    collector = LogShipping(server="logs.example.net")
    settings = host.wanted.settings.model_copy(update={"log_shipping": collector})
    rendered = render_host_files(settings, TEMPLATES, b"", frozenset(), measured=())
    files = {path: one for path, one in rendered.items() if path in SHIPPING_FILES}
    host.wanted = replace(host.wanted, settings=settings, host_files=files)
    host.snapshot["files"] |= {
        path: {"sha256": sha256(one.content).hexdigest(), "mode": one.mode, "uid": 0, "gid": 0}
        for path, one in files.items()
    }
    running = {"load": "loaded", "enabled": "enabled", "active": "active"}
    host.snapshot["host"]["units"][UNIT] = running | unit


def age_certificates(host: Host) -> None:
    """They have been there for two months, on the host and at the door alike."""
    chains = shown_certificates(host.wanted, age=60)
    host.snapshot["certificates"].update(chains=chains)
    host.snapshot["host"]["texts"][METRICS_FILE] = metrics_text(chains)
    host.door.update(certificates=chains)


SPOILT: dict[str, Callable[[Host], None]] = {
    **{name: spoil for name, (spoil, _) in OF_THE_EVIDENCE.items()},
    "a container may open any number of files": config(
        "store", Ulimits=[{"Name": "RLIMIT_NOFILE", "Soft": -1, "Hard": -1}]
    ),
    "a container runs sshd": process("store", programs=["postgres", "sshd"]),
    "a container is published at port 80": low_port,
    "a user in a container is one of the host's": process(
        "store", uid_map=[[0, 4000, 1], [1, 165536, 65536], [65537, 1000, 1]]
    ),
    "a model's file is another": model_file(sha256="5" * 64),
    "a secret was replaced since": replace_secret,
    "a secret is two years old": age_secret,
    "a secret stands in the journal": leak_in_the_journal,
    "the door speaks TLS 1.1": shows(versions={"TLSv1.1": True, "TLSv1.2": True, "TLSv1.3": True}),
    "the door takes a weak suite": shows(suites=["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"]),
    "the door refuses the post-quantum group": shows(groups={"X25519MLKEM768": False, "X25519": True}),
    "the door lets browsers go": shows(transport_security=""),
    "the door's certificate is for another name": shows_certificate(name="other.test"),
    "the door's key is short": shows_certificate(bits=1024),
    "the door has no RSA certificate": lambda host: host.door["certificates"].update(rsa=None),
    "a key of the door can be read by others": lambda host: host.snapshot["trees"]["/srv/garrison/tls"][
        "0/rsa.key"
    ].update(mode=0o444),
    "the renewal timer is off": lambda host: host.snapshot["host"]["units"][RENEWAL_TIMER].update(
        enabled="disabled"
    ),
    "a renewal was left half-way": lambda host: host.snapshot["certificates"].update(unproven=True),
    "nobody renewed the certificates": age_certificates,
    "the metric tells of another certificate": lambda host: host.snapshot["host"]["texts"].update(
        {METRICS_FILE: ""}
    ),
    "plain HTTP serves": shows(redirect=[200, ""]),
    "a database lets everybody in": lambda host: host.openly.update({"store:postgres:5432:api": "let in"}),
    "a service answers who has no key": lambda host: host.openly.update(
        {"api:http:8091:nobody": "status 404"}
    ),
    "an error is a page of nginx's own": answers(0, headers={"content-type": "text/html"}, body="<html>"),
    "an error's id isn't in the log": answers(0, logged=False),
    "the door takes a request with two lengths": answers(1, status=200),
    "the door believes X-Forwarded-For": lambda host: host.errors["origins"][0].update(logged="203.0.113.66"),
    "a service with metrics can't be scraped": lambda host: host.measured["targets"]["api"].update(
        health="down", error="connection refused"
    ),
    "Prometheus has another rule than the release": drop_rule,
    "a service writes text into its log": lambda host: host.logs["garrison-api"].update(other=3),
    "the unit that sends the journal has failed": lambda host: ship_logs(host, active="failed"),
    "the dashboards let in who has no password": lambda host: host.openly.update(
        {"viewer:viewer:3000:nobody": "status 200"}
    ),
    "Prometheus has no alert for disks": drop_alert("DiskAlmostFull"),
    "a service loses its spans": lambda host: host.spans["jobs"].update({LOSING: ["api"]}),
    "the door gives tickets": shows(gives_tickets=True),
}
