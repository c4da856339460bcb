"""Work that many want is done once."""

import asyncio

import pytest

from voiceplat.speech_service.sharing import SharedWork


async def slow_count(done: list[str]) -> int:
    await asyncio.sleep(1)
    done.append("once")
    return len(done)


async def test_those_who_ask_while_it_runs_share_the_result() -> None:
    work, done = SharedWork[int](), list[str]()

    results = await asyncio.gather(
        *(work.get("key", lambda: slow_count(done)) for _ in range(5))
    )

    assert results == [1] * 5


async def test_those_who_ask_later_have_it_done_again() -> None:
    work, done = SharedWork[int](), list[str]()

    first = await work.get("key", lambda: slow_count(done))
    second = await work.get("key", lambda: slow_count(done))

    assert (first, second) == (1, 2)


async def test_other_keys_are_other_work() -> None:
    work, done = SharedWork[int](), list[str]()

    await asyncio.gather(
        work.get("one", lambda: slow_count(done)),
        work.get("two", lambda: slow_count(done)),
    )

    assert len(done) == 2


async def test_one_who_gives_up_takes_it_from_nobody() -> None:
    work, done = SharedWork[int](), list[str]()
    hasty = asyncio.create_task(work.get("key", lambda: slow_count(done)))
    patient = asyncio.create_task(work.get("key", lambda: slow_count(done)))
    await asyncio.sleep(0.5)

    hasty.cancel()

    assert await patient == 1


async def test_all_hear_of_a_failure_and_the_next_one_tries_again() -> None:
    work = SharedWork[int]()

    async def fail() -> int:
        await asyncio.sleep(1)
        raise ValueError("no")

    async def succeed() -> int:
        return 7

    failures = await asyncio.gather(
        work.get("key", fail), work.get("key", fail), return_exceptions=True
    )

    assert [str(failure) for failure in failures] == ["no", "no"]
    assert await work.get("key", succeed) == 7


async def test_a_failure_that_nobody_waited_for_is_not_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = SharedWork[int]()

    async def fail() -> int:
        await asyncio.sleep(1)
        raise ValueError("no")

    asked = asyncio.create_task(work.get("key", fail))
    await asyncio.sleep(0.5)
    asked.cancel()
    await asyncio.sleep(1)

    assert caplog.records == []
