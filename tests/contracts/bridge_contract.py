"""What bridged legs do: who hears whom, and how it ends.

A test module that imports `BridgeContract` gives it the fixtures of `LegContract`. The
legs of all pairs that a maker makes must be ones that can be bridged with each other.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.contracts.leg_contract import TONE_S, LegPair, MakePair
from voiceplat.calls.leg import CallEnded, Sound
from voiceplat.core.errors import Conflict
from voiceplat.telephony.listen import tones, write_tone

SOON_S = 0.3
"""What joining and parting may take."""


@asynccontextmanager
async def talking(*makers: MakePair) -> AsyncIterator[list[LegPair]]:
    """Answered legs, in the order of their makers."""
    async with AsyncExitStack() as stack:
        pairs = []
        for make in makers:
            pair = await stack.enter_async_context(make())
            await pair.leg.answer()
            pairs.append(pair)
        yield pairs
        for pair in pairs:
            await pair.leg.hang_up()


def pitches(heard: list[tuple[int, float]]) -> set[int]:
    return {hz for hz, _ in heard}


class BridgeContract:
    @pytest.fixture
    def other_tone(self, tmp_path: Path) -> Path:
        return write_tone(tmp_path / "800.wav", 800, TONE_S)

    @pytest.fixture
    def partner(self, inbound: MakePair) -> MakePair:
        """What a leg is bridged with; another kind of leg perhaps."""
        return inbound

    async def test_each_far_end_hears_exactly_the_other(
        self, inbound: MakePair, partner: MakePair, tone: Path, other_tone: Path
    ) -> None:
        async with talking(inbound, partner) as (one, two):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await asyncio.sleep(SOON_S)

            await asyncio.gather(one.far.talk(tone), two.far.talk(other_tone))

            await asyncio.sleep(SOON_S)
            await over(bridging)
            await two.leg.hang_up()
            await one.leg.hang_up()
            assert pitches(await one.far.heard()) == {800}
            assert pitches(await two.far.heard()) == {440}
            assert seconds(await one.far.heard()) > TONE_S / 2
            assert seconds(await two.far.heard()) > TONE_S / 2

    async def test_cancelling_a_bridge_parts_both(
        self, inbound: MakePair, partner: MakePair, tmp_path: Path
    ) -> None:
        length_s = TONE_S * 3
        (tmp_path / "long").mkdir()
        low, high = (
            write_tone(tmp_path / "long" / f"{hz}.wav", hz, length_s)
            for hz in (440, 800)
        )
        async with talking(inbound, partner) as (one, two):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await asyncio.sleep(SOON_S)
            saying = asyncio.gather(one.far.talk(low), two.far.talk(high))
            await asyncio.sleep(TONE_S / 2)

            await over(bridging)

            await saying
            await one.leg.hang_up()
            await two.leg.hang_up()
            assert 0 < seconds(await one.far.heard()) < length_s - TONE_S
            assert 0 < seconds(await two.far.heard()) < length_s - TONE_S

    async def test_a_bridge_returns_when_the_other_far_end_hangs_up(
        self, inbound: MakePair, partner: MakePair
    ) -> None:
        async with talking(inbound, partner) as (one, two):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await asyncio.sleep(SOON_S)

            await two.far.hang_up()

            await bridging
            assert one.leg.ended is None

    async def test_a_bridge_raises_when_its_own_far_end_hangs_up(
        self, inbound: MakePair, partner: MakePair
    ) -> None:
        async with talking(inbound, partner) as (one, two):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await asyncio.sleep(SOON_S)

            await one.far.hang_up()

            with pytest.raises(CallEnded):
                await bridging
            assert two.leg.ended is None

    async def test_bridging_with_a_leg_that_has_ended_returns_at_once(
        self, inbound: MakePair, partner: MakePair
    ) -> None:
        async with talking(inbound, partner) as (one, two):
            await two.leg.hang_up()

            await one.leg.bridge(two.leg)

            with pytest.raises(CallEnded):
                await two.leg.bridge(one.leg)

    async def test_a_leg_talks_with_one_other_at_a_time_and_then_with_a_third(
        self, inbound: MakePair, partner: MakePair, tone: Path
    ) -> None:
        async with talking(inbound, partner, partner) as (one, two, three):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await asyncio.sleep(SOON_S)
            with pytest.raises(Conflict):
                await one.leg.bridge(three.leg)
            with pytest.raises(Conflict):
                await three.leg.bridge(two.leg)

            await over(bridging)
            bridging = asyncio.create_task(three.leg.bridge(one.leg))
            await asyncio.sleep(SOON_S)
            await one.far.talk(tone)

            await asyncio.sleep(SOON_S)
            await over(bridging)
            for pair in (one, two, three):
                await pair.leg.hang_up()
            assert pitches(await three.far.heard()) == {440}
            assert pitches(await two.far.heard()) == set()

    async def test_early_media_is_heard_before_the_answer(
        self, inbound: MakePair, outbound: MakePair, other_tone: Path
    ) -> None:
        async with talking(inbound) as (one,), outbound() as two:
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            await two.far.open_early_media()
            await two.leg.until_media()
            await asyncio.sleep(SOON_S)

            await two.far.talk(other_tone)

            assert not two.leg.answered
            await asyncio.sleep(SOON_S)
            await over(bridging)
            await two.leg.hang_up()
            await one.leg.hang_up()
            assert pitches(await one.far.heard()) == {800}

    async def test_a_bridged_leg_is_still_recorded_and_played_to(
        self,
        inbound: MakePair,
        partner: MakePair,
        tone: Path,
        other_tone: Path,
        tmp_path: Path,
    ) -> None:
        async with talking(inbound, partner) as (one, two):
            bridging = asyncio.create_task(one.leg.bridge(two.leg))
            recording = asyncio.create_task(
                one.leg.record({tmp_path / "r.wav": Sound.SAID})
            )
            await asyncio.sleep(SOON_S)

            await one.leg.play(tone)
            await one.far.talk(other_tone)

            await asyncio.sleep(SOON_S)
            await over(bridging)
            await over(recording)
            await one.leg.hang_up()
            await two.leg.hang_up()
            assert await one.far.tone_seconds() > TONE_S / 2
            assert pitches(await two.far.heard()) == {800}
            self.check_recording(tmp_path / "r.wav")

    def check_recording(self, recording: Path) -> None:
        assert {round(tone.hz, -1) for tone in tones(recording)} == {800}


def seconds(heard: list[tuple[int, float]]) -> float:
    return sum(length for _, length in heard)


async def over(task: asyncio.Task[None]) -> None:
    """Cancel it and wait until it has stopped."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
