"""Requests that schemathesis makes up from a service's OpenAPI document, and what each answer is checked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests.adapters import HTTPAdapter
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from urllib3.util import Retry

from tests.contract.openapi import Api
from tests.contract.problems import find_fault
from tests.contract.said import Spared

TIMEOUT = 120.0
# What every operation of every service is spared; a service's own folder can say more.
EVERYWHERE = (
    Spared(
        operation="*",
        checks=("positive_data_acceptance",),
        reason="A document can't say all: the checksum of a content, two entries of a list that must differ, an id "
        "that must exist. What fits the schema may be refused, with a problem document that another check looks at.",
    ),
)

load_all_checks()
REPEATED = (CHECKS.get_one("negative_data_rejection"),)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """A client with a key that slows down when it is told to."""

    session: requests.Session
    key: str
    authority: Path


def open_asker(key: str, authority: Path) -> Asker:
    """A client of the door; schemathesis sets key and authority for each request anew."""
    session = requests.Session()
    session.trust_env = False
    patient = Retry(
        total=20, connect=0, read=0, redirect=0, status_forcelist=(429,), allowed_methods=None,
        respect_retry_after_header=True, raise_on_status=False, backoff_factor=0,
    )  # fmt: skip
    session.mount("https://", HTTPAdapter(max_retries=patient))
    return Asker(session=session, key=key, authority=authority)


def list_operations(api: Api, base_url: str) -> Iterator[Any]:
    """Every operation of the document, as schemathesis sees it."""
    config = schemathesis.Config()
    schema = schemathesis.openapi.from_dict(dict(api.document), config=config)
    schema.config.update(base_url=base_url)
    for result in schema.get_all_operations():
        yield result.ok()


def try_operation(
    operation: Any,
    spared: Iterable[Spared],
    asker: Asker,
    *,
    mode: GenerationMode,
    examples: int,
) -> None:
    """Send requests of one kind to one operation. Raises schemathesis' own failure, with a curl command, or ours."""
    excluded = [
        CHECKS.get_one(name)
        for one in (*EVERYWHERE, *spared)
        if one.operation in ("*", operation.label)
        for name in one.checks
    ]

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # a failure comes with its curl command; to shrink it takes minutes
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # What a parameter means that is given several times, nobody says: frameworks take one of them, which may fit.
        is_repeated = any(isinstance(value, list) for value in (case.query or {}).values())
        case.call_and_validate(
            session=asker.session,
            headers={"X-API-Key": asker.key},
            verify=str(asker.authority),
            timeout=TIMEOUT,
            additional_checks=[is_a_good_refusal],
            excluded_checks=[*excluded, *(REPEATED if is_repeated else ())],
        )

    run: Callable[[], None] = ask
    run()


def is_a_good_refusal(_context: Any, response: Any, case: Any) -> bool | None:
    """A refusal is a problem document that says nothing of the inside."""
    if response.status_code < 400:
        return None
    assert response.status_code not in (500, 502), response.text[:500]
    flat = [(name, value) for name, values in response.headers.items() for value in values]
    request = response.request
    body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
    sent = (
        f"{request.url}\n{case.path_parameters}\n{case.query}\n{case.body}\n{body.decode('utf-8', 'replace')}"
    )
    fault = find_fault(response.status_code, httpx.Headers(flat), response.text, sent)
    assert fault is None, f"{response.status_code}: {fault}: {response.text[:500]}"
    return None
