"""What aiohttp's routes say of the parts of their paths."""

import pytest
from aiohttp import web
from garrison_kit.aiohttp_routes import describe_parts

TEXT = {"type": "string", "minLength": 1}


async def nothing(_: web.Request) -> web.Response:
    return web.Response()


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/notes", {}),
        ("/notes/{note}", {"note": TEXT}),
        ("/notes/{note:[0-9a-f-]{36}}", {"note": {**TEXT, "pattern": "^(?:[0-9a-f-]{36})$"}}),
        (r"/{a:(x|y)\)}/{b}", {"a": {**TEXT, "pattern": r"^(?:(x|y)\))$"}, "b": TEXT}),
    ],
)
def test_each_part_has_the_pattern_of_its_route(path: str, parts: dict[str, object]) -> None:
    resource = web.Application().router.add_get(path, nothing).resource
    assert resource is not None
    assert describe_parts(resource) == parts
