"""What is known of a call and of the calls that belong to it, as one story."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import BaseModel

from voiceplat.api.auth import Caller
from voiceplat.api.console.lanes import Lane, lanes_of
from voiceplat.api.console.rows import CallRow, live_row, record_row
from voiceplat.api.console.verdict import Verdict, failed, verdict_of
from voiceplat.api.platform import Platform
from voiceplat.calls.call import LiveCall
from voiceplat.calls.recording import Channels, FileFormat
from voiceplat.calls.timeline import Moment
from voiceplat.core.errors import NotFound
from voiceplat.core.ids import CallUuid, RecordingId
from voiceplat.db.models import CallRecord
from voiceplat.db.repositories import CallRepository, RecordingRepository
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.recording import RecordingFilter
from voiceplat.services.timeline import timeline_of

LEGS_MAX: Final = 10
RECORDINGS_MAX: Final = 20


class LegView(CallRow):
    source_ip: str = ""
    packets_received: int | None = None
    packets_lost: int | None = None
    jitter_ms: float | None = None
    amount: Decimal | None = None


class MomentView(BaseModel):
    id: str
    leg: int
    """Its place among `legs`."""
    source: Lane
    target: Lane
    """The same as `source` for what happens at one place."""
    is_bad: bool
    moment: Moment


class RecordingView(BaseModel):
    id: RecordingId
    leg: int
    started_at: datetime
    duration_ms: int
    size_bytes: int
    format: FileFormat
    channels: Channels
    conference_name: str


class CallView(BaseModel):
    uuid: CallUuid
    """That was asked for: one of the legs."""
    legs: list[LegView]
    """The A leg, then those that belong to it."""
    legs_left_out: int
    moments: list[MomentView]
    """In the order in which they began."""
    recordings: list[RecordingView]
    verdict: Verdict


async def story_of(uuid: CallUuid, caller: Caller, here: Platform) -> CallView:
    """Raises NotFound for a call that is none of the caller's."""
    asked = await _leg(uuid, caller, here)
    first = await _parent(asked, caller, here) or asked
    others = await _others(first, caller, here)
    if all(it.uuid != uuid for it in others[:LEGS_MAX]) and first.uuid != uuid:
        others = [asked, *(it for it in others if it.uuid != uuid)]
    legs = [first, *others[:LEGS_MAX]]
    moments = await _moments(legs, here)
    place = next(index for index, leg in enumerate(legs) if leg.uuid == uuid)
    return CallView(
        uuid=uuid,
        legs=legs,
        legs_left_out=max(0, len(others) - LEGS_MAX),
        moments=moments,
        recordings=await _recordings(legs, caller, here),
        verdict=verdict_of(
            legs[place], [(it.id, it.moment) for it in moments if it.leg == place]
        ),
    )


async def _leg(uuid: CallUuid, caller: Caller, here: Platform) -> LegView:
    """Raises NotFound."""
    async with here.db.reading() as tx:
        record = await CallRepository(tx).get(uuid, caller.main.auth_id)
    if record and caller.owns_call(record.account_id, record.main_account_id):
        return _ended_leg(record)
    live = await here.bus.live.get(uuid)
    if live and caller.owns_call(live.call.account, live.call.main_account):
        return _live_leg(live)
    raise NotFound("there is no such call in this account")


async def _parent(leg: LegView, caller: Caller, here: Platform) -> LegView | None:
    if leg.parent_uuid is None:
        return None
    try:
        return await _leg(leg.parent_uuid, caller, here)
    except NotFound:
        return None


async def _others(first: LegView, caller: Caller, here: Platform) -> list[LegView]:
    """Those that belong to it, over or not, oldest first."""
    async with here.db.reading() as tx:
        records = await CallRepository(tx).legs_of(first.uuid, caller.scope)
    found = {record.call_uuid: _ended_leg(record) for record in records}
    if first.is_live:
        account, began = caller.auth_id, first.initiated_at
        for live in await here.bus.live.since(account, began):
            if live.call.parent_uuid == first.uuid:
                found.setdefault(live.call.uuid, _live_leg(live))
    return sorted(found.values(), key=lambda leg: leg.initiated_at)


async def _moments(legs: list[LegView], here: Platform) -> list[MomentView]:
    sip = here.settings.sip
    told = await asyncio.gather(
        *(timeline_of(here.db, here.bus, leg.uuid) for leg in legs)
    )
    views = [
        MomentView(
            id=f"{place}-{id_}",
            leg=place,
            source=lanes_of(moment, place, sip)[0],
            target=lanes_of(moment, place, sip)[1],
            is_bad=failed(moment),
            moment=moment,
        )
        for place, moments in enumerate(told)
        for id_, moment in moments
    ]
    return sorted(views, key=lambda it: it.moment.at)


async def _recordings(
    legs: list[LegView], caller: Caller, here: Platform
) -> list[RecordingView]:
    async with here.db.reading() as tx:
        rows = [
            (place, row)
            for place, leg in enumerate(legs)
            for row in (
                await RecordingRepository(tx).find(
                    caller.scope,
                    Window(RECORDINGS_MAX),
                    RecordingFilter(call_uuid=leg.uuid),
                )
            ).rows
        ]
    return [
        RecordingView(
            id=row.id,
            leg=place,
            started_at=row.started_at,
            duration_ms=row.duration_ms,
            size_bytes=row.size_bytes,
            format=row.format,
            channels=row.channels,
            conference_name=row.conference_name,
        )
        for place, row in sorted(rows, key=lambda it: it[1].started_at)
    ]


def _live_leg(live: LiveCall) -> LegView:
    return LegView(**live_row(live).model_dump(), source_ip=live.call.source_ip)


def _ended_leg(record: CallRecord) -> LegView:
    return LegView(
        **record_row(record).model_dump(),
        source_ip=record.source_ip,
        packets_received=record.packets_received,
        packets_lost=record.packets_lost,
        jitter_ms=record.jitter_ms,
        amount=record.amount,
    )
