"""What the far end of a leg hears and who hears it: all that is connected to its port.

A leg's port on the bridge is another one after each change of its media, and there may
be none for a while. So what belongs together is kept here, and connected again whenever
the leg says that its port may be new.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pjsua2 as pj

from voiceplat.calls.leg import Sound
from voiceplat.core.errors import Conflict
from voiceplat.telephony.pj_audio import Bridge, Listener, Player, is_blip

SPEAKER: ContextVar[object | None] = ContextVar("speaker", default=None)
"""For whom the task that runs plays, and those that it starts."""


class Playing(NamedTuple):
    over: asyncio.Event
    speaker: object | None


class LegAudio:
    def __init__(
        self, bridge: Bridge, port: Callable[[], pj.AudioMedia | None]
    ) -> None:
        self.over = asyncio.Event()
        self._bridge = bridge
        self.port = port
        """The port now; asked each time."""
        self._players: dict[Player, Playing] = {}
        self._floor: list[object] = []
        """Who asked to be heard alone; the last one is."""
        self._hearers: set[pj.AudioMedia] = set()
        """To whom the far end speaks."""
        self.witnesses: set[pj.AudioMedia] = set()
        """To whom all is played that the far end hears."""
        self.other: LegAudio | None = None
        """Whom it talks with; one at a time: more are a conference, and mixed there."""

    async def play(self, audio: Path) -> None:
        """Returns when the file has ended, or the leg has. Raises MediaError."""
        if is_blip(audio):
            return
        await self._bridge.room_for_a_player()
        if self.over.is_set():
            return
        over = asyncio.Event()
        player = self._bridge.player(audio, over.set)
        self._players[player] = Playing(over, SPEAKER.get())
        self._sound(player)
        try:
            await over.wait()
        finally:
            del self._players[player]
            self._bridge.retire(player)

    async def record(self, tracks: Mapping[Path, Sound]) -> None:
        """Returns when the leg has ended."""
        recorders = self._bridge.recorders(tracks)
        for recorder, sound in zip(recorders, tracks.values(), strict=True):
            if sound is not Sound.HEARD:
                self._hearers.add(recorder)
            if sound is not Sound.SAID:
                self.witnesses.add(recorder)
        self.connect()
        try:
            await self.over.wait()
        finally:
            self._hearers.difference_update(recorders)
            self.witnesses.difference_update(recorders)
            for player, recorder in product(self._players, recorders):
                player.forget(recorder)
            await self._bridge.finish(recorders)

    async def listen(self, hear: Callable[[bytes], None]) -> None:
        """Returns when the leg has ended."""
        listener = self._bridge.listener(hear)
        self.give_to(listener)
        try:
            await self.over.wait()
        finally:
            self.dismiss(listener)

    def give_to(self, hearer: pj.AudioMedia) -> None:
        self._hearers.add(hearer)
        self.connect()

    def dismiss(self, listener: Listener) -> None:
        self._hearers.discard(listener)
        self._bridge.dismiss(listener)

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Only what this task plays is heard meanwhile; all else goes on unheard."""
        speaker = object()
        before = SPEAKER.set(speaker)
        self._floor.append(speaker)
        self.connect()
        try:
            yield
        finally:
            self._floor.remove(speaker)
            SPEAKER.reset(before)
            self.connect()

    @contextmanager
    def joined(self, other: "LegAudio") -> Iterator[None]:
        """Each hears the other meanwhile. Raises Conflict when one has another."""
        if self.other is not None or other.other is not None or self is other:
            raise Conflict("the leg is bridged already")
        self.other, other.other = other, self
        self._meet()
        try:
            yield
        finally:
            self._part()
            self.other = other.other = None

    def connect(self) -> None:
        """Join all that sounds to the port, which may be a new one."""
        for player in self._players:
            player.hush()
            self._sound(player)
        if (port := self.port()) is None:
            return
        with suppress(pj.Error):  # the stream is gone: the news is on its way
            for hearer in self._hearers:
                port.startTransmit(hearer)
        self._meet()

    def _sound(self, player: Player) -> None:
        """Play it to the port and its witnesses, unless another one has the floor."""
        port = None if self._is_hushed(player) else self.port()
        if port is None:
            player.play_to(self._bridge.sink)
            return
        for listener in (port, *self.witnesses):
            player.play_to(listener)

    def _is_hushed(self, player: Player) -> bool:
        if not self._floor:
            return False
        return self._players[player].speaker is not self._floor[-1]

    @property
    def is_claimed(self) -> bool:
        """Somebody asked to be heard alone."""
        return bool(self._floor)

    def end(self) -> None:
        for playing in self._players.values():
            playing.over.set()
        self.over.set()

    def _meet(self) -> None:
        """Connect both ways, as far as both have a port and nobody has the floor."""
        if self.other is not None:
            self._speak_to(self.other, aloud=not self.other.is_claimed)
            self.other._speak_to(self, aloud=not self.is_claimed)  # noqa: SLF001

    def _part(self) -> None:
        if self.other is not None:
            self._speak_to(self.other, aloud=False)
            self.other._speak_to(self, aloud=False)  # noqa: SLF001

    def _speak_to(self, other: "LegAudio", *, aloud: bool) -> None:
        """Let the other far end hear this one, or not."""
        ours, theirs = self.port(), other.port()
        if ours is None or theirs is None:
            return
        for listener in (theirs, *other.witnesses):
            with suppress(pj.Error):  # a port that is gone took its connections along
                (ours.startTransmit if aloud else ours.stopTransmit)(listener)
