"""The B legs of one call: each a call of its own, dialled from this worker."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

import structlog
from typing_extensions import override

from voiceplat.calls.call import Call
from voiceplat.calls.custom_headers import PREFIX
from voiceplat.calls.dialling import (
    BLeg,
    BLegEnd,
    Dialler,
    NotDialled,
    OwnWay,
    Target,
)
from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource
from voiceplat.calls.leg import Credentials, Leg, Quality
from voiceplat.calls.outcome import End, Goto
from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import (
    NoLegFree,
    NotFound,
    OutOfCredits,
    Unavailable,
    VoiceplatError,
)
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.core.sip_settings import CLOUD_DOMAIN
from voiceplat.media.destination import destination_of
from voiceplat.media.ends import end_of
from voiceplat.media.place import Place, report_end
from voiceplat.media.recording import LiveRecorder
from voiceplat.webhooks.signature import SigningKeys
from voiceplat.xml.elements.dial import number_of
from voiceplat.xml.interpreter import go_to

log = structlog.get_logger()

GAVE_UP: Final = End(CAUSES[1000], HangupSource.CALLER)
OF_ENDPOINTS: Final = "X-"
"""Custom headers of calls from endpoints go on without `PH-` (plivo-xml 2.11)."""
NOBODY: Final = "anonymous"


RunOnItsOwn = Callable[
    [Leg, SigningKeys, Place, "LiveDialler", OwnWay], Coroutine[Any, Any, None]
]


class LiveDialler(Dialler):
    """An async context manager: leaving it waits until every leg is over."""

    def __init__(
        self, parent: Call, keys: SigningKeys, place: Place, run: RunOnItsOwn
    ) -> None:
        """`run` is what becomes of a leg that goes its own way."""
        self.parent = parent
        self._keys = keys
        self._place = place
        self._run = run
        self._legs: list[LiveBLeg] = []
        self._closed = False

    @property
    def partner(self) -> "LiveBLeg | None":
        """The leg that was answered and is not over."""
        legs = [leg for leg in self._legs if leg.is_talking]
        return legs[0] if legs else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends what there is, and what is being dialled."""
        self._closed = True
        ends = [leg.end(GAVE_UP) for leg in self._legs]
        await asyncio.gather(*ends, return_exceptions=True)

    @override
    async def dial(self, target: Target) -> BLeg:
        """See calls.dialling.Dialler.dial."""
        place, call = self._place, self._call(target, await self._rate(target.to))
        # in the bus's own time: it has the leg before it hears what becomes of it
        place.reporter.tell(
            lambda: place.bus.live.open_at(call, place.worker, place.node)
        )
        try:
            await self._check_credit(call)
            leg = await self._dial(call, target.credentials)
        except BaseException as error:
            cause = _cause(error)
            report_end(call, End(cause), Quality(), place)
            if not isinstance(error, VoiceplatError):
                raise
            raise NotDialled(cause, str(error)) from error
        log.info("leg_dialled", b_leg=call.uuid)
        dialler = LiveDialler(call, self._keys, place, self._run)
        b_leg = LiveBLeg(call, leg, place, dialler, self._let_go)
        self._legs.append(b_leg)
        if self._closed:
            await b_leg.end(GAVE_UP)
            raise NotDialled(GAVE_UP.cause, "the call is over")
        return b_leg

    def _let_go(self, b_leg: "LiveBLeg", way: OwnWay, held: ExitStack) -> None:
        self._legs.remove(b_leg)
        run = self._run(b_leg.leg, self._keys, self._place, b_leg.dialler, way)
        self._place.calls.start(_holding(held, run))

    async def _rate(self, to: str) -> Rate:
        """Calls go on while nobody knows what they cost."""
        try:
            return await self._place.bus.directory.rate(to, Direction.OUTBOUND)
        except Unavailable as error:
            log.warning("rate_unknown", why=str(error))
            return FREE

    async def _check_credit(self, call: Call) -> None:
        if call.rate.is_free:
            return
        account = await self._place.bus.directory.account(call.account)
        if account is not None and not account.can_pay:
            raise OutOfCredits(call.main_account)

    async def _dial(self, call: Call, credentials: Credentials | None) -> Leg:
        to = await destination_of(
            call,
            self._place.bus.directory,
            self._place.settings.sip,
            custom=OF_ENDPOINTS if self.parent.endpoint else PREFIX,
        )
        return await self._place.dial_anywhere(replace(to, credentials=credentials))

    def _call(self, target: Target, rate: Rate) -> Call:
        parent, shown = self.parent, target.caller_id or NOBODY
        is_number = shown.isdecimal() or shown == NOBODY
        return Call(
            uuid=new_call_uuid(),
            account=parent.account,
            main_account=parent.main_account,
            direction=Direction.OUTBOUND,
            from_=shown if is_number else f"sip:{shown}@{CLOUD_DOMAIN}",
            to=target.to,
            caller_name=target.caller_name,
            initiated_at=utc_now(),
            parent_uuid=parent.uuid,
            rate=rate,
            withheld=shown == NOBODY or (parent.withheld and shown == _shown(parent)),
            forwarded_from=parent.to if _is_forwarded(parent) else "",
            sip_headers=dict(target.sip_headers),
        )


def _shown(parent: Call) -> str:
    """The caller that the callee sees when the document names none."""
    return number_of(parent.from_)


def _is_forwarded(parent: Call) -> bool:
    """Somebody called a number of ours, and rings elsewhere: RFC 5806."""
    return parent.direction is Direction.INBOUND and parent.to.isdecimal()


def _cause(error: BaseException) -> HangupCause:
    match error:
        case NotFound():
            return CAUSES[5020]
        case OutOfCredits():
            return CAUSES[1010]
        case NoLegFree():
            return CAUSES[5030]
        case asyncio.CancelledError():
            return GAVE_UP.cause
        case _:
            return CAUSES[5010]


LetGo = Callable[["LiveBLeg", OwnWay, ExitStack], None]


async def _holding(held: ExitStack, run: Coroutine[Any, Any, None]) -> None:
    with held:
        await run


class LiveBLeg(BLeg):
    def __init__(
        self,
        call: Call,
        leg: Leg,
        place: Place,
        dialler: LiveDialler,
        let_go: LetGo,
    ) -> None:
        self.call = call
        self._leg = leg
        self._place = place
        self._dialler = dialler
        self._let_go = let_go
        self._answered_at: float | None = None
        self._ending: asyncio.Future[BLegEnd] | None = None
        self._left: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._held = ExitStack()
        self._controls = self._held.enter_context(place.under_command(call.uuid))
        leg.watch_keys(place.notes_of(call).key)
        self._recordings = LiveRecorder(
            call, leg, place, lambda: CallStatus.IN_PROGRESS
        )
        self._controls.recorder = self._recordings
        self._transfers = asyncio.create_task(self._obey_transfers())

    @property
    @override
    def uuid(self) -> CallUuid:
        return self.call.uuid

    @property
    @override
    def leg(self) -> Leg:
        return self._leg

    @property
    @override
    def dialler(self) -> LiveDialler:
        return self._dialler

    @property
    @override
    def rate(self) -> Rate:
        return self.call.rate

    @property
    def is_talking(self) -> bool:
        return self._answered_at is not None and self._ending is None

    @override
    def rings(self) -> None:
        self._place.reporter.tell(lambda: self._place.bus.live.ringing(self.uuid))

    @override
    def was_answered(self) -> None:
        if self._answered_at is None:
            self._answered_at = asyncio.get_running_loop().time()
            self._place.reporter.tell(lambda: self._place.bus.live.answered(self.uuid))

    @override
    def own_end(self) -> End:
        """See calls.dialling.BLeg.own_end."""
        ended = self._leg.ended
        if ended is None:
            return GAVE_UP
        if self._leg.answered:
            self.was_answered()  # and over before there was audio
        return end_of(ended, self.call, answered=self._answered_at is not None)

    @override
    async def until_commanded(self) -> End:
        """See calls.dialling.BLeg.until_commanded; one that goes its own way, too."""
        done, _ = await asyncio.wait(
            {self._controls.ending, self._left}, return_when=asyncio.FIRST_COMPLETED
        )
        return next(iter(done)).result()

    @override
    def end(self, end: End) -> Awaitable[BLegEnd]:
        """See calls.dialling.BLeg.end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(end))
        return asyncio.shield(self._ending)

    def hand_over(self, to: Goto) -> None:
        """See media.controls.Partner.hand_over."""
        self.go(
            lambda session: go_to(to, session, session.settings),
            End(CAUSES[4000], HangupSource.API),
        )

    @override
    def go(self, way: OwnWay, end: End) -> bool:
        """See calls.dialling.BLeg.go."""
        if self._ending is not None:
            return False
        self._ending = asyncio.get_running_loop().create_future()
        self._ending.set_result(BLegEnd(end, self._talked_s()))
        self._left.set_result(end)
        self._transfers.cancel()
        self._let_go(self, way, self._held.pop_all())
        return True

    async def _obey_transfers(self) -> None:
        """A transfer of this leg itself, by its own call_uuid."""
        to = await self._controls.transfers.get()
        if self.is_talking:
            self.hand_over(to)

    async def _end(self, end: End) -> BLegEnd:
        self._transfers.cancel()
        try:
            await self._recordings.close()
            await asyncio.gather(self._leg.hang_up(), self._dialler.close())
        finally:
            self._held.close()
            report_end(self.call, end, self._leg.quality(), self._place)
        return BLegEnd(end, self._talked_s())

    def _talked_s(self) -> int:
        if self._answered_at is None:
            return 0
        spent = asyncio.get_running_loop().time() - self._answered_at
        return int(-(-spent // 1))
