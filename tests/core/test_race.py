"""The first thing that happens decides; the rest is cancelled."""

import asyncio

import pytest

from voiceplat.core.race import first_of


async def _after(seconds: float, result: str, log: list[str]) -> str:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        log.append(f"{result} cancelled")
        raise
    return result


async def test_the_first_to_finish_wins_and_the_others_are_cancelled() -> None:
    log: list[str] = []

    won = await first_of(_after(5, "slow", log), _after(1, "fast", log))

    assert won == "fast"
    assert log == ["slow cancelled"]


async def test_of_two_at_once_the_one_named_first_wins() -> None:
    log: list[str] = []

    won = await first_of(_after(1, "a", log), _after(1, "b", log))

    assert won == "a"


async def test_an_error_ends_the_race() -> None:
    async def fails() -> str:
        raise ValueError("broken")

    log: list[str] = []

    with pytest.raises(ValueError, match="broken"):
        await first_of(_after(1, "a", log), fails())

    assert log == ["a cancelled"]


async def test_cancelling_the_race_cancels_every_way() -> None:
    log: list[str] = []
    race = asyncio.create_task(first_of(_after(9, "a", log), _after(9, "b", log)))
    await asyncio.sleep(1)

    race.cancel()

    with pytest.raises(asyncio.CancelledError):
        await race
    assert sorted(log) == ["a cancelled", "b cancelled"]
