"""The list of calls: live ones on top, then records, filtered and by pages."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import StreamingResponse

from voiceplat.api.console.rows import CallRow, live_row, record_row
from voiceplat.api.console.session import CurrentViewer, Viewer
from voiceplat.api.console.watch import event_stream
from voiceplat.api.platform import Here, Platform
from voiceplat.api.wire.params import INT_MAX, Query, Text, Whole, reads, without_plus
from voiceplat.api.wire.times import Time
from voiceplat.calls.call import LiveCall
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.repositories import CallRepository
from voiceplat.db.repositories.call import CallFilter, Span
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.scope import Scope

ROWS: Final = 50
"""Of one page."""
LIVE_MAX: Final = 15
LIVE_ALONE_MAX: Final = 500
"""Of live calls, above records and when nothing else is wanted."""
LOOK_EVERY: Final = timedelta(seconds=3)
LONG_AGO: Final = timedelta(days=366 * 20)
LIVE: Final = frozenset({CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS})

router = APIRouter(prefix="/console/api", include_in_schema=False)


class CallsQuery(Query):
    direction: Direction | None = None
    from_number: Text = ""
    """What it begins with."""
    to_number: Text = ""
    status: CallStatus | None = None
    is_live: bool | None = None
    """True: those that are not over alone; false: those that are."""
    cause: Text = ""
    """A code, or a part of its name."""
    account: Text = ""
    since: Time | None = None
    """When it ended; live calls are of now."""
    before: Time | None = None
    talked_s: Whole | None = None
    """At least."""
    page: Annotated[int, Field(ge=1, le=INT_MAX // ROWS)] = 1

    @property
    def wants_live(self) -> bool:
        """Whether calls that are not over may be among what is asked for."""
        of_records_only = self.cause or self.before or self.is_live is False
        return not of_records_only and (self.status is None or self.status in LIVE)

    @property
    def wants_records(self) -> bool:
        return self.is_live is not True and self.status not in LIVE

    @property
    def window(self) -> Window:
        return Window(ROWS, (self.page - 1) * ROWS)

    def filter(self, now: datetime) -> CallFilter:
        to_prefix = without_plus(self.to_number)
        return CallFilter(
            ended_since=self.since.at if self.since else now - LONG_AGO,
            ended_before=self.before.at if self.before else now + timedelta(minutes=1),
            direction=self.direction,
            from_prefix=without_plus(self.from_number),
            to_prefixes=(to_prefix,) if to_prefix else (),
            bill_duration=Span(gte=self.talked_s),
            hangup_cause_codes=causes_like(self.cause) if self.cause else None,
            status=self.status,
        )

    def takes(self, live: LiveCall, now: datetime) -> bool:
        """Whether a call that is not over passes the filters."""
        call = live.call
        talked = now - live.answered_at if live.answered_at else timedelta()
        return (
            self.status in {None, live.status}
            and self.direction in {None, call.direction}
            and call.from_.startswith(without_plus(self.from_number) or "")
            and call.to.startswith(without_plus(self.to_number) or "")
            and talked >= timedelta(seconds=self.talked_s or 0)
            and self.account in {"", call.account}
        )


class CallsPage(BaseModel):
    live: list[CallRow]
    """The latest first; on the first page alone."""
    live_count: int
    rows: list[CallRow]
    """Those that ended last first."""
    total: int
    """Of all pages."""
    page: int
    pages: int


class CauseName(BaseModel):
    code: int
    name: str


@router.get("/calls")
async def list_calls(
    viewer: CurrentViewer, query: Annotated[CallsQuery, reads(CallsQuery)], here: Here
) -> CallsPage:
    return await _page(viewer, query, here)


@router.get("/calls/events")
async def calls_events(
    request: Request,
    viewer: CurrentViewer,
    query: Annotated[CallsQuery, reads(CallsQuery)],
    here: Here,
) -> StreamingResponse:
    async def make() -> CallsPage:
        return await _page(viewer, query, here)

    name = f"calls {viewer.caller.auth_id} {query.model_dump_json()}"
    return event_stream(request, name, make, every=LOOK_EVERY)


@router.get("/causes")
async def causes(_: CurrentViewer) -> list[CauseName]:
    return [CauseName(code=it.code, name=it.name) for it in CAUSES.values()]


async def _page(viewer: Viewer, query: CallsQuery, here: Platform) -> CallsPage:
    now = utc_now()
    live: list[LiveCall] = []
    if query.wants_live:
        live = await _live(viewer.caller.auth_id, query, now, here)
    most = LIVE_MAX if query.wants_records else LIVE_ALONE_MAX
    rows, total = [], 0
    if query.wants_records:
        async with here.db.reading() as tx:
            scope = _scope(viewer.caller.scope, query.account)
            found = await CallRepository(tx).find(
                scope, query.window, query.filter(now)
            )
        rows, total = [record_row(row) for row in found.rows], found.total
    return CallsPage(
        live=[live_row(it) for it in live[:most]] if query.page == 1 else [],
        live_count=len(live),
        rows=rows,
        total=total,
        page=query.page,
        pages=max(1, -(-total // ROWS)),
    )


def causes_like(words: str) -> frozenset[int]:
    """Codes of the causes that are meant, by a code or a part of a name."""
    if words.isdecimal() and words.isascii():
        return frozenset({min(int(words[:9]), INT_MAX)})
    wanted = words.casefold()
    return frozenset(
        code for code, it in CAUSES.items() if wanted in it.name.casefold()
    )


async def _live(
    account: AuthId, query: CallsQuery, now: datetime, here: Platform
) -> list[LiveCall]:
    uuids: list[CallUuid] = []
    for status in ("live", "queued"):
        uuids += await here.bus.live.list(account, status=status)
    calls = [it for it in await here.bus.live.several(uuids) if query.takes(it, now)]
    return sorted(calls, key=lambda it: it.call.initiated_at, reverse=True)


def _scope(own: Scope, account: str) -> Scope:
    """Of the account that is asked for; another's gives an empty result."""
    if account == own.auth_id:
        return Scope(own.auth_id)
    return own.narrowed(account or None)
