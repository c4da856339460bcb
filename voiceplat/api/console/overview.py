"""The overview: what an account's calls, phones and trunks do now, and what failed.

The operator sees the nodes and every trunk, too.
"""

import asyncio
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from voiceplat.api.console.rows import CallRow, live_row
from voiceplat.api.console.session import CurrentViewer, Viewer
from voiceplat.api.console.surroundings import Surroundings, look_around
from voiceplat.api.console.watch import event_stream
from voiceplat.api.platform import Here, Platform
from voiceplat.bus.queue import Waiting
from voiceplat.calls.timeline import ElementRun
from voiceplat.core.ids import CallUuid

LIVE_MAX: Final = 20
QUEUED_MAX: Final = 10
"""What is beyond is only counted."""
SURROUNDINGS_EVERY_S: Final = 5

router = APIRouter(prefix="/console/api", include_in_schema=False)


class LiveRow(CallRow):
    element: str
    """What it does now, as its timeline tells; empty when that says nothing."""


class QueuedRow(CallRow):
    position: int
    """In the queue of its main account, from 1."""


class Overview(BaseModel):
    live: list[LiveRow]
    """The latest first."""
    live_count: int
    queued: list[QueuedRow]
    queued_count: int
    next_start: datetime
    """When pace lets the first of the queue start, if a slot is free."""
    start_period_s: float
    """Between one start and the next."""
    queue_length: int
    """Of the main account, with what others of its family have in it."""
    around: Surroundings


class Looking:
    """What is looked up anew each time, and what is not for a while."""

    def __init__(self, viewer: Viewer, here: Platform) -> None:
        self._viewer = viewer
        self._here = here
        self._around: Surroundings | None = None
        self._around_due = 0.0

    async def __call__(self) -> Overview:
        now = asyncio.get_running_loop().time()
        if self._around is None or now >= self._around_due:
            self._around = await look_around(self._viewer, self._here)
            self._around_due = now + SURROUNDINGS_EVERY_S
        bus, caller = self._here.bus, self._viewer.caller
        live = await bus.live.list(caller.auth_id, status="live")
        queued = await bus.live.list(caller.auth_id, status="queued")
        waiting = await bus.queue.waiting(caller.main.auth_id)
        return Overview(
            live=await self._live_rows(live[: -LIVE_MAX - 1 : -1]),
            live_count=len(live),
            queued=await self._queued_rows(set(queued), waiting),
            queued_count=len(queued),
            next_start=waiting.due,
            start_period_s=waiting.period.total_seconds(),
            queue_length=waiting.length,
            around=self._around,
        )

    async def _live_rows(self, uuids: list[CallUuid]) -> list[LiveRow]:
        bus = self._here.bus
        calls = await bus.live.several(uuids)
        told = await bus.timelines.elements(uuids)
        return [
            LiveRow(
                **live_row(it).model_dump(), element=element_now(told[it.call.uuid])
            )
            for it in calls
        ]

    async def _queued_rows(
        self, own: set[CallUuid], waiting: Waiting
    ) -> list[QueuedRow]:
        places = [
            (place, uuid) for place, uuid in enumerate(waiting.uuids) if uuid in own
        ][:QUEUED_MAX]
        calls = await self._here.bus.live.several([uuid for _, uuid in places])
        by_uuid = {it.call.uuid: it for it in calls}
        return [
            QueuedRow(**live_row(by_uuid[uuid]).model_dump(), position=place + 1)
            for place, uuid in places
            if uuid in by_uuid
        ]


def element_now(latest_first: list[ElementRun]) -> str:
    """The element that has begun and has not ended."""
    ended = 0
    for moment in latest_first:
        if moment.state == "begins" and not ended:
            return moment.tag
        ended += 1 if moment.state == "ends" else -1
    return ""


@router.get("/overview")
async def overview(viewer: CurrentViewer, here: Here) -> Overview:
    return await Looking(viewer, here)()


@router.get("/overview/events")
async def overview_events(
    request: Request, viewer: CurrentViewer, here: Here
) -> StreamingResponse:
    name = f"overview {viewer.caller.auth_id} {viewer.is_operator}"
    return event_stream(request, name, Looking(viewer, here))
