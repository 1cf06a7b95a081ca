"""Whatever fits a service's OpenAPI document, and what doesn't: no failure, no leak, answers as the document says."""

from pathlib import Path

import pytest
from schemathesis import GenerationMode

from tests.contract.first_party import FirstParty
from tests.contract.keys import Keys
from tests.contract.openapi import Api
from tests.contract.properties import list_operations, open_asker, try_operation

MODES = {"fitting": GenerationMode.POSITIVE, "not fitting": GenerationMode.NEGATIVE}
QUICK, DEEP = 8, 150
FEW = 10  # of the examples an operation that is slow gets one in so many, and two at least


@pytest.mark.parametrize("kind", MODES)
def test_answers_are_as_the_document_says(
    service: FirstParty,
    api: Api,
    door: str,
    authority: Path,
    keys: Keys,
    subtests: pytest.Subtests,
    kind: str,
) -> None:
    try_all(service, api, door, authority, keys, subtests, kind, QUICK)


@pytest.mark.full
@pytest.mark.parametrize("kind", MODES)
def test_answers_are_as_the_document_says_however_long_one_tries(
    service: FirstParty,
    api: Api,
    door: str,
    authority: Path,
    keys: Keys,
    subtests: pytest.Subtests,
    kind: str,
) -> None:
    try_all(service, api, door, authority, keys, subtests, kind, DEEP)


def try_all(
    service: FirstParty,
    api: Api,
    door: str,
    authority: Path,
    keys: Keys,
    subtests: pytest.Subtests,
    kind: str,
    examples: int,
) -> None:
    """So many requests of one kind to each operation."""
    asker = open_asker(keys.every, authority)
    with asker.session:
        for operation in list_operations(api, door + service.prefix):
            number = max(2, examples // FEW) if operation.label in service.said.slow else examples
            with subtests.test(msg=operation.label):
                try_operation(operation, service.said.spared, asker, mode=MODES[kind], examples=number)


def test_what_is_spared_is_an_operation_that_there_is(service: FirstParty, api: Api) -> None:
    known = {"*", *(str(one) for one in api.operations)}
    assert {one.operation for one in service.said.spared} | service.said.slow.keys() <= known
    assert {one.ask for one in service.said.needs.values() if one.ask} <= known
    assert service.said.needs.keys() <= set(service.service.needs)
