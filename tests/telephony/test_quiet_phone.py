"""A phone without calls sleeps, and is there when one comes."""

import asyncio
from pathlib import Path

import pytest

from voiceplat.calls.leg import Destination
from voiceplat.telephony import pj_clock
from voiceplat.telephony.listen import tones
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone

pytestmark = pytest.mark.sip

THREADS = Path("/proc/self/task")
WAKES_MAX = 40
"""In a second, by everything in this process; the library's own thread and its clock
would be woken 150 times."""


def clocks() -> int:
    return sum(
        (thread / "comm").read_text() == "clock\n" for thread in THREADS.iterdir()
    )


def wakes() -> int:
    """How often any thread of this process has waited for something so far."""
    return sum(
        int(line.split()[1])
        for thread in THREADS.iterdir()
        for line in (thread / "status").read_text().splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


async def heard_by_a_caller(
    phone: PjPhone, caller: Softphone, tone: Path
) -> list[float]:
    call = await caller.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()
    await leg.answer()
    await leg.play(tone)
    await leg.hang_up()
    await call.until_ended()
    return [heard.hz for heard in tones(call.heard)]


async def until_it_stands_still() -> None:
    async with asyncio.timeout(10):
        while clocks():  # noqa: ASYNC110 - a thread of the library ends unannounced
            await asyncio.sleep(0.05)


async def test_a_phone_without_calls_is_hardly_woken(phone: PjPhone) -> None:
    before = wakes()

    await asyncio.sleep(1)

    assert clocks() == 0
    assert wakes() - before < WAKES_MAX


async def test_the_clock_runs_for_calls_and_stands_still_after_them(
    phone: PjPhone, far_phone: Softphone, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pj_clock, "IDLE_S", 0.4)

    first = await heard_by_a_caller(phone, far_phone, tone)
    assert clocks() == 1
    await until_it_stands_still()
    second = await heard_by_a_caller(phone, far_phone, tone)

    assert first == pytest.approx([440], abs=3)
    assert second == pytest.approx([440], abs=3)


async def test_a_call_that_says_nothing_for_long_keeps_the_clock(
    phone: PjPhone, far_phone: Softphone, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pj_clock, "IDLE_S", 0.2)
    leg = await phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))
    call = await far_phone.next_call()
    await call.answer()
    await leg.until_answered()

    await asyncio.sleep(1)

    assert clocks() == 1
    await leg.play(tone)
    await leg.hang_up()
    await call.until_ended()
    (heard,) = tones(call.heard)
    assert heard.hz == pytest.approx(440, abs=3)
