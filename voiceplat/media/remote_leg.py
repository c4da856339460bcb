"""A leg whose SIP dialog another worker has, the host worker; its audio is a link's.

Playing, recording and bridging happen here, at this end of the link, so it goes
together with legs of this worker and with other remote ones. Signalling travels.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from typing_extensions import override

from voiceplat.calls.leg import CallEnded, Ended, KeysBy, Party, Quality, Referral
from voiceplat.core.errors import MediaError
from voiceplat.media.leg_channel import (
    Cancel,
    Deed,
    Done,
    Key,
    LegChannel,
    Line,
    Order,
    Over,
    Reached,
)
from voiceplat.telephony.audible_leg import PAUSES_S, AudibleLeg, check_digits
from voiceplat.telephony.link import Link

LOST: Final = Ended(Party.US, 503, "the worker that had the leg is gone")
DECLINE: Final = 603
HANG_UP_S: Final = 5.0
"""How long the host worker may take to hang up; then it is left to do so."""


class RemoteLeg(AudibleLeg):
    def __init__(
        self,
        channel: LegChannel,
        link: Link,
        when_over: Callable[["RemoteLeg"], None] = lambda _: None,
    ) -> None:
        super().__init__(link.audio)
        self._channel = channel
        self._link = link
        self._when_over = when_over
        self._how: Ended | None = None
        self._was_answered = False
        self._keys: deque[str] = deque()
        self._key_came = asyncio.Event()
        self._orders: dict[int, asyncio.Future[Done]] = {}
        self._last_order = 0
        self._quality = Quality()
        self._following = asyncio.create_task(self._follow())

    @property
    @override
    def ended(self) -> Ended | None:
        return self._how

    @property
    @override
    def answered(self) -> bool:
        return self._was_answered

    @override
    async def ring(self) -> None:
        await self._order("ring")

    @override
    async def open_early_media(self) -> None:
        await self._order("open_early_media")

    @override
    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        await self._order("answer", headers=headers or {})

    @override
    async def hang_up(self, sip_status: int = 0) -> None:
        if self._how is None:
            order = Order(order=0, do="hang_up", sip_status=sip_status)
            self._channel.say(order)
            try:
                async with asyncio.timeout(HANG_UP_S):
                    await self._over.wait()
            except TimeoutError:
                self._following.cancel()
        await self._over.wait()
        await asyncio.wait([self._following])

    @override
    async def until_ended(self) -> Ended:
        await self._over.wait()
        return self._how or LOST

    @override
    async def next_digit(self) -> str:
        while True:
            self._live()
            if self._keys:
                return self._keys.popleft()
            self._key_came.clear()
            await self._key_came.wait()

    @override
    async def next_referral(self) -> Referral:
        """Its host takes one when it is asked to, and declines all others."""
        done = await self._order("next_referral")
        if done.referral is None:  # the leg ended
            raise CallEnded(await self.until_ended())
        return done.referral

    @override
    def report_referral(self, referral: Referral, sip_status: int) -> None:
        order = Order(
            order=0, do="report_referral", referral=referral, sip_status=sip_status
        )
        self._channel.say(order)

    @override
    def forget_digits(self) -> None:
        self._keys.clear()

    @override
    async def send_digits(
        self, digits: str, *, tone_ms: int = 160, by: KeysBy = KeysBy.ANY
    ) -> None:
        check_digits(digits)
        await self._order("send_digits", digits=digits, tone_ms=tone_ms, by=by)
        for digit in digits:
            if digit not in PAUSES_S:
                self._watch(digit, Party.US)

    @override
    def quality(self) -> Quality:
        """The host worker's, told at the end."""
        return self._quality

    async def _order(
        self,
        do: Deed,
        *,
        headers: Mapping[str, str] | None = None,
        digits: str = "",
        tone_ms: int = 0,
        by: KeysBy = KeysBy.ANY,
    ) -> Done:
        """Returns when the host worker has done it; cancelling takes it back."""
        self._live()
        self._last_order += 1
        order = Order(
            order=self._last_order,
            do=do,
            headers=headers or {},
            digits=digits,
            tone_ms=tone_ms,
            by=by,
        )
        done = self._orders[order.order] = asyncio.Future()
        self._channel.say(order)
        try:
            outcome = await done
        except asyncio.CancelledError:
            self._channel.say(Cancel(order=order.order))
            raise
        finally:
            del self._orders[order.order]
        if outcome.referral is None:  # one that came just before the end still counts
            self._live()
        if outcome.failed is not None:
            raise MediaError(outcome.failed)
        return outcome

    async def _follow(self) -> None:
        """Take in what happens to the leg, until it is over or its worker is gone."""
        try:
            while self._how is None and (line := await self._channel.next()):
                self._take(line)
        finally:
            self._how = self._how or LOST
            self._finish()
            await self._channel.close()

    def _take(self, line: Line) -> None:
        match line:
            case Reached(kind="ringing"):
                self._rang.set()
            case Reached(kind="media"):
                self._media.set()
            case Reached(kind="answered"):
                self._was_answered = True
                self._rang.set()
                self._answer.set()
            case Key():
                self._keys.append(line.key)
                self._watch(line.key, Party.FAR)
                self._key_came.set()
            case Done():
                if (order := self._orders.get(line.order)) and not order.done():
                    order.set_result(line)
                elif line.referral:  # it came while its order was taken back
                    self.report_referral(line.referral, DECLINE)
            case Over():
                self._how = line.ended
                self._was_answered = line.answered
                self._quality = line.quality
            case _:
                pass

    def _finish(self) -> None:
        for order, done in self._orders.items():
            if not done.done():
                done.set_result(Done(order=order))
        self._key_came.set()
        self._is_over()
        self._link.close()
        self._when_over(self)
