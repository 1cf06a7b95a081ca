"""The list of a model's files says each file once, by a name below the folder of the models."""

from pathlib import Path

import pytest

from garrison.catalog.weights import read_weights

ONE, OTHER = "3" * 64, "4" * 64
BAD = {
    "a name twice": (f"{ONE}  a.gguf\n{OTHER}  a.gguf\n", "line 2"),
    "a name that leads out": (f"{ONE}  a/../../b.gguf\n", "line 1"),
    "a name from the root": (f"{ONE}  /b.gguf\n", "line 1"),
    "a short digest": (f"{ONE[1:]}  a.gguf\n", "line 1"),
    "nothing": ("", "it names no file"),
}


def test_each_file_has_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "model.sha256"
    path.write_text(f"{ONE}  a.gguf\n{OTHER}  tokens/words.json\n")
    assert read_weights(path) == {"a.gguf": ONE, "tokens/words.json": OTHER}


@pytest.mark.parametrize("fault", BAD)
def test_a_list_that_says_something_else_is_refused(tmp_path: Path, fault: str) -> None:
    text, said = BAD[fault]
    path = tmp_path / "model.sha256"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_weights(path)
