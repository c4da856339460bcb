"""A leg that plays for as long as it is told and remembers when; no more than that."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from voiceplat.calls.leg import CallEnded, Ended, Leg, Party, Quality
from voiceplat.core.errors import MediaError


@dataclass(frozen=True, slots=True)
class Played:
    name: str
    began: float
    ended: float
    answered: bool


class TinyLeg(Leg):
    def __init__(
        self,
        *,
        answered: bool = False,
        lengths: Mapping[str, float] | None = None,
        hangs_up_at: float | None = None,
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self.played: list[Played] = []
        self.answered_at: float | None = 0.0 if answered else None
        self.early_media_at: float | None = None
        self._lengths = lengths or {}
        self._broken = broken
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ended] = self._loop.create_future()
        if hangs_up_at is not None:
            self._loop.call_at(hangs_up_at, self.end, Party.FAR)

    def end(self, by: Party) -> None:
        if not self._ended.done():
            self._ended.set_result(Ended(by, 200 if self.answered else 487))

    @property
    @override
    def ended(self) -> Ended | None:
        return self._ended.result() if self._ended.done() else None

    @property
    @override
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    @override
    def has_media(self) -> bool:
        return self.answered or self.early_media_at is not None

    @override
    async def ring(self) -> None:
        self._refuse_when_over()

    @override
    async def open_early_media(self) -> None:
        self._refuse_when_over()
        self.early_media_at = self._loop.time()

    @override
    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        self._refuse_when_over()
        if not self.answered:
            self.answered_at = self._loop.time()

    @override
    async def hang_up(self, sip_status: int = 0) -> None:
        self.end(Party.US)

    @override
    async def until_ringing(self) -> None:
        self._refuse_when_over()

    @override
    async def until_answered(self) -> None:
        self._refuse_when_over()

    @override
    async def until_ended(self) -> Ended:
        return await asyncio.shield(self._ended)

    @override
    async def play(self, audio: Path) -> None:
        self._refuse_when_over()
        if audio.name in self._broken or not self.has_media:
            raise MediaError(f"{audio.name} cannot be played")
        began = self._loop.time()
        try:
            async with asyncio.timeout(self._lengths.get(audio.name, 1.0)):
                raise CallEnded(await self.until_ended())
        except TimeoutError:
            return
        finally:
            now = self._loop.time()
            self.played.append(Played(audio.name, began, now, self.answered))

    @override
    async def next_digit(self) -> str:
        raise CallEnded(await self.until_ended())

    @override
    async def send_digits(self, digits: str, *, tone_ms: int = 160) -> None:
        self._refuse_when_over()

    @override
    async def record(self, to: Path) -> None:
        raise CallEnded(await self.until_ended())

    @override
    def quality(self) -> Quality:
        return Quality()

    def _refuse_when_over(self) -> None:
        if self.ended:
            raise CallEnded(self.ended)
