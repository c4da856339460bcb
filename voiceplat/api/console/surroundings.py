"""What changes slowly around calls: phones, trunks, nodes, the last hour."""

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel

from voiceplat.api.console.rows import CauseView
from voiceplat.api.console.session import Viewer
from voiceplat.api.platform import Platform
from voiceplat.bus.directory import Registration
from voiceplat.bus.trunks import TrunkHealth
from voiceplat.calls.hangup_words import Tone
from voiceplat.calls.trouble import PLATFORM, TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid, NodeId
from voiceplat.db.models import Endpoint
from voiceplat.db.repositories import (
    CallRepository,
    EndpointRepository,
    TrunkRepository,
)
from voiceplat.db.repositories.page import Window
from voiceplat.services.show_trunks import show_trunks

ENDPOINTS_MAX: Final = 200
MINUTES: Final = 60
TROUBLES_MAX: Final = 50
_TRANSPORT: Final = re.compile(r";transport=(\w+)", re.IGNORECASE)


class EndpointRow(BaseModel):
    username: str
    alias: str
    account: AuthId
    transport: str
    user_agent: str
    expires_at: datetime | None


class TrunkRow(BaseModel):
    name: str
    target: str
    health: TrunkHealth
    since: datetime | None
    calls: int
    calls_max: int | None
    last_failure: str
    failed_at: datetime | None


class NodeRow(BaseModel):
    node: NodeId
    workers: int
    free: int
    slots: int
    """The most that its workers ever offered; those that are not free are in use."""
    heard_at: datetime


class TroubleRow(BaseModel):
    at: datetime
    kind: TroubleKind
    call_uuid: CallUuid | None
    text: str


class CauseCount(CauseView):
    calls: int


class LastHour(BaseModel):
    minutes: list[int]
    """Calls that ended in each, the latest last."""
    bad_minutes: list[int]
    """Those among them with a cause that somebody must mend."""
    causes: list[CauseCount]
    """Most calls first."""


class Surroundings(BaseModel):
    endpoints: list[EndpointRow]
    """Those with a phone registered."""
    endpoints_count: int
    """All that there are."""
    trunks: list[TrunkRow]
    nodes: list[NodeRow] | None
    """For the operator."""
    troubles: list[TroubleRow]
    """Of the last hour, the latest first."""
    hour: LastHour


async def look_around(viewer: Viewer, here: Platform) -> Surroundings:
    scope = viewer.caller.scope
    async with here.db.reading() as tx:
        endpoints = await EndpointRepository(tx).find(scope, Window(ENDPOINTS_MAX))
    names = [row.username for row in endpoints.rows]
    phones = await here.bus.directory.registrations(names)
    return Surroundings(
        endpoints=[
            _endpoint(row, phones[row.username])
            for row in endpoints.rows
            if row.username in phones
        ],
        endpoints_count=endpoints.total,
        trunks=await _trunks(viewer, here),
        nodes=await _nodes(here) if viewer.is_operator else None,
        troubles=await _troubles(viewer, here),
        hour=await _last_hour(viewer, here),
    )


def _endpoint(row: Endpoint, phone: Registration) -> EndpointRow:
    found = _TRANSPORT.search(phone.contact)
    return EndpointRow(
        username=row.username,
        alias=row.alias,
        account=row.account_id,
        transport=found[1].upper() if found else "UDP",
        user_agent=phone.user_agent,
        expires_at=phone.expires_at,
    )


async def _trunks(viewer: Viewer, here: Platform) -> list[TrunkRow]:
    caller = viewer.caller
    family = {caller.auth_id, caller.main.auth_id}
    async with here.db.reading() as tx:
        rows = await TrunkRepository(tx).all()
    mine = [row for row in rows if viewer.is_operator or row.account_id in family]
    return [
        TrunkRow(
            name=view.trunk.name,
            target=f"{view.trunk.host}:{view.trunk.port}",
            health=view.state.health,
            since=view.state.since,
            calls=view.state.calls,
            calls_max=view.trunk.calls_max,
            last_failure=view.state.last_failure,
            failed_at=view.state.failed_at,
        )
        for view in await show_trunks(here.bus, mine)
    ]


async def _nodes(here: Platform) -> list[NodeRow]:
    bus = here.bus
    rooms = await bus.slots.by_worker()
    rows: list[NodeRow] = []
    for node, heard_at in sorted((await bus.nodes.heartbeats()).items()):
        workers = await bus.nodes.workers(node)
        offered = [rooms[it] for it in workers if it in rooms]
        rows.append(
            NodeRow(
                node=node,
                workers=len(workers),
                free=sum(it.free for it in offered),
                slots=sum(it.most for it in offered),
                heard_at=heard_at,
            )
        )
    return rows


async def _troubles(viewer: Viewer, here: Platform) -> list[TroubleRow]:
    since = utc_now() - timedelta(minutes=MINUTES)
    found = await here.bus.troubles.last(viewer.caller.auth_id, since)
    if viewer.is_operator:
        found += await here.bus.troubles.last(PLATFORM, since)
    found.sort(key=lambda it: it.at, reverse=True)
    return [
        TroubleRow(at=it.at, kind=it.kind, call_uuid=it.call_uuid, text=it.text)
        for it in found[:TROUBLES_MAX]
    ]


async def _last_hour(viewer: Viewer, here: Platform) -> LastHour:
    this_minute = utc_now().replace(second=0, microsecond=0)
    since = this_minute - timedelta(minutes=MINUTES - 1)
    async with here.db.reading() as tx:
        counts = await CallRepository(tx).counts(viewer.caller.scope, since)
    minutes, bad, causes = Counter[int](), Counter[int](), Counter[int]()
    for it in counts:
        cause = CauseView.of(it.cause_code)
        minutes[it.minute] += it.calls
        causes[it.cause_code] += it.calls
        if cause.tone is Tone.BAD:
            bad[it.minute] += it.calls
    return LastHour(
        minutes=[minutes[place] for place in range(MINUTES)],
        bad_minutes=[bad[place] for place in range(MINUTES)],
        causes=[
            CauseCount(**CauseView.of(code).model_dump(), calls=calls)
            for code, calls in causes.most_common()
        ],
    )
