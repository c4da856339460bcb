"""What the far end of a leg hears and who hears it: all that is connected to its port.

A leg's port on the bridge is another one after each change of its media, and there may
be none for a while. So what belongs together is kept here, and connected again whenever
the leg says that its port may be new.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

import pjsua2 as pj

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
        player.play_to(self._heard_at(player) or self._bridge.sink)
        try:
            await over.wait()
        finally:
            del self._players[player]
            self._bridge.retire(player)

    async def record(self, to: Path) -> None:
        """Returns when the leg has ended."""
        recorder = self._bridge.recorder(to)
        self.give_to(recorder)
        try:
            await self.over.wait()
        finally:
            self._hearers.discard(recorder)
            await self._bridge.finish(recorder)

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
        port = self.port()
        for player in self._players:
            player.hush()
            player.play_to(self._heard_at(player) or self._bridge.sink)
        if port is None:
            return
        with suppress(pj.Error):  # the stream is gone: the news is on its way
            for hearer in self._hearers:
                port.startTransmit(hearer)
        self._meet()

    def _heard_at(self, player: Player) -> pj.AudioMedia | None:
        """The port, unless another one has the floor."""
        if self._floor and self._players[player].speaker is not self._floor[-1]:
            return None
        return self.port()

    def end(self) -> None:
        for playing in self._players.values():
            playing.over.set()
        self.over.set()

    def _meet(self) -> None:
        if (ports := self._ports()) is not None:
            ours, theirs = ports
            with suppress(pj.Error):
                ours.startTransmit(theirs)
                theirs.startTransmit(ours)
            if self._floor:
                with suppress(pj.Error):
                    theirs.stopTransmit(ours)

    def _part(self) -> None:
        if (ports := self._ports()) is not None:
            ours, theirs = ports
            with suppress(pj.Error):  # a port that is gone took its connections along
                ours.stopTransmit(theirs)
            with suppress(pj.Error):
                theirs.stopTransmit(ours)

    def _ports(self) -> tuple[pj.AudioMedia, pj.AudioMedia] | None:
        """The ports of both that are joined, when both have one."""
        ours, theirs = self.port(), self.other.port() if self.other else None
        return None if ours is None or theirs is None else (ours, theirs)
