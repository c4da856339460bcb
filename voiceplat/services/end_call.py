"""Ends calls at their owner's wish: out of the queue, or by their worker."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import Hangup
from voiceplat.calls.call import EndFacts, LiveCall
from voiceplat.calls.hangup import HangupSource
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import CallNotLive, CommandRefused, NotFound, Unavailable
from voiceplat.core.ids import AuthId, CallUuid

log = structlog.get_logger()

CANCELLED: Final = 1000
HUNG_UP: Final = 4000
_AT_ONCE: Final = 50
"""Calls that are ended side by side when all are to end."""


async def end_call(call: LiveCall, bus: Bus, patience: timedelta) -> None:
    """Returns when it is over or its worker was told. Raises CallNotLive."""
    uuid = call.call.uuid
    facts = EndFacts(cause_code=CANCELLED, source=HangupSource.API, at=utc_now())
    if await bus.queue.cancel(uuid, facts):
        return
    cause = CANCELLED if call.answered_at is None else HUNG_UP
    command = Hangup(source=HangupSource.API, cause=cause)
    try:
        await bus.commands.send(uuid, command, within=patience)
    except CommandRefused as error:
        raise CallNotLive(uuid) from error


async def end_all_calls(account: AuthId, bus: Bus, patience: timedelta) -> None:
    """Every queued and live call of an account; one that fails stops no other.

    Raises Unavailable when Redis is away.
    """
    queued = await bus.live.list(account, status="queued")
    live = await bus.live.list(account, status="live")
    await end_calls([*queued, *live], bus, patience)


async def end_calls(uuids: Sequence[CallUuid], bus: Bus, patience: timedelta) -> None:
    """End all of them side by side; one that fails stops no other."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def end(uuid: CallUuid) -> None:
        async with turn:
            try:
                if found := await bus.live.get(uuid):
                    await end_call(found, bus, patience)
            except (NotFound, CallNotLive, Unavailable) as error:
                log.info("call_not_ended", call_uuid=uuid, why=str(error))

    async with asyncio.TaskGroup() as tasks:
        for uuid in uuids:
            tasks.create_task(end(uuid))
