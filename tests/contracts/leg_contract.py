"""What every leg does. A test module that imports `LegContract` gives it two fixtures.

`inbound` and `outbound` are makers of a leg together with its far end: unanswered, just
after the INVITE. The far end is whatever the implementation's tests have: a phone of
its own process, or a script. `440.wav` lasts a second; what the far end heard of it is
told in seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from voiceplat.calls.leg import CallEnded, Ended, Leg, Party, Sound
from voiceplat.core.errors import MediaError

TONE_S = 1.0
SLACK_S = 0.15
"""What a busy machine may add to a second."""


class Far(Protocol):
    async def ring(self) -> None: ...
    async def answer(self) -> None: ...
    async def refuse(self, sip_status: int) -> None: ...
    async def hang_up(self) -> None: ...
    async def press(self, keys: str) -> None: ...
    async def say(self, wav: Path) -> None:
        """Returns when it has been played, or at once when that needs no waiting."""
        ...

    async def digits(self, count: int) -> str: ...
    async def until_ended(self) -> Ended: ...
    async def open_early_media(self) -> None: ...
    async def talk(self, tone: Path) -> None:
        """Returns when it has said all of it."""
        ...

    async def heard(self) -> list[tuple[int, float]]:
        """Pitch, to 10 Hz, and seconds of each tone that it heard; asked at the end."""
        ...

    async def tone_seconds(self) -> float:
        """How much of `440.wav` it heard; asked after the end."""
        ...


@dataclass(frozen=True, slots=True)
class LegPair:
    leg: Leg
    far: Far


MakePair = Callable[[], AbstractAsyncContextManager[LegPair]]


class LegContract:
    """The sentences that a leg is held to."""

    heard_slack_s = 0.15
    """What a busy machine may add to a sound or take from it, on its way."""

    def about(self, heard_s: float) -> object:
        return pytest.approx(heard_s, abs=self.heard_slack_s)

    @pytest.fixture
    def tone(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    async def test_it_has_media_once_it_has_answered(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            assert not pair.leg.answered
            assert not pair.leg.has_media

            await pair.leg.answer()

            assert pair.leg.answered
            assert pair.leg.has_media

    async def test_it_answers_once_however_often_it_is_told(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await asyncio.gather(pair.leg.answer(), pair.leg.answer())

            await pair.leg.answer()

            assert pair.leg.answered

    async def test_ringing_an_answered_leg_does_nothing(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.ring()
            await pair.leg.answer()

            await pair.leg.ring()

            assert pair.leg.ended is None

    async def test_a_leg_we_dialled_is_not_rung(self, outbound: MakePair) -> None:
        async with outbound() as pair:
            await pair.far.answer()
            await pair.leg.until_answered()

            await pair.leg.ring()
            assert pair.leg.ended is None

    async def test_early_media_sounds_before_the_answer_and_goes_on_after_it(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.open_early_media()
            playing = asyncio.create_task(pair.leg.play(tone))
            await asyncio.sleep(TONE_S / 2)
            assert not pair.leg.answered

            await pair.leg.answer()
            await playing
            await pair.leg.hang_up()

            assert await pair.far.tone_seconds() == self.about(TONE_S)

    async def test_a_refused_inbound_leg_ends_by_us_with_that_status(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.hang_up(486)

            assert pair.leg.ended == await pair.leg.until_ended()
            assert (pair.leg.ended.by, pair.leg.ended.sip_status) == (Party.US, 486)
            assert (await pair.far.until_ended()).sip_status == 486

    async def test_an_outbound_leg_tells_that_it_rings_and_is_answered(
        self, outbound: MakePair
    ) -> None:
        async with outbound() as pair:
            await pair.far.ring()
            await pair.leg.until_ringing()
            assert not pair.leg.answered

            await pair.far.answer()
            await pair.leg.until_answered()

            assert pair.leg.answered
            assert pair.leg.has_media

    async def test_an_answer_without_ringing_counts_as_ringing(
        self, outbound: MakePair
    ) -> None:
        async with outbound() as pair:
            await pair.far.answer()

            await pair.leg.until_ringing()

    async def test_a_refusal_ends_the_leg_with_its_status(
        self, outbound: MakePair
    ) -> None:
        async with outbound() as pair:
            waiting = asyncio.create_task(pair.leg.until_answered())

            await pair.far.refuse(486)

            with pytest.raises(CallEnded) as caught:
                await waiting
            ended = caught.value.ended
            assert (ended.by, ended.sip_status) == (Party.FAR, 486)

    async def test_hanging_up_before_the_answer_cancels(
        self, outbound: MakePair
    ) -> None:
        async with outbound() as pair:
            await pair.far.ring()
            await pair.leg.until_ringing()

            await pair.leg.hang_up()

            assert pair.leg.ended is not None
            assert (pair.leg.ended.by, pair.leg.ended.sip_status) == (Party.US, 487)
            assert (await pair.far.until_ended()).by is Party.FAR

    async def test_play_returns_when_the_file_has_ended(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            began = asyncio.get_running_loop().time()

            await pair.leg.play(tone)

            took = asyncio.get_running_loop().time() - began
            assert took == pytest.approx(TONE_S, abs=SLACK_S)
            await pair.leg.hang_up()
            assert await pair.far.tone_seconds() == self.about(TONE_S)

    async def test_cancelling_play_stops_it_on_the_wire(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            playing = asyncio.create_task(pair.leg.play(tone))
            await asyncio.sleep(0.4)

            playing.cancel()

            with pytest.raises(asyncio.CancelledError):
                await playing
            await asyncio.sleep(0.5)
            await pair.leg.hang_up()
            assert await pair.far.tone_seconds() == self.about(0.4)

    async def test_a_leg_without_media_plays_nothing(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            with pytest.raises(MediaError):
                await pair.leg.play(tone)

    async def test_keys_come_in_order_and_survive_a_timeout(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(pair.leg.next_digit(), 0.1)

            await pair.far.press("4*#")

            keys = [await pair.leg.next_digit() for _ in range(3)]
            assert keys == ["4", "*", "#"]

    async def test_the_same_key_twice_is_two_keys(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            await pair.leg.answer()

            await pair.far.press("11")

            assert await pair.leg.next_digit() == "1"
            assert await pair.leg.next_digit() == "1"

    async def test_digits_sent_are_heard_and_their_pauses_kept(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            began = asyncio.get_running_loop().time()

            await pair.leg.send_digits("1w2#", tone_ms=100)

            took = asyncio.get_running_loop().time() - began
            assert took == pytest.approx(0.5 + 3 * 0.18, abs=SLACK_S)
            assert await pair.far.digits(3) == "12#"

    async def test_a_watch_is_told_of_keys_of_both_sides(
        self, inbound: MakePair
    ) -> None:
        seen: list[tuple[str, Party]] = []
        async with inbound() as pair:
            await pair.leg.answer()
            pair.leg.watch_keys(lambda key, by: seen.append((key, by)))

            await pair.leg.send_digits("7w8")
            await pair.far.press("4")
            assert await pair.leg.next_digit() == "4"

        assert seen == [("7", Party.US), ("8", Party.US), ("4", Party.FAR)]

    async def test_what_is_no_digit_is_refused(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            await pair.leg.answer()

            with pytest.raises(ValueError, match="digits"):
                await pair.leg.send_digits("1x")

    async def test_a_recording_is_as_long_as_it_was_let_run(
        self, inbound: MakePair, tmp_path: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            recording = asyncio.create_task(
                pair.leg.record({tmp_path / "r.wav": Sound.SAID})
            )
            await asyncio.sleep(0.5)

            recording.cancel()

            with suppress(asyncio.CancelledError):
                await recording
            size = (tmp_path / "r.wav").stat().st_size - 44
            assert size == pytest.approx(0.5 * 16000, abs=0.1 * 16000)

    async def test_when_the_far_end_hangs_up_all_that_waits_raises(
        self, inbound: MakePair, tone: Path, tmp_path: Path
    ) -> None:
        async with inbound() as pair:
            leg = pair.leg
            await leg.answer()
            waiting = [
                asyncio.create_task(operation)
                for operation in (
                    leg.play(tone),
                    leg.play(tone),
                    leg.next_digit(),
                    leg.next_digit(),
                    leg.record({tmp_path / "r.wav": Sound.SAID}),
                    leg.send_digits("1WWWW"),
                    leg.send_digits("2"),
                    leg.listen(lambda _: None),
                )
            ]
            await asyncio.sleep(0.2)

            await pair.far.hang_up()

            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [CallEnded] * 8
            assert (await leg.until_ended()).by is Party.FAR

    async def test_hanging_up_ourselves_ends_all_that_waits(
        self, inbound: MakePair, tone: Path
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()
            playing = asyncio.create_task(pair.leg.play(tone))
            pressing = asyncio.create_task(pair.leg.next_digit())
            await asyncio.sleep(0.1)

            await pair.leg.hang_up()

            outcomes = await asyncio.gather(playing, pressing, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [CallEnded] * 2
            ended = await pair.leg.until_ended()
            assert (ended.by, ended.sip_status) == (Party.US, 200)

    async def test_after_the_end_every_operation_raises(
        self, inbound: MakePair, tone: Path, tmp_path: Path
    ) -> None:
        async with inbound() as pair:
            leg = pair.leg
            await leg.answer()
            await pair.far.press("5")
            await asyncio.sleep(0.1)
            await pair.far.hang_up()
            await leg.until_ended()

            operations: Mapping[str, Callable[[], Awaitable[object]]] = {
                "ring": leg.ring,
                "open_early_media": leg.open_early_media,
                "answer": leg.answer,
                "until_ringing": leg.until_ringing,
                "until_media": leg.until_media,
                "until_answered": leg.until_answered,
                "play": lambda: leg.play(tone),
                "next_digit": leg.next_digit,
                "send_digits": lambda: leg.send_digits("1"),
                "record": lambda: leg.record({tmp_path / "r.wav": Sound.SAID}),
                "listen": lambda: leg.listen(lambda _: None),
            }
            for operation in operations.values():
                with pytest.raises(CallEnded):
                    await operation()
            assert leg.answered
            assert not leg.has_media

    async def test_hanging_up_twice_is_hanging_up_once(self, inbound: MakePair) -> None:
        async with inbound() as pair:
            await pair.leg.answer()

            await asyncio.gather(pair.leg.hang_up(), pair.leg.hang_up(486))
            await pair.leg.hang_up()

            assert (await pair.leg.until_ended()).sip_status == 200

    async def test_both_ends_hanging_up_at_once_is_one_end(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:
            await pair.leg.answer()

            await asyncio.gather(pair.far.hang_up(), pair.leg.hang_up())

            assert pair.leg.ended is not None
            assert await pair.leg.until_ended() == pair.leg.ended

    async def test_a_call_that_is_cancelled_while_we_answer_just_ends(
        self, inbound: MakePair
    ) -> None:
        async with inbound() as pair:

            async def answer() -> None:
                with suppress(CallEnded):
                    await pair.leg.answer()

            await asyncio.gather(pair.far.hang_up(), answer())

            assert (await pair.leg.until_ended()).by is Party.FAR
