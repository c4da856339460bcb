"""What every leg hears; it needs the fixtures of `leg_contract`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.contracts.leg_contract import MakePair
from voiceplat.core.errors import MediaError

SETTLED_S = 0.3
"""A key that was pressed is there, and another one of its kind is a new key."""
FRAME_BYTES = 320
TONE_RMS = 3000
"""`440.wav` is louder, and G.711's silence is not."""
HEARD_WITHIN_S = 10


class Heard:
    """What somebody who listens to a leg hears."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self._came = asyncio.Event()

    def hear(self, frame: bytes) -> None:
        self.frames.append(frame)
        self._came.set()

    @property
    def tones(self) -> int:
        """Frames that hold 20 ms of `440.wav`."""
        return sum(_is_tone(np.frombuffer(frame, "<i2")) for frame in self.frames)

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not met():
                self._came.clear()
                await self._came.wait()


def _is_tone(frame: npt.NDArray[np.int16]) -> bool:
    """Eight or nine periods, and as loud."""
    crossings = np.count_nonzero(np.diff(np.signbit(frame)))
    loud = np.sqrt(np.mean(frame.astype(np.float64) ** 2)) > TONE_RMS
    return bool(loud and 16 <= crossings <= 19)


class HearingContract:
    """The sentences on keys and on listening."""

    async def test_digits_of_two_tasks_do_not_mix(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            await pair.leg.answer()

            await asyncio.gather(
                pair.leg.send_digits("123", tone_ms=60),
                pair.leg.send_digits("789", tone_ms=60),
            )

            assert await pair.far.digits(6) == "123789"

    async def test_keys_that_were_not_taken_can_be_forgotten(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            await pair.far.press("12")
            assert await pair.leg.next_digit() == "1"
            await asyncio.sleep(SETTLED_S)

            pair.leg.forget_digits()

            await pair.far.press("3")
            assert await pair.leg.next_digit() == "3"

    async def test_what_the_far_end_says_is_heard_in_frames(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            heard = Heard()
            listening = asyncio.create_task(pair.leg.listen(heard.hear))

            await pair.far.say(tone)
            await heard.until(lambda: heard.tones >= 45)

            listening.cancel()
            await asyncio.wait([listening])
            assert {len(frame) for frame in heard.frames} == {FRAME_BYTES}

    async def test_a_silent_far_end_is_heard_as_silence(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            heard = Heard()
            listening = asyncio.create_task(pair.leg.listen(heard.hear))

            await heard.until(lambda: len(heard.frames) >= 10)

            listening.cancel()
            await asyncio.wait([listening])
            assert {len(frame) for frame in heard.frames} == {FRAME_BYTES}
            assert heard.tones == 0

    async def test_cancelling_listen_stops_it_at_once(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            heard = Heard()
            listening = asyncio.create_task(pair.leg.listen(heard.hear))
            await heard.until(lambda: len(heard.frames) > 3)

            listening.cancel()

            await asyncio.wait([listening])
            so_far = len(heard.frames)
            await asyncio.sleep(0.2)
            assert len(heard.frames) == so_far

    async def test_two_can_listen_at_once(self, inbound: MakePair, tone: Path) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            one = Heard()
            other = Heard()
            listening = [
                asyncio.create_task(pair.leg.listen(heard.hear))
                for heard in (one, other)
            ]

            await pair.far.say(tone)
            await one.until(lambda: one.tones >= 40)
            await other.until(lambda: other.tones >= 40)

            for task in listening:
                task.cancel()
            await asyncio.wait(listening)

    async def test_a_leg_without_media_cannot_be_listened_to(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            with pytest.raises(MediaError):
                await pair.leg.listen(lambda _: None)
