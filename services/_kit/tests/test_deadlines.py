"""One timer for many blocks: each ends in its time as with asyncio.timeout, and nobody else's end is taken for it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from garrison_kit.deadlines import Deadlines

LONG = 30.0


async def wait(deadlines: Deadlines, seconds: float) -> str:
    limit = deadlines.limit()
    try:
        with limit:
            await asyncio.sleep(seconds)
    except TimeoutError:
        assert limit.is_expired
        return "ended"
    assert not limit.is_expired
    return "done"


def run(main: Callable[[], Awaitable[object]]) -> object:
    async def whole() -> object:
        return await main()

    return asyncio.run(whole())


def test_what_takes_too_long_is_ended_and_what_doesnt_is_not() -> None:
    deadlines = Deadlines(0.1)
    assert run(lambda: asyncio.gather(wait(deadlines, LONG), wait(deadlines, 0.0))) == ["ended", "done"]


def test_each_has_its_own_time_however_many_there_are() -> None:
    deadlines = Deadlines(0.2)

    async def main() -> list[str]:
        tasks = []
        for _ in range(20):
            tasks += [
                asyncio.create_task(wait(deadlines, LONG)),
                asyncio.create_task(wait(deadlines, 0.001)),
            ]
            await asyncio.sleep(0.02)
        return [await task for task in tasks]

    assert run(main) == ["ended", "done"] * 20
    assert not deadlines._running


def test_those_that_have_ended_are_forgotten_though_one_goes_on() -> None:
    deadlines = Deadlines(LONG)

    async def main() -> int:
        for _ in range(100):
            await wait(deadlines, 0)
        return len(deadlines._running)

    assert run(main) == 0


def test_after_a_silence_the_timer_runs_again() -> None:
    deadlines = Deadlines(0.05)

    async def main() -> list[str]:
        found = []
        for _ in range(3):
            found.append(await wait(deadlines, LONG))
            await asyncio.sleep(0.1)
        return found

    assert run(main) == ["ended"] * 3


def test_another_loop_has_its_own_timer() -> None:
    deadlines = Deadlines(0.05)
    assert [run(lambda: wait(deadlines, LONG)) for _ in range(3)] == ["ended"] * 3


def test_a_task_that_somebody_cancels_is_cancelled_and_not_late() -> None:
    deadlines = Deadlines(LONG)

    async def main() -> None:
        task = asyncio.create_task(wait(deadlines, LONG))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main)


def test_a_task_that_is_cancelled_as_its_time_ends_stays_cancelled() -> None:
    deadlines = Deadlines(0.05)

    async def main() -> None:
        async def both() -> None:
            limit = deadlines.limit()
            with limit:
                try:
                    await asyncio.sleep(LONG)
                except asyncio.CancelledError:
                    asyncio.current_task().cancel()  # type: ignore[union-attr]
                    raise

        task = asyncio.create_task(both())
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main)


def test_a_blocks_own_timeout_is_its_own() -> None:
    deadlines = Deadlines(LONG)

    async def main() -> None:
        limit = deadlines.limit()
        with pytest.raises(TimeoutError), limit:
            raise TimeoutError
        assert not limit.is_expired

    run(main)


def test_without_a_task_there_is_nothing_to_end() -> None:
    async def main() -> BaseException | None:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def callback() -> None:
            try:
                Deadlines(LONG).limit().__enter__()
            except RuntimeError as error:
                told.set_exception(error)

        asyncio.get_running_loop().call_soon(callback)
        await asyncio.wait([told], timeout=LONG)
        return told.exception()

    assert "task" in str(run(main))
