"""Packages and options: the nearest name first, then what is said about them."""

from typing import Any

import pytest
from docs_testbed import Docs


def names(found: dict[str, Any], key: str = "attribute") -> list[str]:
    return [one[key] for one in found["packages" if key == "attribute" else "options"]]


def test_a_package_is_told_with_all_that_nixpkgs_says(docs: Docs) -> None:
    found = docs.found("/packages/search", name="ripgrep")
    assert found["packages"][0] == {
        "attribute": "ripgrep",
        "name": "ripgrep",
        "version": "14.1.1",
        "description": "Search tool that combines ag and grep",
        "long_description": "",
        "homepage": ["https://example.test/rg"],
        "license": ["Unlicense", "MIT"],
        "broken": False,
        "unfree": False,
        "insecure": False,
        "channel": "nixpkgs",
    }


QUERIES = {
    "the very name, then one that begins so": ("ripgrep", ["ripgrep", "ripgrep-all"]),
    "a part of the name, the shorter first, then who says more of it": (
        "grep",
        ["ripgrep", "gnugrep", "ripgrep-all"],
    ),
    "a name in another case": ("RIPGREP", ["ripgrep", "ripgrep-all"]),
    "a name without its set": ("requests", ["python312Packages.requests"]),
    "a name with its set": ("python312Packages.req", ["python312Packages.requests"]),
    "a name of one letter": ("r", ["R", "ripgrep", "ripgrep-all", "python312Packages.requests"]),
    "words of the description": ("unix search", ["gnugrep"]),
    "words of both": ("nginx webserver", ["nginx"]),
    "nothing": ("zebra", []),
}


@pytest.mark.parametrize("what", QUERIES)
def test_packages_are_found_by(docs: Docs, what: str) -> None:
    query, expected = QUERIES[what]
    found = names(docs.found("/packages/search", name=query))
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_records_that_are_odd_do_not_spoil_the_dump(docs: Docs) -> None:
    assert docs.found("/packages/search", name="odd")["packages"][0]["version"] == ""
    assert docs.found("/packages/search", name="lone")["packages"][0]["description"] == "has a  in it"
    assert docs.sources()["nixpkgs"]["entries"] == 8


def test_a_channel_is_the_name_of_a_pack(docs: Docs) -> None:
    assert docs.found("/packages/search", name="nginx", channel="nixpkgs")["total"] == 1
    answer = docs.ask("/packages/search", name="nginx", channel="nixos-23-05")
    assert (answer.status_code, "there are: nixpkgs" in answer.json()["detail"]) == (404, True)


def test_pages_are_no_channel(docs: Docs) -> None:
    assert docs.ask("/packages/search", name="nginx", channel="manual").status_code == 404


def test_an_option_is_told_with_type_default_and_example(docs: Docs) -> None:
    found = docs.found("/options/search", option="services.nginx.enable")
    assert found["options"][0] == {
        "name": "services.nginx.enable",
        "description": "Whether to enable Nginx Web Server.",
        "type": "boolean",
        "default": "false",
        "example": "true",
        "declarations": ["nixos/modules/services/web-servers/nginx/default.nix"],
        "read_only": False,
        "source": "nixos",
    }


def test_values_and_texts_may_be_wrapped_or_bare(docs: Docs) -> None:
    options = {one["name"]: one for one in docs.found("/options/search", option="e", limit=100)["options"]}
    options |= {
        one["name"]: one for one in docs.found("/options/search", option="name OR nginx package")["options"]
    }
    kernel = docs.found("/options/search", option="kernelParams")["options"][0]
    package = docs.found("/options/search", option="services.nginx.package")["options"][0]
    assert (kernel["example"], kernel["default"]) == ('["quiet"]', None)
    assert (package["description"], package["declarations"]) == (
        "Nginx package to use.",
        ["https://example.test/x.nix"],
    )


def test_options_are_found_by_prefix_by_last_part_and_by_words(docs: Docs) -> None:
    assert names(docs.found("/options/search", option="services.nginx"), "name") == [
        "services.nginx.enable",
        "services.nginx.package",
    ]
    assert names(docs.found("/options/search", option="hostname"), "name") == ["networking.hostName"]
    assert names(docs.found("/options/search", option="kernel command line"), "name") == ["boot.kernelParams"]


def test_paging_has_a_true_total(docs: Docs) -> None:
    first = docs.found("/packages/search", name="grep", limit=1)
    second = docs.found("/packages/search", name="grep", limit=1, offset=1)
    assert (first["total"], first["has_more"]) == (3, True)
    assert names(first) + names(second) == ["ripgrep", "gnugrep"]


@pytest.mark.parametrize("query", ['"', "a AND", "x*y", "'", "%", "_", "name:x", "\\", "ab\u0300"])
def test_operators_are_text_here_too(docs: Docs, query: str) -> None:
    for path, key in (("/packages/search", "name"), ("/options/search", "option")):
        assert docs.ask(path, **{key: query}).status_code in (200, 422)
