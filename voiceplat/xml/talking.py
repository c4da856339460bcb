"""Two parties connected by a Dial, until one of them, or the plan, ends it."""

import asyncio
from contextlib import suppress

from voiceplat.calls import params
from voiceplat.calls.dialling import BLeg
from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource
from voiceplat.calls.leg import CallEnded, Leg, until_hung_up
from voiceplat.calls.outcome import End
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError
from voiceplat.core.race import first_of, never
from voiceplat.xml.dial_music import Music
from voiceplat.xml.dial_plan import RINGBACK, Callee, DialPlan
from voiceplat.xml.digit_patterns import DigitWatch
from voiceplat.xml.referring import REPLACED, Referring

LEFT = End(CAUSES[4000], HangupSource.CALLER)
TIME_IS_UP = End(CAUSES[6000])
STAR = "*"


class Talk:
    """Of the A leg with a B leg, and with whoever that one refers it to."""

    def __init__(
        self, plan: DialPlan, call: CallSession, callee: Callee, b_leg: BLeg
    ) -> None:
        self._plan = plan
        self._call = call
        self._callee = callee
        self._b_leg = b_leg
        self._until = asyncio.get_running_loop().time() + plan.limit_s

    @property
    def b_leg(self) -> BLeg:
        """The latest."""
        return self._b_leg

    async def run(self) -> HangupCause:
        """Connect them; returns why the B leg ended. Raises CallEnded when A leaves."""
        while True:
            async with Referring(
                self._plan, self._call, self._callee, self._b_leg
            ) as referring:
                end = await self._with_one(referring)
                if end is not REPLACED or not (successor := referring.take_successor()):
                    return end.cause
            self._callee, self._b_leg = successor

    async def _with_one(self, referring: Referring) -> End:
        end = LEFT
        try:
            await self._call.answer()
            self._call.recorder.dial_answered()
            self._plan.tell(self._call, params.dial_connected(self._about))
            end = await first_of(
                until_hung_up(self._call.leg),
                self._connected(referring),
                self._b_leg.until_commanded(),
                self._pass_on_keys_of_a(),
                self._pass_on_keys_of_b(),
                self._send_digits(),
                self._until_time_is_up(),
                referring.until_replaced(),
            )
            return end
        finally:
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
            await first_of(referring.until_nobody_comes(), self._ring_back())
        return end

    async def _ring_back(self) -> None:
        await Music(RINGBACK, self._call).play()
        await never()

    async def _until_time_is_up(self) -> End:
        await asyncio.sleep(self._until - asyncio.get_running_loop().time())
        return TIME_IS_UP

    async def _send_digits(self) -> End:
        if not self._callee.send_on_preanswer:
            with suppress(CallEnded, MediaError):
                await self._b_leg.leg.send_digits(self._callee.send_digits)
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
