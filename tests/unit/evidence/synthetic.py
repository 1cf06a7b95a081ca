"""A host on which everything is as the fixture catalog wants it, in the shape that was recorded on a real one."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from garrison.catalog.secrets import keeps_proofs
from garrison.catalog.size import parse_size
from garrison.evidence.expected import expected_binds, expected_volumes
from garrison.evidence.logs import writers
from garrison.evidence.metrics import wanted_rules
from garrison.evidence.spans import COUNTED, LOSING
from garrison.plan.exposure import EVERYWHERE, declared_listeners
from garrison.plan.wanted import Wanted
from garrison.render.container import probe_command

FIXTURES = Path(__file__).parents[2] / "fixtures" / "snapshots"
STORAGE = "/srv/garrison/.local/share/containers/storage/volumes"
FIRST_SUBUID = 165536
Document = dict[str, Any]


def host_document(wanted: Wanted) -> Document:
    """What the collector would say."""
    document: Document = json.loads((FIXTURES / "host.json").read_text())
    names = list(wanted.release.services)
    images = {name: f"{number:064x}" for number, name in enumerate(names, start=0xA0)}
    document["containers"] = [container_document(wanted, name, images[name]) for name in names]
    document["networks"] = _networks(wanted)
    document["images"] = "".join(
        f"sha256:{images[name]} {_image_line(wanted.images[name].reference)}\n" for name in names
    )
    document["listeners"] = [
        {"protocol": "tcp", "address": address, "port": 22, "process": "sshd", "uid": 0}
        for address in EVERYWHERE
    ] + [
        {"protocol": "tcp", "address": address, "port": port, "process": "rootlessport", "uid": 4000}
        for address, port in sorted(declared_listeners(wanted))
    ]
    unit = {"Id": "garrison-door.service", "ActiveState": "active", "SubState": "running"}
    document["user_units"] = {unit["Id"]: unit}
    document["certificates"] = {"source": "fleet", "chains": shown_certificates(wanted), "unproven": False}
    return document


def container_document(wanted: Wanted, name: str, image: str) -> Document:
    """What ``podman inspect`` and ``/proc`` would say of one container."""
    service, rendered = wanted.catalog.services[name], wanted.release.services[name]
    record: Document = copy.deepcopy(json.loads((FIXTURES / "container.json").read_text()))
    record["Name"], record["Image"] = rendered.container, image
    record["ImageName"] = wanted.images[name].reference
    record["Config"] |= {
        "User": f"{service.user}:{service.user}",
        "Labels": {"garrison.service": name, "garrison.config-digest": rendered.config_digest},
        "Healthcheck": {"Test": ["CMD", *probe_command(service)]},
    }
    record["HostConfig"] |= {
        "ReadonlyRootfs": service.exceptions.writable_root is None,
        "RestartPolicy": {"Name": "" if rendered.is_door else "always", "MaximumRetryCount": 0},
        "Tmpfs": dict.fromkeys(service.writable, "rw,noexec,nosuid,nodev"),
        "Memory": parse_size(service.limits.memory),
        "NanoCpus": round(service.limits.cpus * 1e9),
        "PidsLimit": service.limits.pids,
        "PortBindings": {
            f"{service.listen[label]}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
            for label, port in service.publish.items()
        },
    }
    record["Mounts"] = _mounts(wanted, name)
    record["NetworkSettings"] = {"Networks": {one.name: {} for one in wanted.catalog.networks_of(name)}}
    outer = FIRST_SUBUID + service.user - 1
    record["Process"]["status"]["Uid"] = "\t".join([str(outer)] * 4)
    own = {"mode": 0o400, "uid": service.user, "gid": service.user}
    files = [f"/run/secrets/{secret.name}" for secret in rendered.secrets]
    files += ["/run/clients/clients.json"] if service.verifies_keys else []
    files += ["/run/clients/proofs"] if keeps_proofs(service) else []
    pinned = wanted.catalog.weights_of(name)
    record["Process"]["models"] = {
        path: {"mode": 0o444, "uid": 0, "gid": 0, "sha256": digest} for path, digest in pinned.items()
    }
    record["Process"]["secrets"] = {path: dict(own) for path in files}
    return record


def leaks_document(wanted: Wanted) -> Document:
    """What find-leaks would answer when there is none."""
    secrets = {name for service in wanted.catalog.services for name in wanted.catalog.secrets_of(service)}
    searched = ("containers", "images", "networks", "processes", "journal_bytes", "files")
    return {
        "secrets": sorted(secrets),
        "too_short": [],
        "searched": dict.fromkeys(searched, 7),
        "leaks": [],
    }


def door_document(wanted: Wanted, *, name: str | None = None, bits: int | None = None) -> Document:
    """What look-door would answer; ``bits`` is the length of an RSA key, for a certificate with one."""
    return {
        "versions": {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True},
        "suites": ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"],
        "groups": {"X25519MLKEM768": True, "X25519": True, "secp521r1": False},
        "follows_client": True,
        "gives_tickets": False,
        "certificate": shown_certificate(name or wanted.settings.server_names[0], bits),
        "certificates": shown_certificates(wanted),
        "transport_security": "max-age=63072000",
        "redirect": [301, "https://lab.test:8443/some/path?q=1"],
    }


def measured_document(wanted: Wanted) -> Document:
    """What look-metrics would answer."""
    return {
        "error": "",
        "targets": {one.name: {"health": "up", "error": ""} for one in wanted.catalog.scraped},
        "rules": {
            name: {"health": "ok", "error": "", "queries": queries}
            for name, queries in wanted_rules(wanted).items()
        },
    }


def logs_document(wanted: Wanted) -> Document:
    """What look-logs would answer."""
    return {f"garrison-{name}": {"lines": 12, "other": 0} for name in writers(wanted.catalog)}


def spans_document(wanted: Wanted) -> Document:
    """What look-spans would answer."""
    senders = [one.name for one in wanted.catalog.traced]
    return {
        "silent": "",
        "error": "",
        "services": senders,
        "jobs": {COUNTED: senders, LOSING: []},
        "kept": {},
    }


def shown_certificates(wanted: Wanted, age: int = 1) -> dict[str, str]:
    """One for each kind of key, begun so many days before the host was recorded."""
    name = wanted.settings.server_names[0]
    return {"ecdsa": shown_certificate(name, None, age), "rsa": shown_certificate(name, 2048, age)}


def metrics_text(chains: Mapping[str, str]) -> str:
    """What tls-status writes of them."""
    name = "garrison_tls_certificate_not_after_timestamp_seconds"
    ends = {
        kind: x509.load_pem_x509_certificate(chain.encode()).not_valid_after_utc.timestamp()
        for kind, chain in chains.items()
    }
    return "".join(f'{name}{{kind="{kind}",mode="fleet"}} {end:.0f}\n' for kind, end in ends.items())


@cache
def shown_certificate(name: str, bits: int | None, age: int = 1) -> str:
    """One of 81 days that was valid when the host was recorded, and began so many days before."""
    key = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    recorded = datetime.fromtimestamp(json.loads((FIXTURES / "host.json").read_text())["time"], UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(recorded - timedelta(days=age))
        .not_valid_after(recorded + timedelta(days=81 - age))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def errors_document() -> Document:
    """What look-errors would answer: one refusal, one smuggled request, one claim to come from elsewhere."""
    cases = {"an unknown path": 404, "smuggled: two lengths": 400}
    return {
        "answers": [problem_answer(case, status) for case, status in cases.items()],
        "asked_from": "127.0.0.1",
        "origins": [{"header": "X-Forwarded-For", "logged": "127.0.0.1"}],
    }


def problem_answer(case: str, status: int) -> Document:
    """A refusal as it should be."""
    document = {
        "type": "about:blank",
        "title": "No",
        "status": status,
        "detail": "No.",
        "error_id": "0a1b2c3d",
    }
    return {
        "case": case,
        "way": "https",
        "line": "GET / HTTP/1.1",
        "wanted": [status],
        "status": status,
        "headers": {"content-type": "application/problem+json", "server": "nginx"},
        "body": json.dumps(document),
        "logged": True,
    }


def _networks(wanted: Wanted) -> list[Document]:
    declared = [
        {
            "name": network.name,
            "internal": network.internal,
            "options": {"isolate": "strict"},
            "labels": {"garrison": "1"},
        }
        for network in wanted.catalog.networks()
    ]
    return [{"name": "podman", "internal": False, "options": None}, *declared]


def _mounts(wanted: Wanted, name: str) -> list[Document]:
    service, rendered = wanted.catalog.services[name], wanted.release.services[name]
    binds = [
        {"Type": "bind", "Source": source, "Destination": target, "RW": False, "Propagation": "rprivate"}
        for target, source in expected_binds(service, rendered, wanted.settings.stack_home).items()
    ]
    volumes = [
        {"Type": "volume", "Name": volume, "Source": f"{STORAGE}/{volume}/_data", "Destination": target,
         "RW": True, "Propagation": "rprivate"}
        for target, volume in expected_volumes(service).items()
    ]  # fmt: skip
    return binds + volumes


def _image_line(reference: str) -> str:
    if "@" in reference:
        name, _, digest = reference.partition("@")
        return f"{name}:1 {digest}"
    return f"{reference} sha256:{'d' * 64}"
