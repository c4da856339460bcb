"""One call's page: its story, as it happens, and the button that ends it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import StreamingResponse

from voiceplat.api.console.session import CurrentViewer, require_own_page
from voiceplat.api.console.story import CallView, story_of
from voiceplat.api.console.watch import event_stream
from voiceplat.api.platform import Here
from voiceplat.core.errors import CallNotLive, NotFound
from voiceplat.core.ids import CallUuid
from voiceplat.services.end_call import end_call

log = structlog.get_logger()

router = APIRouter(prefix="/console/api/call/{uuid}", include_in_schema=False)


@router.get("")
async def call(uuid: UUID, viewer: CurrentViewer, here: Here) -> CallView:
    return await story_of(CallUuid(str(uuid)), viewer.caller, here)


@router.get("/events")
async def call_events(
    request: Request, uuid: UUID, viewer: CurrentViewer, here: Here
) -> StreamingResponse:
    """The story; after the first one, only what is new of its moments."""
    call_uuid = CallUuid(str(uuid))
    told = await story_of(call_uuid, viewer.caller, here)

    async def make() -> CallView:
        nonlocal told
        with suppress(NotFound):  # it is over, and not on record yet
            told = await story_of(call_uuid, viewer.caller, here)
        return told

    name = f"call {viewer.caller.auth_id} {call_uuid}"
    return event_stream(request, name, make, _news())


@router.post("/hangup", status_code=204, dependencies=[Depends(require_own_page)])
async def hang_up(uuid: UUID, viewer: CurrentViewer, here: Here) -> None:
    """Raises CallNotLive."""
    live = await here.bus.live.get(CallUuid(str(uuid)))
    caller = viewer.caller
    if not live or not caller.owns_call(live.call.account, live.call.main_account):
        raise CallNotLive(str(uuid))
    patience = timedelta(milliseconds=here.settings.api.command_timeout_ms)
    await end_call(live, here.bus, patience)
    log.info("console_hung_up", call_uuid=str(uuid), account=caller.auth_id)


def _news() -> Callable[[CallView], str]:
    """Remembers what this viewer was sent."""
    sent = set[str]()

    def news(story: CallView) -> str:
        new = [it for it in story.moments if it.id not in sent]
        sent.update(it.id for it in new)
        return story.model_copy(update={"moments": new}).model_dump_json()

    return news
