"""The example of docs/adding-a-service.md is a service that works."""

import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.catalog.model import HttpHealth
from garrison.render.release import render_release
from garrison.settings import HostSettings


@pytest.fixture(scope="module")
def folder(fixtures: Path) -> Path:
    return fixtures / "example_service" / "hello"


@pytest.fixture(scope="module")
def together(stack: Path, fixtures: Path) -> Catalog:
    return load_catalog([stack, fixtures / "example_service"])


@pytest.fixture(scope="module")
def hello(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hello", folder / "src" / "hello.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def url(hello: ModuleType) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), hello.Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_greets(url: str) -> None:
    assert httpx.get(f"{url}/").json() == {"hello": "world"}


def test_it_is_healthy_where_its_file_says(url: str, together: Catalog) -> None:
    health = together.services["hello"].health
    assert isinstance(health, HttpHealth)
    assert httpx.get(url + health.http).status_code == 200


def test_an_unknown_path_is_a_problem_document(url: str) -> None:
    answer = httpx.get(f"{url}/nothing")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_request_is_logged_as_json_with_its_id(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    httpx.get(f"{url}/", headers={"X-Request-ID": "abc"})
    assert json.loads(capsys.readouterr().out)["request_id"] == "abc"


def test_file_image_and_program_agree(folder: Path, together: Catalog, hello: ModuleType) -> None:
    service = together.services["hello"]
    recipe = (folder / "Containerfile").read_text()
    assert re.search(r"^USER (\d+):", recipe, re.MULTILINE)[1] == str(service.user)  # type: ignore[index]
    assert hello.main.__defaults__ == (service.listen["http"],)


def test_adding_it_touches_the_door_and_nothing_else(
    catalog: Catalog, together: Catalog, settings: HostSettings, stack: Path
) -> None:
    before, after = (
        render_release(each, settings, plan_images(each, settings, services=stack, lock={}))
        for each in (catalog, together)
    )
    touched = [
        name
        for name, service in after.services.items()
        if name not in before.services or service.config_digest != before.services[name].config_digest
    ]
    assert touched == ["hello", "door"]
