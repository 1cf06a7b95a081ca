"""The noise that live hosts are asked by: each request is another one, and every kind of them is there."""

import itertools

import pytest

from tests.compliance.noise import FIELDS, KINDS, METHODS, PATHS, Asked, Noise

MARK = "xqzmark"
PLACES = ("/aidb/", "/hybrid/", "/llama/")


def some(many: int, seed: int = 0) -> list[Asked]:
    return list(itertools.islice(Noise(MARK, PLACES, "gk_key").requests(seed), many))


def test_no_word_of_it_comes_twice() -> None:
    words = [word for one in some(3000) for word in f"{one.path} {one.fields}".split(MARK)[1:]]
    assert len({word[:12] for word in words}) == len(words) > 6000


def test_each_place_gets_every_kind_of_method_path_and_field() -> None:
    asked = some(len(KINDS) * len(PLACES))
    assert len(KINDS) == len(METHODS) * len(PATHS) * len(FIELDS)
    for place in PLACES:
        here = [one for one in asked if one.path.startswith(place)]
        assert {one.method if one.method in METHODS else "" for one in here} == set(METHODS)
        assert {name for one in here for name in one.fields} >= set(FIELDS) - {""}


def test_a_method_that_nobody_has_is_another_one_each_time() -> None:
    found = [one.method for one in some(2000) if one.method not in METHODS]
    assert len(set(found)) == len(found) > 200
    assert all(one.isalpha() and one.isupper() for one in found)


def test_another_seed_makes_other_ones_and_the_same_the_same() -> None:
    assert some(50, 1) == some(50, 1)
    assert not {one.path for one in some(50, 1)} & {one.path for one in some(50, 2)}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_filled(path: str) -> None:
    assert not [one for one in some(1000) if "{" in one.path]
    assert any(path.partition("{}")[0] in one.path for one in some(1000))
