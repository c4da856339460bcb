"""A room that a test has in its hand: what happens in it is said by the test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from typing_extensions import override

from voiceplat.calls.call import Hook
from voiceplat.calls.conference import (
    Badge,
    Conferences,
    Happening,
    Left,
    MemberRules,
    Membership,
    Why,
)
from voiceplat.calls.recording import RecordingOrder
from voiceplat.calls.sounds import RoomSound
from voiceplat.core.errors import VoiceplatError


class FakeMembership(Membership):
    def __init__(self, room: str, rules: MemberRules) -> None:
        self.rules = rules
        self.pressed: list[str] = []
        self.announced: list[tuple[RoomSound, ...]] = []
        self.farewell: tuple[RoomSound, ...] = ()
        self.orders: list[RecordingOrder] = []
        self.recorded_when_alone: bool | None = None
        self.left: Left | None = None
        self._badge = Badge(room, "conference", 1, first=True)
        self._happenings: asyncio.Queue[Happening] = asyncio.Queue()

    @property
    @override
    def badge(self) -> Badge:
        return self._badge

    @override
    async def next(self) -> Happening:
        return await self._happenings.get()

    @override
    def press(self, key: str) -> None:
        self.pressed.append(key)

    @override
    def announce(self, sounds: Sequence[RoomSound]) -> None:
        self.announced.append(tuple(sounds))

    @override
    def announce_leaving(self, sounds: Sequence[RoomSound]) -> None:
        self.farewell = tuple(sounds)

    @override
    def record(self, order: RecordingOrder, *, when_alone: bool) -> None:
        self.orders.append(order)
        self.recorded_when_alone = when_alone

    @override
    async def leave(self) -> Left:
        self.left = self.left or Left(Why.LEFT, last=True)
        return self.left

    def happens(self, what: Happening) -> None:
        if isinstance(what, Left):
            self.left = what
        self._happenings.put_nowait(what)


class FakeConferences(Conferences):
    """`later` is what happens in the room, by seconds after the entering."""

    def __init__(
        self,
        later: Sequence[tuple[float, Happening]] = (),
        *,
        refusal: VoiceplatError | None = None,
    ) -> None:
        self.entered: list[FakeMembership] = []
        self.mixer_would_tell: tuple[Hook | None, Mapping[str, str]] = (None, {})
        self._later = later
        self._refusal = refusal

    @override
    @asynccontextmanager
    async def enter(
        self,
        room: str,
        rules: MemberRules,
        *,
        events: Hook | None,
        about: Mapping[str, str],
        left: Callable[[Badge, Left], None],
    ) -> AsyncIterator[Membership]:
        if self._refusal:
            raise self._refusal
        membership = FakeMembership(room, rules)
        self.entered.append(membership)
        self.mixer_would_tell = (events, about)
        loop = asyncio.get_running_loop()
        for at_s, what in self._later:
            loop.call_later(at_s, membership.happens, what)
        try:
            yield membership
        finally:
            left(membership.badge, await membership.leave())
