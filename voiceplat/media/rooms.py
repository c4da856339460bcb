"""Finds the conference room of a name, wherever it is, or has it made on this host."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

import structlog
from typing_extensions import override

from voiceplat.bus.bus import Bus
from voiceplat.bus.rooms import FoundRoom, RoomAddress, RoomName
from voiceplat.core.errors import MediaError, RoomFull, Unavailable
from voiceplat.core.ids import NodeId, new_conference_uuid
from voiceplat.core.settings import MediaSettings
from voiceplat.links.link_socket import LinkSocket
from voiceplat.media.elsewhere import LinkPhone
from voiceplat.mixer.member_channel import Join, MemberChannel, Refused, Welcome
from voiceplat.mixer.process import MixerWanted
from voiceplat.telephony.link import Link

log = structlog.get_logger()

LOOK_AGAIN_S: Final = 0.02

AskSupervisor = Callable[[bytes], None]
MakeJoin = Callable[[str], Join]
"""Given the room's password."""


class Rooms(Protocol):
    async def enter(
        self, name: RoomName, join: MakeJoin
    ) -> tuple[MemberChannel, Welcome]:
        """Be let into the one room of that name. Raises RoomFull, or Unavailable."""
        ...

    def open_link(self, ends_at: LinkSocket) -> Link:
        """Where a member of this worker hears the room. Raises MediaError."""
        ...


class NoRooms(Rooms):
    """There is nobody who could make one."""

    @override
    async def enter(
        self, name: RoomName, join: MakeJoin
    ) -> tuple[MemberChannel, Welcome]:
        raise Unavailable("conference rooms")

    @override
    def open_link(self, ends_at: LinkSocket) -> Link:
        raise MediaError("there are no conference rooms")


class RoomsOfPlatform(Rooms):
    def __init__(
        self,
        media: MediaSettings,
        node: NodeId,
        bus: Bus,
        phone: LinkPhone,
        ask: AskSupervisor,
    ) -> None:
        self._media = media
        self._node = node
        self._bus = bus
        self._phone = phone
        self._ask = ask

    @override
    def open_link(self, ends_at: LinkSocket) -> Link:
        return self._phone.open_link(ends_at)

    @override
    async def enter(
        self, name: RoomName, join: MakeJoin
    ) -> tuple[MemberChannel, Welcome]:
        """See Rooms.enter."""
        try:
            async with asyncio.timeout(self._media.room_timeout_ms / 1000):
                while True:
                    with suppress(Unavailable):  # the bus may be back in a moment
                        found = await self._found(name)
                        if found.address and (
                            entered := await self._try(name, found, found.address, join)
                        ):
                            return entered
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError as error:
            raise Unavailable("the conference room", "nobody let us in") from error

    async def _found(self, name: RoomName) -> FoundRoom:
        """Who has the room; has it made when nobody does."""
        uuid = new_conference_uuid()
        patience = timedelta(milliseconds=self._media.room_timeout_ms)
        found = await self._bus.rooms.claim(name, uuid, self._node, patience)
        if found.uuid == uuid:
            wanted = MixerWanted(room=name, uuid=uuid)
            self._ask(wanted.model_dump_json().encode())
        return found

    async def _try(
        self, name: RoomName, found: FoundRoom, at: RoomAddress, join: MakeJoin
    ) -> tuple[MemberChannel, Welcome] | None:
        """None when the room is not there any more, or about to end."""
        try:
            channel = await self._visit(at)
        except ConnectionRefusedError:
            log.warning("room_is_dead", conference=found.uuid)
            await self._bus.rooms.release(name, found.uuid)
            return None
        except (OSError, TimeoutError):
            log.warning("room_not_reached", conference=found.uuid)
            silent = timedelta(milliseconds=self._media.heartbeat_timeout_ms)
            await self._bus.rooms.release(name, found.uuid, if_silent=silent)
            return None
        answer = None
        try:
            channel.say(join(at.password))
            answer = await channel.next()
        finally:
            if not isinstance(answer, Welcome):
                await channel.close()
        if isinstance(answer, Refused) and answer.full:
            raise RoomFull
        return (channel, answer) if isinstance(answer, Welcome) else None

    async def _visit(self, at: RoomAddress) -> MemberChannel:
        media = self._media
        async with asyncio.timeout(media.borrow_timeout_ms / 1000):
            return await MemberChannel.visit(
                at.host, at.port, lost_after_s=media.link_lost_s
            )
