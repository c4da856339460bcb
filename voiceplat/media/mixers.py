"""A host's mixers: one for each conference that its workers ask for, while it lasts."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from pydantic import ValidationError

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import Settings
from voiceplat.links.lifeline import DRAIN, STOP
from voiceplat.media.worker_process import MixerProcess
from voiceplat.mixer.process import MixerSpec, MixerWanted

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 0.5


class Mixers:
    def __init__(
        self,
        settings: Settings,
        bus: Bus,
        hear: Callable[[bytes], None] = lambda _: None,
        died: Callable[[], None] = lambda: None,
    ) -> None:
        """`hear` gets what a mixer tells."""
        self._settings = settings
        self._bus = bus
        self._hear = hear
        self._died = died
        self._running: dict[MixerProcess, asyncio.Task[None]] = {}
        self._stopping = False

    def __len__(self) -> int:
        return len(self._running)

    @property
    def pids(self) -> list[int]:
        return [mixer.pid for mixer in self._running if mixer.pid]

    def make(self, request: bytes) -> None:
        """A worker has claimed a room and wants it here; draining hosts make some too.

        A call that goes on there may still need one.
        """
        try:
            wanted = MixerWanted.model_validate_json(request)
        except ValidationError as error:
            log.warning("request_of_worker_invalid", errors=error.error_count())
            return
        mixer = MixerProcess(MixerSpec(self._settings, wanted), self._hear)
        task = asyncio.create_task(self._keep(mixer))
        self._running[mixer] = task
        task.add_done_callback(lambda _: self._running.pop(mixer))

    def order(self, order: bytes) -> None:
        """A mixer that is told to drain goes on until its last member leaves."""
        self._stopping = order == STOP
        if order != DRAIN:
            for mixer in self._running:
                mixer.order(order)

    async def until_gone(self) -> None:
        while self._running:
            await asyncio.wait(set(self._running.values()))

    async def _keep(self, mixer: MixerProcess) -> None:
        exit_code = await mixer.run()
        if exit_code:
            wanted = mixer.spec.wanted
            log.error("mixer_died", conference=wanted.uuid, exit_code=exit_code)
            self._died()
        await self._bury(mixer.spec.wanted)

    async def _bury(self, wanted: MixerWanted) -> None:
        """The room's name is free; repeated until the bus has it."""
        while True:
            try:
                await self._bus.rooms.release(wanted.room, wanted.uuid)
            except Unavailable as error:
                log.warning("mixer_not_buried", why=str(error))
                if self._stopping:
                    return
                await asyncio.sleep(AGAIN_AFTER_S)
            else:
                return
