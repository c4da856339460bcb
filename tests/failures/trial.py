"""One run: calls, something that fails meanwhile, quiet again, and the audit."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

import httpx
import soundfile
import sqlalchemy as sa

from tests.calls_e2e.conftest import CARRIER, World
from tests.failures.auditor import (
    Allowed,
    Evidence,
    Kept,
    Record,
    System,
    Told,
    audit,
)
from tests.failures.bus_log import BusLog
from tests.failures.callers import Callers
from tests.failures.load import LANES, Load
from tests.failures.system import Census
from voiceplat.bus import keys
from voiceplat.bus.connection import connect
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.db.models import Callback, CallbackState, CallRecord, KeptRecording
from voiceplat.edge.control import kamailio_rpc
from voiceplat.edge.render import RPC_SOCKET

LOOK_S: Final = 0.2
SETTLED_S: Final = 100.0
"""A finding that stays for so long will not go away: what a killed ledger was sending
is sent by the next one after 90 s (ledger.deliverer.LEASE)."""
STAYS_QUIET_S: Final = 2.0
"""For what is told twice."""
TIMEOUT_S: Final = 30.0
BEFORE_S: Final = 4.0
AFTER_S: Final = 5.0
_OF_CALLS: Final = (
    *(keys.call(""), keys.calls(""), keys.queue(""), keys.worker("")),
    *(keys.inbox(""), keys.room("", "")[:-1], keys.rooms(""), keys.PARKED_EVENTS),
    *(keys.rooms_at(""), keys.order("", "")[:-1]),
)
"""Beginnings of keys that an idle bus has none of."""

Strike = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Trial:
    world: World
    settings: Settings
    callers: Callers
    load: Load
    client: httpx.AsyncClient
    dice: Random
    idle: System = System()
    begun: set[str] = field(default_factory=set)
    causes: Counter[int] = field(default_factory=Counter)
    """Of the calls, as last seen."""
    since: datetime = field(default_factory=utc_now)
    census: Census = field(init=False)
    log: BusLog = field(init=False)

    def __post_init__(self) -> None:
        self.census = Census(self.world.platform.process.pid)
        self.log = BusLog(self.world.platform.data / "redis")

    async def run(
        self, strike: Strike, *, lanes: int = LANES, after_s: float = AFTER_S
    ) -> None:
        """Calls before and after the strike; returns when all of them are over."""
        if self.idle == System():
            await self.note_idle()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.load.run(lanes))
            await asyncio.sleep(BEFORE_S)
            await strike()
            await asyncio.sleep(after_s)
            self.load.stop()

    async def judge(self, allowed: Allowed) -> list[str]:
        """What the auditor finds when all is quiet; empty as soon as that stays so."""
        loop = asyncio.get_running_loop()
        findings, since = await self._findings(allowed), loop.time()
        while findings and loop.time() < since + SETTLED_S:
            await asyncio.sleep(1)
            now = await self._findings(allowed)
            if now != findings:
                findings, since = now, loop.time()
        if not findings:
            await asyncio.sleep(STAYS_QUIET_S)
            findings = await self._findings(allowed)
        causes = dict(sorted(self.causes.items()))
        print(self.load, f"causes {causes}", *findings, sep="\n")  # noqa: T201
        return findings

    async def note_idle(self) -> None:
        """The platform is as idle now as it must be again."""
        async with asyncio.timeout(SETTLED_S):
            while await self._left():  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(LOOK_S)
        self.idle = await self._system()

    async def look_around(self) -> None:
        while True:
            self.begun |= {
                folder.name
                for folder in self.settings.spool_dir.glob("*/")
                if not folder.name.startswith(".")
            }
            self.census.look()
            self.log.read()
            await asyncio.sleep(LOOK_S)

    async def _findings(self, allowed: Allowed) -> list[str]:
        try:
            return audit(await self._evidence(), allowed)
        except (VoiceplatError, OSError, httpx.TransportError) as error:
            return [f"cannot look: {error}"]

    async def _evidence(self) -> Evidence:
        asked = self.world.customer.asked
        self.log.read()
        async with Database.open(self.settings.database) as db:
            records, outbox, kept = await self._database(db)
        self.causes = Counter(it.code for it in records.values())
        return Evidence(
            seen=tuple(self.callers.seen),
            orders=tuple(self.load.orders),
            told=tuple(Told(it.path, it.fields) for it in asked),
            events=self._events(),
            records=records,
            outbox=outbox,
            begun=frozenset(self.begun),
            kept=kept,
            left=(*await self._left(), *self._in_spool()),
            idle=self.idle,
            now=await self._system(),
            orphans=tuple(self.census.orphans()),
        )

    def _events(self) -> dict[tuple[str, str], int]:
        """Of calls that began in this run; others' may be told of late."""
        told = self.log.events
        return {key: n for key, n in told.items() if ("initiated", key[1]) in told}

    async def _database(
        self, db: Database
    ) -> tuple[dict[str, Record], tuple[str, ...], dict[str, Kept]]:
        async with db.reading() as tx:
            calls = await tx.scalars(
                sa.select(CallRecord).where(CallRecord.initiated_at >= self.since)
            )
            records = {
                str(it.call_uuid): Record(
                    it.hangup_cause_code,
                    it.answered_at is not None,
                    str(it.parent_call_uuid or ""),
                    it.hangup_source,
                )
                for it in calls
            }
            outbox = await tx.scalars(
                sa.select(Callback).where(
                    Callback.state != CallbackState.DELIVERED,
                    Callback.created_at >= self.since,
                )
            )
            late = tuple(f"{it.call_uuid} {it.url} {it.last_error}" for it in outbox)
            rows = await tx.scalars(
                sa.select(KeptRecording).where(KeptRecording.added_at >= self.since)
            )
            failures = {str(it.id): it.failure for it in rows}
        playable = {it: await self._is_playable(it) for it in failures}
        kept = {it: Kept(playable[it], why) for it, why in failures.items()}
        return records, late, kept

    async def _is_playable(self, recording: str) -> bool:
        """By the address that its callback told."""
        urls = [
            it.fields["RecordUrl"]
            for it in self.world.customer.requests("/recorded")
            if it.fields.get("RecordingID") == recording and it.fields.get("RecordUrl")
        ]
        if not urls:
            return False
        answer = await self.client.get(urls[0])
        with suppress(soundfile.SoundFileError):
            return bool(soundfile.info(io.BytesIO(answer.content)).frames)
        return False

    async def _left(self) -> list[str]:
        rpc = self.world.platform.data / "edge" / RPC_SOCKET
        dialogs = await kamailio_rpc(rpc, "dlg.list") or []
        async with connect(self.settings.redis) as wire:
            found: list[str] = await wire.ask("KEYS", "vp:*")
        keys = [key for key in found if key.startswith(_OF_CALLS)]
        return [*sorted(keys), *(f"dialog {it['call-id']}" for it in dialogs)]

    def _in_spool(self) -> list[str]:
        folders = self.settings.spool_dir.glob("*/")
        return [f"take {folder.name}" for folder in folders]

    async def _system(self) -> System:
        async with self.world.bus() as bus:
            slots = await bus.slots.count()
        return System(slots, self.census.parts(), self.census.sockets())


@asynccontextmanager
async def trial(world: World, dice: Random) -> AsyncIterator[Trial]:
    settings = world.platform.settings
    host, _, port = world.platform.sip.partition(":")
    async with (
        # one request a connection: an API that ends closes those that wait for more
        httpx.AsyncClient(
            timeout=TIMEOUT_S,
            verify=False,  # noqa: S501 - loopback
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as client,
        Callers.talking_at(CARRIER, world.site.port, (host, int(port))) as them,
    ):
        await world.until_in_service(CARRIER)
        load = Load(world, them, client)
        await load.prepare()
        made = Trial(world, settings, them, load, client, dice)
        looking = asyncio.create_task(made.look_around())
        try:
            yield made
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            made.log.close()
