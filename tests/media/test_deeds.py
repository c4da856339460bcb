"""What runs beside a call's elements, and is gone with the call."""

import asyncio

import pytest

from voiceplat.calls.leg import CallEnded, Ended, Party
from voiceplat.core.errors import MediaError
from voiceplat.media.deeds import Deeds


async def after(seconds: float, done: list[str], name: str) -> None:
    await asyncio.sleep(seconds)
    done.append(name)


async def test_deeds_run_side_by_side_and_can_be_waited_for() -> None:
    done: list[str] = []

    async with Deeds() as deeds:
        deeds.start(after(2, done, "slow"))
        deeds.start(after(1, done, "quick"))
        await deeds.until_quiet()

    assert done == ["quick", "slow"]
    assert asyncio.get_running_loop().time() == 2


async def test_leaving_cancels_what_is_not_done() -> None:
    done: list[str] = []

    async with Deeds() as deeds:
        deeds.start(after(1, done, "quick"))
        deeds.start(after(3, done, "slow"))
        await asyncio.sleep(2)

    assert done == ["quick"]
    assert asyncio.get_running_loop().time() == 2


@pytest.mark.parametrize(
    "error",
    [CallEnded(Ended(Party.FAR, 200)), MediaError("no media"), ValueError("a bug")],
)
async def test_one_that_fails_disturbs_nobody(error: Exception) -> None:
    done: list[str] = []

    async def fail() -> None:
        raise error

    async with Deeds() as deeds:
        deeds.start(fail())
        deeds.start(after(1, done, "other"))
        await deeds.until_quiet()

    assert done == ["other"]
