"""Accepts outbound calls: once the bus has one, it will be dialled or ended.

Nothing may fail after a call was accepted: clients repeat a request that failed with
5xx, and the callee would be called twice (docs/adr/0008).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.calls.call import Call
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import CallUuid

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Placed:
    uuids: list[CallUuid]
    at_once: bool
    """Whether the first may be dialled at once; else it waits for pace or a slot."""
    refused: list[str]
    """Destinations of a bulk request that the bus could no longer be given."""


async def place_calls(
    calls: Sequence[Call], bus: Bus, calls_per_second: float
) -> Placed:
    """Raises Unavailable only when not one call was accepted."""
    uuids: list[CallUuid] = []
    at_once = False
    for call in calls:
        try:
            now = await _accept(call, bus, calls_per_second)
        except Exception:  # once one call was accepted, nothing may fail
            if not uuids:
                raise
            log.exception("bulk_cut_short", accepted=len(uuids), of=len(calls))
            break
        log.info("call_accepted", call_uuid=call.uuid)
        at_once = at_once or now
        uuids.append(call.uuid)
    return Placed(uuids, at_once, [call.to for call in calls[len(uuids) :]])


async def _accept(call: Call, bus: Bus, calls_per_second: float) -> bool:
    """Ask again when the answer was lost: accepting the same call twice is once."""
    try:
        return await bus.queue.place(call, calls_per_second)
    except Unavailable:
        return await bus.queue.place(call, calls_per_second)
