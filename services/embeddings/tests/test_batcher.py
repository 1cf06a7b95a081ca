"""The queue: bounded, fair, by length, and without the texts of those who gave up."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from embeddings.batcher import Batcher, DeadlineError, QueueFullError

from embeddings.model import DIMENSIONS, Tokens


class Quiet:
    """An observer that keeps the batches' sizes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def batch_ran(self, texts: int, tokens: int, waited: float) -> None:
        del tokens, waited
        self.sizes.append(texts)

    def queue_is(self, texts: int) -> None:
        """Not asked for here."""


class Gate:
    """Stands for the model: gives each text its length as a vector, and can be held."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.batches: list[list[int]] = []

    def __call__(self, batch: Sequence[Tokens]) -> np.ndarray:
        self.batches.append([len(tokens.ids) for tokens in batch])
        assert self.open.wait(10)
        return np.stack([np.full(DIMENSIONS, len(tokens.ids), dtype=np.float32) for tokens in batch])


def tokens_of(*lengths: int) -> list[Tokens]:
    return [Tokens(ids=(1,) * length, full_length=length) for length in lengths]


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def batcher(gate: Gate) -> Batcher:
    made = Batcher(gate, batch_texts=4, queue_texts=12, observer=Quiet())
    yield made
    gate.open.set()
    made.stop()


def in_background(batcher: Batcher, texts: list[Tokens]) -> tuple[threading.Thread, list[np.ndarray]]:
    results: list[np.ndarray] = []
    thread = threading.Thread(target=lambda: results.append(batcher.embed(texts, 10)))
    thread.start()
    return thread, results


def wait_until(condition) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def hold_with_one_text(gate: Gate, batcher: Batcher) -> threading.Thread:
    """The model is busy with a first text, so what follows has to wait."""
    gate.open.clear()
    thread, _ = in_background(batcher, tokens_of(1))
    wait_until(lambda: gate.batches)
    return thread


def test_each_text_gets_its_own_vector_whatever_the_batches(batcher: Batcher) -> None:
    lengths = [3, 9, 1, 7, 5, 2, 8, 4, 6, 10]
    assert batcher.embed(tokens_of(*lengths), 10)[:, 0].tolist() == lengths


def test_concurrent_requests_share_a_batch(gate: Gate, batcher: Batcher) -> None:
    first = hold_with_one_text(gate, batcher)
    others = [in_background(batcher, tokens_of(n)) for n in (2, 3)]
    wait_until(lambda: len(batcher._waiting) == 2)
    gate.open.set()
    for thread in (first, *(thread for thread, _ in others)):
        thread.join()
    assert sorted(gate.batches[1]) == [2, 3]
    assert sorted(float(results[0][0, 0]) for _, results in others) == [2, 3]


def test_a_batch_is_the_oldest_text_and_its_nearest_in_length(gate: Gate, batcher: Batcher) -> None:
    first = hold_with_one_text(gate, batcher)
    thread, _ = in_background(batcher, tokens_of(10, 200, 11, 190, 12, 180, 13))
    wait_until(lambda: len(batcher._waiting) == 7)
    gate.open.set()
    first.join()
    thread.join()
    assert [sorted(batch) for batch in gate.batches[1:]] == [[10, 11, 12, 13], [180, 190, 200]]


def test_a_full_queue_refuses_at_once(gate: Gate, batcher: Batcher) -> None:
    first = hold_with_one_text(gate, batcher)
    thread, _ = in_background(batcher, tokens_of(*[1] * 12))
    wait_until(lambda: len(batcher._waiting) == 12)
    with pytest.raises(QueueFullError):
        batcher.embed(tokens_of(1), 10)
    gate.open.set()
    first.join()
    thread.join()


def test_texts_past_their_deadline_leave_the_queue_uncomputed(gate: Gate, batcher: Batcher) -> None:
    first = hold_with_one_text(gate, batcher)
    with pytest.raises(DeadlineError):
        batcher.embed(tokens_of(77, 78), 0.05)
    assert not batcher._waiting
    gate.open.set()
    first.join()
    assert batcher.embed(tokens_of(5), 10)[0, 0] == 5
    assert gate.batches == [[1], [5]]


def test_an_error_of_the_model_reaches_its_requests_and_the_thread_lives_on() -> None:
    def fail_on_odd(batch: Sequence[Tokens]) -> np.ndarray:
        if len(batch[0].ids) % 2:
            raise RuntimeError("odd")
        return np.zeros((len(batch), DIMENSIONS), dtype=np.float32)

    batcher = Batcher(fail_on_odd, batch_texts=4, queue_texts=12, observer=Quiet())
    with pytest.raises(RuntimeError, match="odd"):
        batcher.embed(tokens_of(1), 10)
    assert batcher.embed(tokens_of(2), 10).shape == (1, DIMENSIONS)
    batcher.stop()


def test_stopping_finishes_what_waits_and_refuses_the_rest(gate: Gate) -> None:
    batcher = Batcher(gate, batch_texts=4, queue_texts=12, observer=Quiet())
    first = hold_with_one_text(gate, batcher)
    thread, results = in_background(batcher, tokens_of(2, 3))
    wait_until(lambda: len(batcher._waiting) == 2)
    stopper = threading.Thread(target=batcher.stop)
    stopper.start()
    wait_until(lambda: batcher._stopped)
    with pytest.raises(QueueFullError):
        batcher.embed(tokens_of(1), 10)
    gate.open.set()
    for one in (first, thread, stopper):
        one.join()
    assert results[0][:, 0].tolist() == [2, 3]
    assert not batcher.is_alive
