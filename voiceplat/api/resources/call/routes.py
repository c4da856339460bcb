"""The routes of calls: `status=live` and `queued` ask the bus, the rest the record."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.frame import current_api_id
from voiceplat.api.platform import Here
from voiceplat.api.resources.call.order import CallOrder, calls_of, destinations_of
from voiceplat.api.resources.call.query import CallQuery
from voiceplat.api.resources.call.replies import (
    CallDetails,
    CallObject,
    CallsPlaced,
    CallUuids,
    LiveCallDetails,
    QueuedCallDetails,
    live_details,
    placed_reply,
    queued_details,
    record_details,
    record_object,
)
from voiceplat.api.route import VoiceRoute
from voiceplat.api.sent import sent_by
from voiceplat.api.wire.paging import meta
from voiceplat.api.wire.params import Query, body_of, query_of, reads, without_plus
from voiceplat.api.wire.replies import NO_CONTENT, Listed
from voiceplat.bus.live import NO_LIMIT
from voiceplat.bus.orders import Order
from voiceplat.calls.call import LiveCall
from voiceplat.calls.status import CallStatus
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import BadRequest, CallNotLive, NotFound
from voiceplat.core.ids import CallUuid
from voiceplat.db.models import CallRecord
from voiceplat.db.repositories import CallRepository
from voiceplat.db.repositories.page import Page
from voiceplat.services.end_call import end_all_calls, end_call
from voiceplat.services.place_call import place_calls
from voiceplat.services.rate_calls import rate_calls

router = APIRouter(route_class=VoiceRoute, tags=["Call"])


class CallStatusQuery(Query):
    status: Literal["live", "queued"] | None = None


@router.post(
    "/Call/",
    status_code=201,
    response_model_exclude_none=True,
    openapi_extra=body_of(CallOrder),
)
async def make_call(
    request: Request,
    caller: CurrentCaller,
    order: Annotated[CallOrder, reads(CallOrder)],
    here: Here,
) -> CallsPlaced:
    """Call a number or SIP user, or up to 1000 of them joined by `<`."""
    to = destinations_of(order)
    parent = await _parent(order, caller, here)
    calls = calls_of(order, to.good, caller, here.settings.media, parent)
    rated, uuids = await asyncio.gather(
        rate_calls(calls, caller.main, here.bus),
        _claimed([call.uuid for call in calls], request, caller, here),
    )
    calls = [
        call.model_copy(update={"uuid": uuid})
        for call, uuid in zip(rated, uuids, strict=True)
    ]
    pace = caller.main.calls_per_second or here.settings.queue.calls_per_second
    placed = await place_calls(calls, here.bus, pace)
    return placed_reply(placed, to.bad, bulk=order.is_bulk)


@router.get("/Call/", openapi_extra=query_of(CallQuery))
async def list_calls(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[CallQuery, reads(CallQuery)],
    here: Here,
) -> Listed[CallObject] | CallUuids:
    """Records of calls that are over; with `status`, uuids of live or queued ones."""
    if query.status is not None:
        return await _list_live(query, query.status, caller, here)
    wanted = query.filter(utc_now())
    found: Page[CallRecord] = Page([], 0)
    if not query.finds_nothing:
        async with here.db.reading() as tx:
            scope = caller.scope.narrowed(query.subaccount)
            found = await CallRepository(tx).find(scope, query.window, wanted)
    objects = [record_object(row, caller) for row in found.rows]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/Call/{call_uuid}/", openapi_extra=query_of(CallStatusQuery))
async def get_call(
    caller: CurrentCaller,
    call_uuid: str,
    query: Annotated[CallStatusQuery, reads(CallStatusQuery)],
    here: Here,
) -> CallDetails | LiveCallDetails | QueuedCallDetails:
    """The record of a call that is over; with `status`, a live or queued call."""
    uuid = CallUuid(call_uuid)
    if query.status == "queued":
        return queued_details(await find_live(uuid, caller, here, queued=True))
    if query.status == "live":
        return live_details(await find_live(uuid, caller, here, queued=False))
    async with here.db.reading() as tx:
        row = await CallRepository(tx).get(uuid, caller.main.auth_id)
    if row is None or not caller.owns_call(row.account_id, row.main_account_id):
        raise NotFound("call not found")
    return record_details(row, caller)


@router.delete("/Call/{call_uuid}/", **NO_CONTENT)
async def hang_up(caller: CurrentCaller, call_uuid: str, here: Here) -> None:
    """Hang up a live call, or cancel a queued one."""
    found = await _find(CallUuid(call_uuid), caller, here)
    await end_call(found, here.bus, _patience(here))


@router.delete("/Request/{request_uuid}/", **NO_CONTENT)
async def cancel_request(caller: CurrentCaller, request_uuid: str, here: Here) -> None:
    """The same, by the name that `POST Call/` gave: the two uuids are one."""
    found = await _find(CallUuid(request_uuid), caller, here)
    await end_call(found, here.bus, _patience(here))


@router.delete("/Call/", **NO_CONTENT)
async def hang_up_all(caller: CurrentCaller, here: Here) -> None:
    """Hang up and cancel every call of the account, and of its subaccounts."""
    await end_all_calls(caller.auth_id, here.bus, _patience(here))


async def _list_live(
    query: CallQuery, status: Literal["live", "queued"], caller: Caller, here: Here
) -> CallUuids:
    """All of them when no limit is asked for: the reply has no pages to turn."""
    if query.subaccount not in {None, caller.auth_id}:
        raise BadRequest("subaccount parameter is invalid for live and queued calls")
    uuids = await here.bus.live.list(
        caller.auth_id,
        status=status,
        direction=query.call_direction,
        from_number=without_plus(query.from_number) or "",
        to_number=without_plus(query.to_number) or "",
        limit=query.limit if "limit" in query.model_fields_set else NO_LIMIT,
        offset=query.offset,
    )
    return CallUuids(calls=uuids)


async def _find(uuid: CallUuid, caller: Caller, here: Here) -> LiveCall:
    found = await here.bus.live.get(uuid)
    if found is None or not caller.owns_call(
        found.call.account, found.call.main_account
    ):
        raise CallNotLive(uuid)
    return found


async def find_live(
    uuid: CallUuid, caller: Caller, here: Here, *, queued: bool = False
) -> LiveCall:
    """The caller's live call, or queued one. Raises CallNotLive."""
    found = await _find(uuid, caller, here)
    if (found.status is CallStatus.QUEUED) != queued:
        raise CallNotLive(uuid)
    return found


async def _claimed(
    uuids: Sequence[CallUuid], request: Request, caller: Caller, here: Here
) -> list[CallUuid]:
    """The same as before when this order was carried out and its answer lost."""
    request.state.order = order = Order(
        account=caller.auth_id,
        sent=await sent_by(request),
        owner=current_api_id(),
        window=timedelta(seconds=here.settings.api.repeat_window_s),
    )
    return await here.bus.orders.claim(order, uuids)


async def _parent(order: CallOrder, caller: Caller, here: Here) -> CallUuid | None:
    """The live call that the new one belongs to, if it is there."""
    if order.parent_call_uuid is None:
        return None
    if order.is_bulk:
        raise BadRequest("parent_call_uuid parameter is for a single destination only")
    uuid = CallUuid(order.parent_call_uuid)
    try:
        return (await find_live(uuid, caller, here, queued=False)).call.uuid
    except CallNotLive as error:
        if order.error_if_parent_not_found:
            raise NotFound("parent call not found") from error
        return None


def _patience(here: Here) -> timedelta:
    return timedelta(milliseconds=here.settings.api.command_timeout_ms)
