"""Where a process notes moments and troubles: in memory first, and soon on the bus.

Noting never waits and never fails. What is noted goes out a few times a second, all at
once. While Redis is away it is kept as far as there is room; then the oldest goes.
"""

import asyncio
from collections import defaultdict, deque
from datetime import timedelta
from typing import Final

import structlog
from typing_extensions import override

from voiceplat.bus.bus import Bus
from voiceplat.bus.connection import Patience
from voiceplat.calls.timeline import Moment, Timeline
from voiceplat.calls.trouble import Trouble, Troubles
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.timeline_settings import TimelineSettings

log = structlog.get_logger()

EVERY_S: Final = 0.3
ROOM: Final = 2000
"""Moments that wait for Redis; at most a few MB."""
ROOM_OF_TROUBLES: Final = 100
ROOM_OF_DIALOGS: Final = 1000
AT_ONCE: Final = 500
LONG_ENOUGH: Final = timedelta(minutes=10)
"""How long a dialog is remembered until the edge has asked for it."""


class Notebook(Timeline, Troubles):
    def __init__(self, bus: Bus, settings: TimelineSettings) -> None:
        self._bus = bus
        self._enabled = settings.enabled
        self._most = settings.moments_max
        self._kept = timedelta(seconds=settings.live_kept_s)
        self._moments: deque[tuple[CallUuid, Moment]] = deque()
        self._troubles: deque[tuple[Trouble, AuthId | None]] = deque(
            maxlen=ROOM_OF_TROUBLES
        )
        self._dialogs: dict[str, CallUuid] = {}
        self._something = asyncio.Event()
        self._lost = 0

    @override
    def note(self, uuid: CallUuid, moment: Moment) -> None:
        if not self._enabled:
            return
        if len(self._moments) >= ROOM:
            self._moments.popleft()
            self._lost += 1
        self._moments.append((uuid, moment))
        self._something.set()

    @override
    def is_dialog_of(self, uuid: CallUuid, sip_call_id: str) -> None:
        if self._enabled and sip_call_id and len(self._dialogs) < ROOM_OF_DIALOGS:
            self._dialogs[sip_call_id] = uuid
            self._something.set()

    @override
    def trouble(self, trouble: Trouble, main: AuthId | None = None) -> None:
        self._troubles.append((trouble, main))
        self._something.set()

    async def run(self) -> None:
        """Bring what is noted to the bus, until cancelled."""
        patience = Patience(first_s=1, most_s=10)
        away = False
        while True:
            await self._something.wait()
            await asyncio.sleep(EVERY_S)
            self._something.clear()
            try:
                await self.flush()
            except Unavailable as error:
                if not away:
                    log.warning("timeline_waits", why=str(error))
                away = True
                self._something.set()
                await patience.wait()
            except Exception:  # an aid must not end what it watches
                log.exception("timeline_broke")
            else:
                away = False
                patience.reset()
                if self._lost:
                    log.warning("timeline_lost", moments=self._lost)
                    self._lost = 0

    async def flush(self) -> None:
        """Bring all that is noted to the bus now. Raises Unavailable."""
        if self._dialogs:
            await self._name_dialogs()
        while self._moments:
            await self._add_moments()
        while self._troubles:
            await self._tell_trouble()

    async def _name_dialogs(self) -> None:
        dialogs, self._dialogs = self._dialogs, {}
        try:
            await self._bus.timelines.name_dialogs(dialogs, LONG_ENOUGH)
        except Unavailable:
            self._dialogs = dialogs | self._dialogs
            raise

    async def _add_moments(self) -> None:
        size = min(AT_ONCE, len(self._moments))
        batch = [self._moments.popleft() for _ in range(size)]
        by_call: dict[CallUuid, list[Moment]] = defaultdict(list)
        for uuid, moment in batch:
            by_call[uuid].append(moment)
        try:
            await self._bus.timelines.add(by_call, most=self._most, kept=self._kept)
        except Unavailable:
            self._put_back(batch)
            raise

    async def _tell_trouble(self) -> None:
        trouble, main = self._troubles.popleft()
        try:
            await self._bus.troubles.add(trouble, main=main)
        except Unavailable:
            self._troubles.appendleft((trouble, main))
            raise

    def _put_back(self, batch: list[tuple[CallUuid, Moment]]) -> None:
        """As much of it as there is room for, the latest."""
        room = max(0, ROOM - len(self._moments))
        lost = max(0, len(batch) - room)
        self._lost += lost
        self._moments.extendleft(reversed(batch[lost:]))
