"""The model and dimension that everybody must agree on."""

import pytest
from garrison_kit import embedding
from garrison_kit.embedding import Expected
from garrison_kit.health import NotReadyError
from garrison_kit.settings import SettingsError

GOOD = {"GARRISON_EMBEDDING_MODEL": "mini", "GARRISON_EMBEDDING_DIMENSION": "384"}


def test_the_engine_says_what_is_expected() -> None:
    assert embedding.expected(GOOD) == Expected(model="mini", dimension=384)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"GARRISON_EMBEDDING_MODEL": ""}, "GARRISON_EMBEDDING_MODEL: not set"),
        ({"GARRISON_EMBEDDING_DIMENSION": ""}, "GARRISON_EMBEDDING_DIMENSION: not set"),
        ({"GARRISON_EMBEDDING_DIMENSION": "0"}, "GARRISON_EMBEDDING_DIMENSION: not a dimension"),
        ({"GARRISON_EMBEDDING_DIMENSION": "-384"}, "GARRISON_EMBEDDING_DIMENSION: not a dimension"),
        ({"GARRISON_EMBEDDING_DIMENSION": "9" * 5000}, "GARRISON_EMBEDDING_DIMENSION: not a dimension"),
        ({"GARRISON_EMBEDDING_DIMENSION": "٣٨٤"}, "GARRISON_EMBEDDING_DIMENSION: not a dimension"),
    ],
)
def test_an_absent_or_useless_variable_is_an_error(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        embedding.expected({**GOOD, **changes})
    assert str(refused.value) == named


def test_both_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"MODEL: not set; .*DIMENSION: not set"):
        embedding.expected({})


@pytest.mark.parametrize("dimension", ["dimension", "dimensions"])
def test_the_service_that_serves_it_passes(dimension: str) -> None:
    embedding.check({"model": "mini", dimension: 384}, Expected(model="mini", dimension=384))


@pytest.mark.parametrize(
    ("info", "sentence"),
    [
        ({"model": "other", "dimension": 384}, "embeddings serves other, mini is expected"),
        ({"model": "mini", "dimension": 768}, "embeddings makes vectors of 768 numbers, 384 are expected"),
        ({"model": "mini"}, "embeddings does not say which model it serves"),
        ({"dimension": 384}, "embeddings does not say which model it serves"),
    ],
)
def test_any_difference_is_said_in_words(info: dict[str, object], sentence: str) -> None:
    with pytest.raises(NotReadyError) as refused:
        embedding.check(info, Expected(model="mini", dimension=384))
    assert str(refused.value) == sentence
