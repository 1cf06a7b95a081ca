"""What a client outside must see at the door: encryption of today, a redirect, and nobody in without a key."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from garrison.problem import Problem

ID = "door"
HSTS_SECONDS = 63_072_000  # two years, as Mozilla's guidelines ask
LONGEST_LIFE = datetime.timedelta(days=90)
SHORTEST_REST = datetime.timedelta(days=7)
PROBLEM_TYPE = "application/problem+json"
MODERN = frozenset({"TLSv1.2", "TLSv1.3"})
_KEYS = "Look at its service.yaml (route.auth) and at templates/nginx/routes.conf.j2, then deploy again."
_TLS = "Look at templates/nginx/nginx.conf.j2, then run `garrison deploy --phases tls`."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer; header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What matters of the certificate that the door shows."""

    names: frozenset[str]
    begins: datetime.datetime
    ends: datetime.datetime


def judge_refusals(answers: Iterable[Answer]) -> list[Problem]:
    """Answers to requests without a valid key: each must be a 401 problem document."""
    problems = []
    for one in answers:
        kind = one.headers.get("content-type", "").partition(";")[0]
        if one.status != 401:
            problems.append(
                _problem(one.url, "open", f"without a valid key it answers {one.status}, not 401.", _KEYS)
            )
        elif kind != PROBLEM_TYPE:
            problems.append(
                _problem(one.url, "no-problem-document", f"its 401 is {kind or 'nothing'}.", _KEYS)
            )
    return problems


def judge_admissions(answers: Iterable[Answer]) -> list[Problem]:
    """Answers to requests that must succeed."""
    remedy = "Ask the service: journalctl CONTAINER_NAME=garrison-SERVICE -n 50, on the host."
    return [
        _problem(one.url, "closed", f"it answers {one.status}, not 200.", remedy)
        for one in answers
        if one.status != 200
    ]


def judge_redirect(answer: Answer, host: str, https: int, path: str) -> list[Problem]:
    """Plain HTTP must lead to the same host and path over HTTPS, for good."""
    expected = f"https://{host}:{https}{path}"
    location = answer.headers.get("location", "nowhere")
    if (answer.status, location) == (301, expected):
        return []
    what = f"it answers {answer.status} and leads to {location}, not 301 to {expected}."
    return [_problem(answer.url, "redirect", what, _TLS)]


def judge_transport_security(answers: Iterable[Answer]) -> list[Problem]:
    """Every answer over HTTPS must tell browsers to stay with HTTPS, for two years or more."""
    problems = []
    for one in answers:
        said = one.headers.get("strict-transport-security", "")
        found = re.search(r"max-age=(\d+)", said)
        if found is None or int(found[1]) < HSTS_SECONDS:
            what = f"Strict-Transport-Security is {said or 'absent'}."
            problems.append(_problem(one.url, "hsts", what, _TLS))
    return problems


def judge_versions(where: str, accepted: Mapping[str, bool]) -> list[Problem]:
    """Which TLS versions a handshake succeeded with: 1.2 and 1.3, nothing before."""
    return [
        _problem(where, "tls-version", f"it {'accepts' if done else 'refuses'} {version}.", _TLS)
        for version, done in accepted.items()
        if done != (version in MODERN)
    ]


def judge_certificate(
    where: str, found: Certificate, names: Iterable[str], now: datetime.datetime
) -> list[Problem]:
    """The certificate must be for exactly these names, short-lived, and not about to end."""
    remedy = "Run `garrison deploy --phases tls`: it issues another."
    problems = []
    if found.names != frozenset(names):
        what = f"it is for {', '.join(sorted(found.names))}, wanted is {', '.join(sorted(names))}."
        problems.append(_problem(where, "names", what, remedy))
    if found.ends - found.begins > LONGEST_LIFE + datetime.timedelta(hours=1):
        days = (found.ends - found.begins).days
        problems.append(_problem(where, "lifetime", f"it is valid for {days} days, more than 90.", remedy))
    if found.ends - now < SHORTEST_REST:
        problems.append(_problem(where, "expiry", f"it ends on {found.ends:%Y-%m-%d %H:%M}.", remedy))
    return problems


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
