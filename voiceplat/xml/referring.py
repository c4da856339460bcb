"""Blind transfer by a phone: REFER of one leg, and who takes its place in the talk.

The target is called as a B leg of the party that stays, by the account's routes. The
phone that asked hears by NOTIFY how it goes; it may hang up meanwhile, the other party
then waits for the target.
"""

import asyncio
import re
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import structlog

from voiceplat.calls import params
from voiceplat.calls.dialling import BLeg, Dialler, NotDialled
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import CallEnded, Leg, Referral
from voiceplat.calls.outcome import End
from voiceplat.calls.session import CallSession
from voiceplat.core.race import first_of, never
from voiceplat.xml.dial_plan import Callee, DialPlan

log = structlog.get_logger()

RINGING, OK, NOT_FOUND, TIMED_OUT, TERMINATED = 180, 200, 404, 408, 487
UNAVAILABLE, DECLINED = 503, 603
NO_ROUTE: Final = CAUSES[5020]
NO_ANSWER: Final = End(CAUSES[6010])
GAVE_UP: Final = End(CAUSES[1000])

_NUMBER = re.compile(
    r"(?:tel:|sips?:(?=[^@]*@))\+?(?P<digits>[0-9]+)(?:[;@].*)?", re.IGNORECASE
)
_HOST = re.compile(r"@(?P<host>[^;>:?]+)")

Winner = tuple[Callee, BLeg]


class Referring:
    """What one leg asks for while it talks, one thing after the other.

    An async context manager: it listens within, and ends the leg that nobody took.
    """

    def __init__(
        self,
        plan: DialPlan,
        call: CallSession,
        callee: Callee,
        leg: Leg,
        dialler: Dialler,
    ) -> None:
        """`leg` asks; `dialler` is the other one's. `callee` says who is shown."""
        self._plan = plan
        self._call = call
        self._callee = callee
        self._leg = leg
        self._dialler = dialler
        self._finding = asyncio.create_task(self._find())
        self._kept = False
        self.under_way = False
        """Somebody is being called in its place."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._kept:
            await self.close()

    async def close(self) -> None:
        """Give up whoever was found, and whoever is being called."""
        self._finding.cancel()
        await asyncio.wait([self._finding])
        if self._finding.cancelled():
            return
        if successor := self._finding.result():
            await successor[1].end(GAVE_UP)

    async def until_replaced(self, end: End) -> End:
        """Returns `end` when somebody has answered in its place."""
        if await asyncio.shield(self._finding) is None:
            await never()
        return end

    async def until_settled(self) -> None:
        """Returns when somebody has answered, or the leg is gone and nobody will."""
        await asyncio.shield(self._finding)

    async def until_nobody_comes(self) -> None:
        """Returns when it is gone and whom it asked for will not come."""
        if await asyncio.shield(self._finding) is not None:
            await never()

    def take_successor(self) -> Winner | None:
        """Who has answered: after until_replaced or until_settled."""
        self._kept = True
        return self._finding.result()

    def keep(self) -> None:
        """It goes on past the end of the block; whoever has it closes it."""
        self._kept = True

    def move_to(self, call: CallSession) -> None:
        """The party that stays has a session of its own now."""
        self._call = call

    async def _find(self) -> Winner | None:
        while True:
            try:
                referral = await self._leg.next_referral()
            except CallEnded:
                return None
            log.info("leg_refers", a_leg=self._leg is self._call.leg)
            self.under_way = True
            if successor := await self._try(referral):
                return successor
            self.under_way = False

    async def _try(self, referral: Referral) -> Winner | None:
        callee = self._target_of(referral)
        try:
            b_leg = await self._dialler.dial(callee.target)
        except NotDialled as error:
            no_such = error.cause is NO_ROUTE
            self._report(referral, NOT_FOUND if no_such else UNAVAILABLE)
            return None
        end: End | None = GAVE_UP
        try:
            end = await self._until_answered(referral, b_leg)
            if end is None:
                b_leg.was_answered()
                self._report(referral, OK)
                about = callee.about(self._call, b_leg)
                self._plan.tell(self._call, params.dial_answer(about))
        except CallEnded as over:
            self._report(referral, over.ended.sip_status)
            end = b_leg.own_end()
        finally:
            if end is GAVE_UP:
                self._report(referral, TERMINATED)
            if end is not None:
                b_leg.end(end)
        return (callee, b_leg) if end is None else None

    async def _until_answered(self, referral: Referral, b_leg: BLeg) -> End | None:
        """None when it was answered, else how it is to end."""
        return await first_of(
            self._answered(referral, b_leg),
            self._until_late(referral),
            self._until_commanded(referral, b_leg),
        )

    async def _answered(self, referral: Referral, b_leg: BLeg) -> None:
        await b_leg.leg.until_ringing()
        b_leg.rings()
        self._report(referral, RINGING)
        await b_leg.leg.until_answered()

    async def _until_late(self, referral: Referral) -> End:
        await asyncio.sleep(self._plan.ring_s)
        self._report(referral, TIMED_OUT)
        return NO_ANSWER

    async def _until_commanded(self, referral: Referral, b_leg: BLeg) -> End:
        end = await b_leg.until_commanded()
        self._report(referral, DECLINED)
        return end

    def _target_of(self, referral: Referral) -> Callee:
        """The digits when it is a number with us, else the URI as it was written."""
        host = _HOST.search(referral.to)
        ours = host is None or self._call.settings.sip.is_ours(host["host"])
        number = _NUMBER.fullmatch(referral.to) if ours else None
        to = number["digits"] if number else referral.to
        target = replace(self._callee.target, to=to, credentials=None)
        return Callee(target, self._callee.position)

    def _report(self, referral: Referral, sip_status: int) -> None:
        self._leg.report_referral(referral, sip_status)
