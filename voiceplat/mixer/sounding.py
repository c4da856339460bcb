"""What is played to a room and its members: made here, on the host of the room."""

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import structlog

from voiceplat.calls.session import Prompts, Tone
from voiceplat.calls.sounds import Beep, File, RoomSound, Silence, Speech
from voiceplat.core.errors import MediaError, SpeechError, Unavailable

log = structlog.get_logger()

Kind = Literal["play", "speak"]


class Loudspeaker(Protocol):
    async def play(
        self,
        audio: Sequence[Path],
        *,
        to: Collection[int] | None = None,
        loop: bool = False,
    ) -> None:
        """Returns when it has ended; to everybody unless members are named."""
        ...


class Sounding:
    def __init__(self, speaker: Loudspeaker, prompts: Prompts) -> None:
        self._speaker = speaker
        self._prompts = prompts
        self._to_room: set[asyncio.Task[None]] = set()
        self._to_members: dict[tuple[Kind, int], set[asyncio.Task[None]]] = {}

    def tell_room(self, sounds: Sequence[RoomSound]) -> None:
        """Everybody hears it, one sound after the other."""
        self._start(self._sound(sounds, None), self._to_room)

    def tell(self, kind: Kind, sound: RoomSound, members: Collection[int]) -> None:
        """Each of the members hears it, until it ends or `stop` ends it for one."""
        for member in members:
            tasks = self._to_members.setdefault((kind, member), set())
            self._start(self._sound([sound], {member}), tasks)

    def stop(self, kind: Kind, members: Collection[int]) -> None:
        for member in members:
            for task in self._to_members.pop((kind, member), set()):
                task.cancel()

    def forget(self, member: int) -> None:
        """It has left: nothing is played to it any more."""
        self.stop("play", {member})
        self.stop("speak", {member})

    async def close(self) -> None:
        running = [*self._to_room]
        for tasks in self._to_members.values():
            running += tasks
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _start(
        self,
        sounding: Coroutine[Any, Any, None],
        among: set[asyncio.Task[None]],
    ) -> None:
        task = asyncio.create_task(sounding)
        among.add(task)
        task.add_done_callback(among.discard)

    async def _sound(
        self, sounds: Sequence[RoomSound], to: Collection[int] | None
    ) -> None:
        for sound in sounds:
            try:
                if isinstance(sound, Silence):
                    await asyncio.sleep(sound.seconds)
                else:
                    await self._play(sound, to)
            except (MediaError, SpeechError, Unavailable) as error:
                log.warning("room_sound_skipped", why=str(error))

    async def _play(
        self, sound: File | Speech | Beep, to: Collection[int] | None
    ) -> None:
        audio = await self._made(sound)
        if sound.loop == 0:
            await self._speaker.play(audio, to=to, loop=True)
        for _ in range(sound.loop):
            await self._speaker.play(audio, to=to)

    async def _made(self, sound: File | Speech | Beep) -> list[Path]:
        match sound:
            case File(url=url):
                return [await self._prompts.fetch(url)]
            case Beep():
                return [await self._prompts.tone(Tone.BEEP)]
            case Speech():
                return await asyncio.gather(
                    *(
                        self._prompts.speak(
                            script, voice=sound.voice, language=sound.language
                        )
                        for script in sound.scripts
                    )
                )
