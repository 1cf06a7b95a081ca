"""Each live host is looked at once; the tests that break something look again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from garrison.cli.rules import load_rules
from garrison.evidence.checks import Evidence
from garrison.evidence.report import Verdict, judge_host
from garrison.plan.wanted import Wanted
from garrison.report.measured import judge_all, result_of_waivers
from garrison.report.result import Result
from tests.compliance.client import Door
from tests.compliance.live import LiveHost, canary, live_hosts, need_observability
from tests.compliance.told import Told, telling
from tests.hosts import mark_all

pytest_collection_modifyitems = mark_all(__file__, pytest.mark.live)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "live" in metafunc.fixturenames:
        hosts = live_hosts() or (None,)
        names = [host.name if host else "no host" for host in hosts]
        metafunc.parametrize("live", hosts, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def live(request: pytest.FixtureRequest) -> LiveHost:
    """A deployed host of the lab."""
    if request.param is None:
        pytest.fail("this checkout has no lab host; `make up` makes one")
    host: LiveHost = request.param
    return host


@pytest.fixture(scope="session")
def watched(live: LiveHost) -> Iterator[tuple[str, int]]:
    """An address outside that the host reaches."""
    with canary(live.address) as address:
        yield address


@pytest.fixture(scope="session")
def seen(live: LiveHost, watched: tuple[str, int]) -> tuple[Evidence, Wanted]:
    """What is on the host before any test breaks anything, and what should be."""
    return live.look(watched)


@pytest.fixture(scope="session")
def wanted(seen: tuple[Evidence, Wanted]) -> Wanted:
    return seen[1]


@pytest.fixture(scope="session")
def verdicts(live: LiveHost, seen: tuple[Evidence, Wanted], root: Path) -> dict[str, Verdict]:
    """Every check's verdict, by its id."""
    rules = load_rules(root / "inventory" / "waivers.yaml")
    return {one.check: one for one in judge_host(live.name, *seen, rules.waivers, rules.today)}


@pytest.fixture(scope="session")
def results(live: LiveHost, seen: tuple[Evidence, Wanted], root: Path) -> dict[str, Result]:
    """What came of every control of the host's level, and of what no control names, by its id."""
    rules = load_rules(root / "inventory" / "waivers.yaml")
    found = judge_all(live.name, *seen, rules, live.settings.hardening)
    return {one.control: one for one in (*result_of_waivers(rules), *found)}


@pytest.fixture(scope="session")
def door(live: LiveHost, wanted: Wanted, root: Path) -> Door:
    """A client outside."""
    return Door.of(live.address, wanted, root)


@pytest.fixture(scope="module")
def told(live: LiveHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A host whose alerts come to receivers of the test's own."""
    need_observability(live)
    with telling(live, tmp_path_factory.mktemp("alerts")) as found:
        yield found
