"""A room of tones against a small model: everybody hears what he should, no more."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from typing_extensions import override

from tests.mixer.phones import (
    HOST,
    PATIENCE_S,
    Phone,
    pass_a_tick,
    tone,
    tones_in,
    voice,
    write_wav,
)
from voiceplat.mixer.mix import Mix

MUSIC_HZ = (3000, 3100, 3200)
"""Of what is played; nobody's voice."""


class Room(RuleBasedStateMachine):
    """Members by their numbers; what the room should be, and what it is."""

    size: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.mix = Mix(host=HOST)
        self.recorded = [b""]
        self.mix.record(self.recorded.append)
        self.phones: dict[int, Phone] = {}
        self.speaks: dict[int, bool] = {}
        self.hears: dict[int, bool] = {}
        self.sounds: dict[int, set[int] | None] = {}
        self.playing: dict[int, asyncio.Task[None]] = {}
        self.folder = TemporaryDirectory(prefix="room-")
        for hz in MUSIC_HZ:
            write_wav(Path(self.folder.name, f"{hz}.wav"), tone(hz))

    @initialize()
    def everybody_joins(self) -> None:
        for member in range(self.size):
            self._join(member)
        self._tick()

    @rule(data=st.data())
    def somebody_is_allowed_this_and_forbidden_that(self, data: st.DataObject) -> None:
        for member in self._some(data):
            speaks, hears = data.draw(st.booleans()), data.draw(st.booleans())
            self.mix.allow(member, speaks=speaks, hears=hears)
            self.speaks[member], self.hears[member] = speaks, hears
        self._tick()

    @precondition(lambda self: self.phones)
    @rule(data=st.data())
    def some_leave(self, data: st.DataObject) -> None:
        for member in self._some(data):
            self.mix.remove(member)
            self.phones.pop(member).socket.close()
        self._tick()

    @precondition(lambda self: len(self.phones) < self.size)
    @rule(data=st.data())
    def somebody_joins(self, data: st.DataObject) -> None:
        away = sorted(set(range(self.size)) - set(self.phones))
        self._join(data.draw(st.sampled_from(away)))
        self._tick()

    @precondition(lambda self: len(self.playing) < len(MUSIC_HZ))
    @rule(data=st.data(), to_all=st.booleans())
    def a_sound_begins(self, data: st.DataObject, to_all: bool) -> None:  # noqa: FBT001
        hz = next(it for it in MUSIC_HZ if it not in self.playing)
        self.sounds[hz] = to = None if to_all else set(self._some(data))
        audio = [Path(self.folder.name, f"{hz}.wav")]
        play = self.mix.play(audio, to=to, loop=True)
        self.playing[hz] = self.loop.create_task(play)
        self.loop.run_until_complete(self._begun(len(self.playing)))
        self._tick()

    @precondition(lambda self: self.playing)
    @rule(data=st.data())
    def a_sound_is_stopped(self, data: st.DataObject) -> None:
        hz = data.draw(st.sampled_from(sorted(self.playing)))
        del self.sounds[hz]
        self._stop(self.playing.pop(hz))
        self._tick()

    @override
    def teardown(self) -> None:
        for task in self.playing.values():
            self._stop(task)
        for phone in self.phones.values():
            phone.socket.close()
        self.mix._wires.close()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def _join(self, member: int) -> None:
        wide = member % 3 == 2
        self.phones[member] = Phone(self.mix, member, rate_hz=16000 if wide else 8000)
        self.speaks[member] = self.hears[member] = True

    def _some(self, data: st.DataObject) -> list[int]:
        here = sorted(self.phones)
        if not here:
            return []
        return data.draw(st.lists(st.sampled_from(here), unique=True, max_size=5))

    async def _begun(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.mix._desk._sounds) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def _stop(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        self.loop.run_until_complete(asyncio.wait([task]))

    def _tick(self) -> None:
        """The filter of 16 kHz is late by a part of a frame: the second one counts."""
        for _ in range(2):
            pass_a_tick(self.mix, self.phones.values())
        everywhere = {hz for hz, to in self.sounds.items() if to is None}
        talk = {voice(one) for one in self.phones if self.speaks[one]}
        for member, phone in self.phones.items():
            alone = {hz for hz, to in self.sounds.items() if to and member in to}
            room = (talk - {voice(member)}) | everywhere
            assert phone.tones == (room if self.hears[member] else set()) | alone
        assert tones_in(self.recorded[-1]) == talk | everywhere


class RoomOf3(Room):
    size = 3


class RoomOf10(Room):
    size = 10


class RoomOf50(Room):
    size = 50


_often = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_sometimes = settings(_often, max_examples=4)

RoomOf3.TestCase.settings = _often
RoomOf10.TestCase.settings = _often
RoomOf50.TestCase.settings = _sometimes
TestRoomOf3 = RoomOf3.TestCase
TestRoomOf10 = RoomOf10.TestCase
TestRoomOf50 = RoomOf50.TestCase
