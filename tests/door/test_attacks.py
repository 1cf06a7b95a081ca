"""While one client attacks the door, another one, at another address, goes on being served."""

from typing import Any

import pytest

from tests.door.conftest import Ask, Prober, end

SECONDS = 20
# How many times as long as in peace a request may take, half of them: both machines share the processors of one.
SLOWER = 50


@pytest.fixture(scope="module")
def peace(prober: Prober, ask: Ask) -> dict[str, Any]:
    """The other client's requests while nobody attacks."""
    found: dict[str, Any] = prober.run("load", ask(seconds=SECONDS))
    assert set(found["answers"]) == {"200"}, found
    return found


def under(prober: Prober, ask: Ask, kind: str, **said: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the other client got during an attack, and what came of the attack."""
    attack = prober.start("attack", ask(kind=kind, source=prober.attacker, seconds=SECONDS + 8, **said))
    served = prober.run("load", ask(seconds=SECONDS))
    return served, end(attack)


@pytest.mark.parametrize("kind", ["loris", "headers", "connections", "reset", "flood"])
def test_others_are_served_meanwhile(prober: Prober, ask: Ask, peace: dict[str, Any], kind: str) -> None:
    served, attack = under(prober, ask, kind)
    assert set(served["answers"]) == {"200"}, (served, attack)
    assert served["p50"] < SLOWER * peace["p50"]
    if kind == "connections":
        assert attack.get("held to the end", 0) <= 256
    if kind == "flood":
        assert attack["429"] > 0
        assert attack["said when to come back"] == attack["429"]
    if kind == "headers":
        assert set(attack) & {"HTTP/1.1 431 Request Header Fields Too Larg", "HTTP/1.1 431", "closed"}, attack
