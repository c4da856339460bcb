"""A leg of this worker that belongs to a call of another worker."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Protocol

import structlog

from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import CallEnded, Destination
from voiceplat.core.errors import MediaError, NoLegFree, Unavailable, VoiceplatError
from voiceplat.core.race import first_of
from voiceplat.core.sealing import WrongSecretKey
from voiceplat.core.settings import Settings
from voiceplat.media.elsewhere import LinkPhone, open_socket
from voiceplat.media.leg_channel import (
    Cancel,
    Deed,
    Done,
    Greeting,
    Key,
    LegChannel,
    Order,
    Over,
    Reached,
)
from voiceplat.media.sealed_credentials import unseal_credentials
from voiceplat.telephony.audible_leg import AudibleLeg

log = structlog.get_logger()


class LendingPhone(LinkPhone, Protocol):
    async def dial(self, to: Destination) -> AudibleLeg: ...


async def lend(wanted: LegWanted, phone: LendingPhone, settings: Settings) -> None:
    """Dial as another worker wants it and obey it until the leg is over.

    Nothing is dialled for a worker that does not wait any more.
    """
    media = settings.media
    try:
        channel = await LegChannel.visit(
            wanted.host, wanted.port, lost_after_s=media.link_lost_s
        )
    except OSError as error:
        log.info("leg_not_wanted_any_more", why=str(error))
        return
    async with AsyncExitStack() as held:
        held.push_async_callback(channel.close)
        try:
            link = phone.open_link(open_socket(media))
            held.callback(link.close)
            sealed = wanted.sealed_credentials
            credentials = unseal_credentials(sealed, settings.security)
            leg = await phone.dial(replace(wanted.to, credentials=credentials))
        except (NoLegFree, Unavailable, MediaError, WrongSecretKey) as error:
            log.info("no_leg_to_lend", why=str(error))
            channel.say(Greeting(password=wanted.password))
            return
        held.push_async_callback(leg.hang_up)
        link.meet(wanted.link)
        channel.say(Greeting(password=wanted.password, link=link.end))
        log.info("leg_lent")
        with leg.audio.joined(link.audio):
            lent = LentLeg(leg, channel)
            await first_of(lent.until_over(), lent.obey())


class LentLeg:
    """Tells the other worker what happens to the leg, does what it says."""

    def __init__(self, leg: AudibleLeg, channel: LegChannel) -> None:
        self._leg = leg
        self._channel = channel
        self._told: set[str] = set()
        self._orders: dict[int, asyncio.Task[None]] = {}

    async def until_over(self) -> None:
        """Returns when the other worker has been told that the leg has ended."""
        await asyncio.gather(
            *(
                _until_over(watch)
                for watch in (
                    self._watch(self._leg.until_ringing),
                    self._watch(self._leg.until_media),
                    self._watch(self._leg.until_answered),
                    self._watch_keys(),
                )
            )
        )
        self._channel.say(
            Over(
                ended=await self._leg.until_ended(),
                answered=self._leg.answered,
                quality=self._leg.quality(),
            )
        )

    async def obey(self) -> None:
        """Returns when the other worker is gone."""
        try:
            while line := await self._channel.next():
                match line:
                    case Order():
                        self._orders[line.order] = asyncio.create_task(
                            self._carry_out(line)
                        )
                    case Cancel() if line.order in self._orders:
                        self._orders[line.order].cancel()
                    case _:
                        pass
        finally:
            for task in self._orders.values():
                task.cancel()
            await asyncio.gather(*self._orders.values(), return_exceptions=True)

    async def _carry_out(self, order: Order) -> None:
        failed, referral = None, None
        try:
            if order.do == "next_referral":
                referral = await self._leg.next_referral()
            else:
                await self._deed(order.do, order)
        except CallEnded:
            return  # that is told anyway
        except VoiceplatError as error:
            failed = str(error)
        self._catch_up()
        self._channel.say(Done(order=order.order, failed=failed, referral=referral))

    async def _deed(self, do: Deed, order: Order) -> None:
        leg = self._leg
        match do:
            case "ring":
                await leg.ring()
            case "open_early_media":
                await leg.open_early_media()
            case "answer":
                await leg.answer(order.headers)
            case "hang_up":
                await leg.hang_up(order.sip_status)
            case "send_digits":
                await leg.send_digits(order.digits, tone_ms=order.tone_ms, by=order.by)
            case "report_referral" if order.referral:
                leg.report_referral(order.referral, order.sip_status)

    async def _watch(self, until: Callable[[], Awaitable[None]]) -> None:
        await until()
        if until == self._leg.until_ringing:
            self._tell("ringing")
        self._catch_up()

    async def _watch_keys(self) -> None:
        while True:
            self._channel.say(Key(key=await self._leg.next_digit()))

    def _catch_up(self) -> None:
        """What an order has brought about is told before the order is done."""
        if self._leg.has_media:
            self._tell("media")
            if self._leg.answered:
                self._tell("answered")

    def _tell(self, reached: str) -> None:
        if reached not in self._told:
            self._told.add(reached)
            self._channel.say(Reached.model_validate({"kind": reached}))


async def _until_over(watch: Awaitable[None]) -> None:
    with suppress(CallEnded):
        await watch
