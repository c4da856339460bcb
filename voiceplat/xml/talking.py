"""Two parties connected by a Dial, until one of them, or the plan, ends it."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Final

from voiceplat.calls import params
from voiceplat.calls.dialling import BLeg, Dialler
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import CallEnded, Leg, until_hung_up
from voiceplat.calls.outcome import End
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError
from voiceplat.core.race import first_of, never
from voiceplat.xml.dial_music import Music
from voiceplat.xml.dial_plan import RINGBACK, Callee, DialPlan
from voiceplat.xml.digit_patterns import DigitWatch
from voiceplat.xml.referring import Referring

LEFT: Final = End(CAUSES[4000], HangupSource.CALLER)
REPLACED: Final = End(CAUSES[4000], HangupSource.CALLEE)
"""Of a B leg whose place another one has taken."""
SENT_ON: Final = End(CAUSES[4000], HangupSource.CALLER)
"""Of a B leg that talks with somebody else from now on, as the A leg wanted it."""
NOBODY_CAME: Final = End(CAUSES[4000], HangupSource.CALLER)
TIME_IS_UP: Final = End(CAUSES[6000])
STAR = "*"


class Talk:
    """Of the A leg with a B leg, and with whoever that one refers it to."""

    def __init__(
        self,
        plan: DialPlan,
        call: CallSession,
        callee: Callee,
        b_leg: BLeg,
        *,
        until: float | None = None,
    ) -> None:
        """`until`: the loop's time when it must be over, else the plan's limit."""
        self._plan = plan
        self._call = call
        self._callee = callee
        self._b_leg = b_leg
        now = asyncio.get_running_loop().time()
        self._until = now + plan.limit_s if until is None else until

    @property
    def b_leg(self) -> BLeg:
        """The latest."""
        return self._b_leg

    async def run(self) -> End:
        """Connect them; returns how the B leg ended, SENT_ON when A is to end too.

        Raises CallEnded when A leaves.
        """
        while True:
            async with (
                self._referring(self._call.leg, self._b_leg.dialler) as by_a,
                self._referring(self._b_leg.leg, self._call.dialler) as by_b,
            ):
                end = await self._with_one(by_a, by_b)
                if end is not REPLACED or not (successor := by_b.take_successor()):
                    return end
            self._callee, self._b_leg = successor

    def _referring(self, leg: Leg, dialler: Dialler) -> Referring:
        return Referring(self._plan, self._call, self._callee, leg, dialler)

    async def _with_one(self, by_a: Referring, by_b: Referring) -> End:
        end = LEFT
        try:
            await self._call.answer()
            self._call.recorder.dial_answered()
            self._plan.tell(self._call, params.dial_connected(self._about))
            end = await first_of(
                until_hung_up(self._call.leg),
                self._connected(by_b),
                self._b_leg.until_commanded(),
                self._pass_on_keys_of_a(),
                self._pass_on_keys_of_b(),
                self._send_digits(),
                self._until_time_is_up(),
                by_b.until_replaced(REPLACED),
                by_a.until_replaced(SENT_ON),
            )
            return end
        finally:
            gone = self._call.leg.ended is not None
            if end is SENT_ON or (gone and by_a.under_way):
                self._send_on(by_a)
            ended = await self._b_leg.end(end)
            self._plan.tell_hangup(self._call, self._callee, self._b_leg, ended)

    @property
    def _about(self) -> params.DialledLeg:
        return self._callee.about(self._call, self._b_leg)

    async def _connected(self, referring: Referring) -> End:
        """A B leg that refers and leaves at once is over; the talk is not, yet."""
        await self._call.leg.bridge(self._b_leg.leg)
        end = self._b_leg.own_end()
        if referring.under_way:
            await self._b_leg.end(end)
            await first_of(referring.until_nobody_comes(), _ring_back(self._call))
        return end

    def _send_on(self, by_a: Referring) -> None:
        """B talks to the target, or waits for it, whatever becomes of A."""
        plan = replace(self._plan, hang_up_on_star=False, patterns_a=(), patterns_b=())
        if self._b_leg.go(partial(_go_on, by_a, plan, self._until), SENT_ON):
            by_a.keep()

    async def _until_time_is_up(self) -> End:
        await asyncio.sleep(self._until - asyncio.get_running_loop().time())
        return TIME_IS_UP

    async def _send_digits(self) -> End:
        if not self._callee.send_on_preanswer:
            with suppress(CallEnded, MediaError):
                await self._callee.send_digits_to(self._b_leg.leg)
        return await never()

    async def _pass_on_keys_of_a(self) -> End:
        a_leg, b_leg = self._call.leg, self._b_leg.leg
        watch = DigitWatch(self._plan.patterns_a)
        while True:
            key = await a_leg.next_digit()
            if key == STAR and self._plan.hang_up_on_star:
                return LEFT
            self._match(watch, key, by_a=True)
            await _pass_on(key, b_leg)

    async def _pass_on_keys_of_b(self) -> End:
        watch = DigitWatch(self._plan.patterns_b)
        with suppress(CallEnded):
            while True:
                key = await self._b_leg.leg.next_digit()
                self._match(watch, key, by_a=False)
                await _pass_on(key, self._call.leg)
        return await never()

    def _match(self, watch: DigitWatch, key: str, *, by_a: bool) -> None:
        if pattern := watch.press(key):
            event = params.dial_digits(self._about, pattern, by_a=by_a)
            self._plan.tell(self._call, event)


async def _pass_on(key: str, to: Leg) -> None:
    with suppress(CallEnded, MediaError):
        await to.send_digits(key)


async def _ring_back(call: CallSession) -> None:
    await Music(RINGBACK, call).play()
    await never()


async def _go_on(
    referring: Referring, plan: DialPlan, until: float, call: CallSession
) -> End:
    """A leg whose A leg has sent it on, in a session of its own."""
    referring.move_to(call)
    async with AsyncExitStack() as unless_found:
        unless_found.push_async_callback(referring.close)
        await first_of(
            referring.until_settled(), until_hung_up(call.leg), _ring_back(call)
        )
        target = referring.take_successor()
        unless_found.pop_all()
    if target is None:
        return NOBODY_CAME
    return await Talk(plan, call, *target, until=until).run()
