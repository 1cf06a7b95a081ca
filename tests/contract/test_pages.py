"""Lists that come in pages: past the end there is an empty page, and no error."""

import httpx

from tests.contract.openapi import Api, Operation

PAGING = {"limit", "offset"}
FAR = 1_000_000_007


def test_a_page_past_the_end_is_empty(api: Api, client: httpx.Client) -> None:
    for operation in api.operations:
        if operation.query.keys() >= PAGING:
            answer = operation.ask(client, limit=1, offset=_far(operation.query["offset"]))
        elif operation.body and operation.body.get("properties", {}).keys() >= PAGING:
            past = {"limit": 1, "offset": _far(operation.body["properties"]["offset"])}
            answer = operation.ask(client, {**operation.sample_body(), **past})
        else:
            continue
        assert answer.status_code == 200, f"{operation}: {answer.text}"
        assert _lists(operation, answer) == [[]], f"{operation}: {answer.text[:500]}"
        assert answer.json().get("has_more") is not True


def test_a_page_that_cannot_be_is_refused(api: Api, client: httpx.Client) -> None:
    for operation in api.operations:
        if operation.query.keys() >= PAGING:
            for limit, offset in ((0, 0), (-1, 0), (1, -1), (10**30, 0), (1, 10**30), ("x", 0)):
                answer = operation.ask(client, limit=limit, offset=offset)
                assert answer.status_code in (400, 422), f"{operation} {limit} {offset}: {answer.status_code}"


def _far(schema: object) -> int:
    assert isinstance(schema, dict)
    return int(min(FAR, schema.get("maximum", FAR)))


def _lists(operation: Operation, answer: httpx.Response) -> list[list[object]]:
    found = [value for value in answer.json().values() if isinstance(value, list)]
    assert found, f"{operation} answers with no list: {answer.text[:200]}"
    return found[:1]
