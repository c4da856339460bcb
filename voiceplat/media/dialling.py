"""The B legs of one call: each a call of its own, dialled from this worker."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self

import structlog
from typing_extensions import override

from voiceplat.calls.call import Call
from voiceplat.calls.custom_headers import PREFIX
from voiceplat.calls.dialling import BLeg, BLegEnd, Dialler, NotDialled, Target
from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource
from voiceplat.calls.leg import Leg, Quality
from voiceplat.calls.outcome import End, Goto
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NoLegFree, NotFound, VoiceplatError
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.core.settings import CLOUD_DOMAIN
from voiceplat.media.destination import destination_of
from voiceplat.media.ends import end_of
from voiceplat.media.place import Place, report_end
from voiceplat.media.recording import LiveRecorder
from voiceplat.webhooks.signature import SigningKeys
from voiceplat.xml.elements.dial import number_of

log = structlog.get_logger()

GAVE_UP: Final = End(CAUSES[1000], HangupSource.CALLER)
OF_ENDPOINTS: Final = "X-"
"""Custom headers of calls from endpoints go on without `PH-` (plivo-xml 2.11)."""
NOBODY: Final = "anonymous"


RunHandedOver = Callable[
    [Call, Leg, SigningKeys, Place, Goto], Coroutine[Any, Any, None]
]


class LiveDialler(Dialler):
    """An async context manager: leaving it waits until every leg is over."""

    def __init__(
        self, parent: Call, keys: SigningKeys, place: Place, run: RunHandedOver
    ) -> None:
        """`run` is what becomes of a leg that goes its own way."""
        self._parent = parent
        self._keys = keys
        self._place = place
        self._run = run
        self._legs: list[LiveBLeg] = []

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
        ends = [leg.end(GAVE_UP) for leg in self._legs]
        await asyncio.gather(*ends, return_exceptions=True)

    @override
    async def dial(self, target: Target) -> BLeg:
        """See calls.dialling.Dialler.dial."""
        place, call = self._place, self._call(target)
        # in the bus's own time: it has the leg before it hears what becomes of it
        place.reporter.tell(
            lambda: place.bus.live.open_at(call, place.worker, place.node)
        )
        try:
            leg = await self._dial(call)
        except BaseException as error:
            cause = _cause(error)
            report_end(call, End(cause), Quality(), place)
            if not isinstance(error, VoiceplatError):
                raise
            raise NotDialled(cause, str(error)) from error
        log.info("leg_dialled", b_leg=call.uuid)
        b_leg = LiveBLeg(call, leg, place, self._hand_over)
        self._legs.append(b_leg)
        return b_leg

    def _hand_over(self, b_leg: "LiveBLeg", to: Goto, held: ExitStack) -> None:
        self._legs.remove(b_leg)
        run = self._run(b_leg.call, b_leg.leg, self._keys, self._place, to)
        self._place.calls.start(_holding(held, run))

    async def _dial(self, call: Call) -> Leg:
        to = await destination_of(
            call,
            self._place.bus.directory,
            self._place.settings.sip,
            custom=OF_ENDPOINTS if self._parent.endpoint else PREFIX,
        )
        return await self._place.dial_anywhere(to)

    def _call(self, target: Target) -> Call:
        parent, shown = self._parent, target.caller_id or NOBODY
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
        case NoLegFree():
            return CAUSES[5030]
        case asyncio.CancelledError():
            return GAVE_UP.cause
        case _:
            return CAUSES[5010]


HandOver = Callable[["LiveBLeg", Goto, ExitStack], None]


async def _holding(held: ExitStack, run: Coroutine[Any, Any, None]) -> None:
    with held:
        await run


class LiveBLeg(BLeg):
    def __init__(self, call: Call, leg: Leg, place: Place, hand_over: HandOver) -> None:
        self.call = call
        self._leg = leg
        self._place = place
        self._go = hand_over
        self._answered_at: float | None = None
        self._ending: asyncio.Future[BLegEnd] | None = None
        self._left: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._held = ExitStack()
        self._controls = self._held.enter_context(place.under_command(call.uuid))
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
        return end_of(ended, Direction.OUTBOUND, answered=self._answered_at is not None)

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
        if self._ending is not None:
            return
        end = End(CAUSES[4000], HangupSource.API)
        self._ending = asyncio.get_running_loop().create_future()
        self._ending.set_result(BLegEnd(end, self._talked_s()))
        self._left.set_result(end)
        self._transfers.cancel()
        self._go(self, to, self._held.pop_all())

    async def _obey_transfers(self) -> None:
        """A transfer of this leg itself, by its own call_uuid."""
        to = await self._controls.transfers.get()
        if self.is_talking:
            self.hand_over(to)

    async def _end(self, end: End) -> BLegEnd:
        self._transfers.cancel()
        try:
            await self._recordings.close()
            await self._leg.hang_up()
        finally:
            self._held.close()
            report_end(self.call, end, self._leg.quality(), self._place)
        return BLegEnd(end, self._talked_s())

    def _talked_s(self) -> int:
        if self._answered_at is None:
            return 0
        spent = asyncio.get_running_loop().time() - self._answered_at
        return int(-(-spent // 1))
