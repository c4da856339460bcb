"""Legs of other workers, for a call that needs more of them than its own worker has."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from hmac import compare_digest
from typing import Protocol, Self

import structlog
from typing_extensions import override

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import Destination, Leg
from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import MediaError, NoLegFree, Unavailable
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.settings import MediaSettings, Settings
from voiceplat.links.channel import Door
from voiceplat.links.link_socket import LinkSocket
from voiceplat.links.ports import link_ports
from voiceplat.media.leg_channel import Greeting, LegChannel
from voiceplat.media.remote_leg import RemoteLeg
from voiceplat.media.sealed_credentials import seal_credentials
from voiceplat.telephony.link import Link

log = structlog.get_logger()


class MoreLegs(Protocol):
    async def dial(self, to: Destination) -> Leg:
        """Raises NoLegFree."""
        ...


class Nowhere(MoreLegs):
    """There is no other worker."""

    @override
    async def dial(self, to: Destination) -> Leg:
        raise NoLegFree


class LinkPhone(Protocol):
    def open_link(self, ends_at: LinkSocket) -> Link: ...


class Elsewhere(MoreLegs):
    """Asks one worker after the other, those with most legs free first."""

    def __init__(
        self, settings: Settings, worker: WorkerAddress, bus: Bus, phone: LinkPhone
    ) -> None:
        self._settings = settings.media
        self._security = settings.security
        self._worker = worker
        self._bus = bus
        self._phone = phone
        self._legs: set[RemoteLeg] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, worker: WorkerAddress, bus: Bus, phone: LinkPhone
    ) -> AsyncIterator[Self]:
        """Hangs up at the end what is left."""
        elsewhere = cls(settings, worker, bus, phone)
        try:
            yield elsewhere
        finally:
            await asyncio.gather(*(leg.hang_up() for leg in elsewhere._legs))

    @override
    async def dial(self, to: Destination) -> RemoteLeg:
        """Raises NoLegFree, also when the bus is away."""
        asked = {self._worker}
        try:
            while True:
                if leg := await self._ask_one_more(to, asked):
                    return leg
        except (Unavailable, MediaError) as error:
            log.warning("no_leg_borrowed", why=str(error))
            raise NoLegFree from error

    async def _ask_one_more(
        self, to: Destination, asked: set[WorkerAddress]
    ) -> RemoteLeg | None:
        """None when that worker did not dial."""
        media = self._settings
        async with AsyncExitStack() as unless_it_dials:
            ends_at = open_socket(media)
            unless_it_dials.callback(ends_at.close)
            async with Door.open(
                media.private_host, link_ports(media), lost_after_s=media.link_lost_s
            ) as door:
                channel, greeting = await self._ask(to, ends_at.end, door, asked)
            if channel is not None:
                unless_it_dials.push_async_callback(channel.close)
            if channel is None or greeting is None or greeting.link is None:
                return None
            ends_at.meet(greeting.link)
            link = self._phone.open_link(ends_at)
            unless_it_dials.pop_all()
        leg = RemoteLeg(channel, link, self._legs.discard)
        self._legs.add(leg)
        return leg

    async def _ask(
        self,
        to: Destination,
        link: LinkEnd,
        door: Door,
        asked: set[WorkerAddress],
    ) -> tuple[LegChannel, Greeting] | tuple[None, None]:
        """What the next worker answered; nothing when it did not in time."""
        wanted = LegWanted(
            to=replace(to, credentials=None),
            link=link,
            host=door.host,
            port=door.port,
            password=secrets.token_urlsafe(),
            sealed_credentials=seal_credentials(to.credentials, self._security),
        )
        worker = await self._bus.legs.borrow(wanted, not_from=asked)
        if worker is None:
            raise NoLegFree
        asked.add(worker)
        try:
            async with asyncio.timeout(self._settings.borrow_timeout_ms / 1000):
                return await _let_in(door, wanted.password)
        except TimeoutError:
            log.warning("worker_did_not_dial", asked=worker)
        await self._bus.legs.take_back(wanted, worker)
        return None, None


def open_socket(media: MediaSettings) -> LinkSocket:
    """One end of a link. Raises Unavailable when no port is free."""
    return LinkSocket(media.private_host, link_ports(media))


async def _let_in(door: Door, password: str) -> tuple[LegChannel, Greeting]:
    """The first that knows the password."""
    while True:
        channel = await door.guest(LegChannel)
        line = await channel.next()
        if isinstance(line, Greeting) and compare_digest(line.password, password):
            return channel, line
        log.warning("stranger_at_the_door")
        await channel.close()
