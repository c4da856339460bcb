"""A leg whose far end follows a script, on the loop's time, and which remembers all.

    leg = FakeLeg(presses=[(1, "4"), (9, "2")], lengths={"menu.wav": 8}, hangs_up_at=60)

Times are seconds after the leg was made. A file that is not in `lengths` plays for as
long as it says itself if it exists, else for one second. `says` has 16-bit samples at
8 kHz, by the time when they begin. `far` is the other end.
"""

import asyncio
import wave
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from typing_extensions import override

from tests.fakes.far_end import FRAME_S, Bridged, FarEnd, Played, Recorded
from tests.fakes.silence import RATE_HZ, write_silence
from voiceplat.calls.leg import (
    CallEnded,
    Ended,
    KeysBy,
    KeyWatch,
    Leg,
    Party,
    Quality,
    Referral,
    Sound,
    no_watch,
)
from voiceplat.core.errors import Conflict, MediaError

FRAME_BYTES = 320
GAP_S = 0.08
WRITTEN_EVERY_S = 0.5
PAUSES_S = {"w": 0.5, "W": 1.0}
DIGITS = frozenset("0123456789*#ABCDabcd")


class FakeLeg(Leg):
    """Outbound with `rings_at` or `answers_at`; inbound (and unanswered) without."""

    sent_by = KeysBy.ANY
    """How the latest keys were to be sent."""

    def __init__(  # noqa: PLR0913 - each is a line of the script
        self,
        *,
        answered: bool = False,
        presses: Iterable[tuple[float, str]] = (),
        lengths: Mapping[str, float] | None = None,
        broken: Collection[str] = (),
        rings_at: float | None = None,
        answers_at: float | None = None,
        refuses_at: tuple[float, int] | None = None,
        hangs_up_at: float | None = None,
        says: Iterable[tuple[float, bytes]] = (),
    ) -> None:
        self.played: list[Played] = []
        self.sent: list[tuple[float, str]] = []
        """When which key was sent to the far end."""
        self.recorded: list[Recorded] = []
        self.bridged: list[Bridged] = []
        self.hushes: list[tuple[float, float]] = []
        """When all else was not heard."""
        self.said: list[Played] = []
        """What the far end said by a test's hand."""
        self.talks: list[Bridged] = []
        """With whom it talked, whichever of the two was told to bridge."""
        self.responses: list[int] = []
        """SIP statuses that we sent to an inbound INVITE."""
        self.referral_reports: list[tuple[str, int]] = []
        """What the far end was told of what it asked for, by Refer-To."""
        self.answer_headers: dict[str, str] = {}
        self.answered_at: float | None = None
        self.early_media_at: float | None = None
        self.ended_at: float | None = None
        self.far = FarEnd(self)
        self._loop = asyncio.get_running_loop()
        self._made_at = self._loop.time()
        self._lengths = lengths or {}
        self._broken = broken
        self._how: Ended | None = None
        self._changed = asyncio.Event()
        self._rang = False
        self._digits: deque[str] = deque()
        self._watch: KeyWatch = no_watch
        self._says = list(says)
        self._bridged_now = False
        self._referrals: deque[Referral] = deque()
        self._listening = 0
        self._sends = asyncio.Lock()
        if answered:
            self.take_answer()
        self._plan(presses, rings_at, answers_at, refuses_at, hangs_up_at)

    def _plan(
        self,
        presses: Iterable[tuple[float, str]],
        rings_at: float | None,
        answers_at: float | None,
        refuses_at: tuple[float, int] | None,
        hangs_up_at: float | None,
    ) -> None:
        plan: list[tuple[float | None, Callable[[], None]]] = [
            (rings_at, self.far.ring),
            (answers_at, self.far.answer),
            (hangs_up_at, self.far.hang_up),
        ]
        plan += [(at, partial(self.far.press, key)) for at, key in presses]
        if refuses_at is not None:
            at, status = refuses_at
            plan.append((at, partial(self.far.refuse, status)))
        for at_s, deed in plan:
            if at_s is not None:
                self._loop.call_later(at_s, deed)

    @property
    @override
    def ended(self) -> Ended | None:
        return self._how

    @property
    @override
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    @override
    def has_media(self) -> bool:
        open_ = self.answered or self.early_media_at is not None
        return open_ and self._how is None

    @override
    def claim(self) -> None:
        """There is no other worker."""

    @override
    async def ring(self) -> None:
        self._live()
        if not (self.responses or self.has_media):
            self.responses.append(180)

    @override
    async def open_early_media(self) -> None:
        self._live()
        if not self.has_media:
            self.responses.append(183)
            self.early_media_at = self._loop.time()
            self._wake()

    @override
    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        self._live()
        if not self.answered:
            self.responses.append(200)
            self.answer_headers = dict(headers or {})
            self.take_answer()

    @override
    async def hang_up(self, sip_status: int = 0) -> None:
        status = sip_status or 487
        self.end(Ended(Party.US, 200 if self.answered else status))

    @override
    async def until_ringing(self) -> None:
        await self._until(lambda: self._rang or self.answered)

    @override
    async def until_media(self) -> None:
        await self._until(lambda: self.has_media)

    @override
    async def until_answered(self) -> None:
        await self._until(lambda: self.answered)

    @override
    async def until_ended(self) -> Ended:
        while self._how is None:
            await self._change()
        return self._how

    @override
    async def play(self, audio: Path) -> None:
        self._need_media()
        if audio.name in self._broken:
            raise MediaError(f"{audio.name} cannot be played")
        began, answered = self._loop.time(), self.answered
        try:
            await self._pass(self._length(audio))
        finally:
            end = self._loop.time()
            self.played.append(Played(audio.name, began, end, answered))

    @override
    async def next_digit(self) -> str:
        await self._until(lambda: bool(self._digits))
        return self._digits.popleft()

    @override
    async def send_digits(
        self, digits: str, *, tone_ms: int = 160, by: KeysBy = KeysBy.ANY
    ) -> None:
        if wrong := set(digits) - DIGITS - set(PAUSES_S):
            raise ValueError(f"not digits: {sorted(wrong)}")
        self._need_media()
        self.sent_by = by
        async with self._sends:
            for digit in digits:
                self._need_media()
                if digit not in PAUSES_S:
                    self.sent.append((self._loop.time(), digit))
                    self._watch(digit, Party.US)
                await self._pass(PAUSES_S.get(digit, tone_ms / 1000 + GAP_S))

    @override
    async def record(self, tracks: Mapping[Path, Sound]) -> None:
        self._need_media()
        began = self._loop.time()
        try:
            while True:
                await self._pass(WRITTEN_EVERY_S)
                self._write(tracks, began)
        finally:
            self._write(tracks, began)
            self.recorded.append(Recorded(tracks, began, self._loop.time()))

    def _write(self, tracks: Mapping[Path, Sound], began: float) -> None:
        for to in tracks:
            write_silence(to, self._loop.time() - began)

    @override
    async def listen(self, hear: Callable[[bytes], None]) -> None:
        self._need_media()
        while True:
            await self._pass(FRAME_S)
            hear(self._frame(self._loop.time() - FRAME_S))

    @override
    async def bridge(self, other: Leg) -> None:
        self._live()
        began = self._loop.time()
        over = asyncio.create_task(other.until_ended())
        over.add_done_callback(lambda _: self._wake())
        try:
            with self._talking(other):
                await self._until(over.done)
        finally:
            over.cancel()
            self.bridged.append(Bridged(other, began, self._loop.time()))

    @contextmanager
    def _talking(self, other: Leg) -> Iterator[None]:
        both = [leg for leg in (self, other) if isinstance(leg, FakeLeg)]
        if any(leg._bridged_now for leg in both):
            raise Conflict("the leg is bridged already")
        for leg in both:
            leg._bridged_now = True
        began = self._loop.time()
        try:
            yield
        finally:
            for leg, its_other in zip(both, reversed(both), strict=True):
                leg._bridged_now = False
                leg.talks.append(Bridged(its_other, began, self._loop.time()))

    @override
    @contextmanager
    def hushed(self, *, hush: bool = True) -> Iterator[None]:
        began = self._loop.time()
        try:
            yield
        finally:
            if hush:
                self.hushes.append((began, self._loop.time()))

    @override
    async def next_referral(self) -> Referral:
        self._listening += 1
        try:
            await self._until(lambda: bool(self._referrals))
            return self._referrals.popleft()
        finally:
            self._listening -= 1

    @override
    def report_referral(self, referral: Referral, sip_status: int) -> None:
        self.referral_reports.append((referral.to, sip_status))

    def take_referral(self, to: str) -> None:
        if self._listening:
            self._referrals.append(Referral(to))
            self._wake()
        else:
            self.referral_reports.append((to, 603))

    @override
    def watch_keys(self, watch: KeyWatch) -> None:
        self._watch = watch

    @override
    def forget_digits(self) -> None:
        self._digits.clear()

    @override
    def quality(self) -> Quality:
        return Quality()

    def end(self, how: Ended | Party) -> None:
        """The end of the leg; the first one counts."""
        if self._how is not None:
            return
        if isinstance(how, Party):
            how = Ended(how, 200 if self.answered else 487)
        self._how = how
        self.ended_at = self._loop.time()
        self._wake()

    def take_answer(self) -> None:
        if self._how is None and self.answered_at is None:
            self.answered_at = self._loop.time()
            self._wake()

    def take_ringing(self) -> None:
        self._rang = True
        self._wake()

    def take_early_media(self) -> None:
        self._rang = True
        self.early_media_at = self._loop.time()
        self._wake()

    async def let_say(self, audio: Path) -> None:
        began, answered = self._loop.time(), self.answered
        try:
            await self._pass(self._length(audio))
        finally:
            said = Played(audio.name, began, self._loop.time(), answered)
            self.said.append(said)

    def take_digit(self, key: str) -> None:
        self._digits.append(key)
        self._watch(key, Party.FAR)
        self._wake()

    def take_speech(self, pcm: bytes) -> None:
        self._says.append((self._loop.time() - self._made_at, pcm))

    def _frame(self, at_s: float) -> bytes:
        """What the far end says in the 20 ms from then."""
        said = bytes(FRAME_BYTES)
        for begins, pcm in self._says:
            start = round((at_s - self._made_at - begins) * RATE_HZ) * 2
            if 0 <= start < len(pcm):
                said = pcm[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        return said

    def _length(self, audio: Path) -> float:
        if audio.name in self._lengths:
            return self._lengths[audio.name]
        if not audio.exists():
            return 1.0
        with wave.open(str(audio), "rb") as file:
            return file.getnframes() / file.getframerate()

    def _live(self) -> None:
        if self._how is not None:
            raise CallEnded(self._how)

    def _need_media(self) -> None:
        self._live()
        if not self.has_media:
            raise MediaError("there is no media yet")

    async def _until(self, met: Callable[[], bool]) -> None:
        self._live()
        while not met():
            await self._change()
            self._live()

    async def _pass(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._until(lambda: False)
        except TimeoutError:
            return

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
