"""Which conference rooms there are, and where: one of each name in an account.

Who needs a room that is not there claims it, has it made, and the room's mixer says
where it is. A claim that brings nothing is void after a while, a room whose mixer is
dead is released by whoever notices first; then the name is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from voiceplat.bus import keys
from voiceplat.bus.connection import Part, Wire
from voiceplat.calls.status import Direction
from voiceplat.core.clock import from_epoch_ms
from voiceplat.core.ids import AuthId, CallUuid, ConferenceUuid, NodeId

_OPENED_AT: Final = "opened_at"


class RoomName(BaseModel):
    """What tells rooms apart."""

    model_config = ConfigDict(frozen=True)

    account: AuthId
    main: AuthId
    name: str

    @property
    def key(self) -> str:
        return keys.room(self.account, self.name)

    @property
    def in_index(self) -> str:
        return f"{self.account}:{self.name}"


@dataclass(frozen=True, slots=True)
class RoomAddress:
    """Where members come in."""

    host: str
    port: int
    password: str


@dataclass(frozen=True, slots=True)
class FoundRoom:
    uuid: ConferenceUuid
    node: NodeId
    address: RoomAddress | None
    """None while it is being made."""


class ShownMember(BaseModel):
    """A member as the API shows it."""

    model_config = ConfigDict(frozen=True)

    member: int
    call_uuid: CallUuid
    from_: str
    to: str
    caller_name: str
    direction: Direction
    muted: bool
    deaf: bool
    joined_at: datetime


_MEMBERS: Final = TypeAdapter(tuple[ShownMember, ...])


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """A room that has members, or had a moment ago."""

    name: RoomName
    uuid: ConferenceUuid
    opened_at: datetime
    members: tuple[ShownMember, ...]


class Rooms:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._claim = wire.script("claim_room")
        self._tell = wire.script("tell_room")
        self._release = wire.script("release_room")

    async def claim(
        self, name: RoomName, uuid: ConferenceUuid, node: NodeId, patience: timedelta
    ) -> FoundRoom:
        """The room, whoever has it; with that uuid it is the caller's to be made."""
        found, at, host, port, password = await self._claim(
            [
                name.key,
                keys.rooms(name.account),
                keys.rooms(name.main),
                keys.rooms_at(node),
            ],
            [
                uuid,
                name.account,
                name.main,
                name.name,
                node,
                patience // timedelta(milliseconds=1),
                keys.rooms_at(""),
                name.in_index,
            ],
        )
        address = RoomAddress(host, int(port), password) if port else None
        return FoundRoom(ConferenceUuid(found), NodeId(at), address)

    async def opened(
        self, name: RoomName, uuid: ConferenceUuid, at: RoomAddress
    ) -> bool:
        """Its mixer takes members; False when the claim was void and is another's."""
        return await self._told(
            name,
            uuid,
            _OPENED_AT,
            ("host", at.host, "port", at.port, "password", at.password),
        )

    async def show(
        self, name: RoomName, uuid: ConferenceUuid, members: Sequence[ShownMember]
    ) -> bool:
        shown = _MEMBERS.dump_json(tuple(members)).decode()
        return await self._told(name, uuid, "", ("members", shown))

    async def _told(
        self, name: RoomName, uuid: ConferenceUuid, mark: str, facts: Sequence[Part]
    ) -> bool:
        return bool(await self._tell([name.key], [uuid, mark, *facts]))

    async def release(
        self,
        name: RoomName,
        uuid: ConferenceUuid,
        *,
        if_silent: timedelta = timedelta(),
    ) -> bool:
        """That instance is over; with `if_silent`, only if its node seems dead."""
        return await self._free(name, uuid=uuid, if_silent=if_silent)

    async def release_all_at(self, node: NodeId) -> None:
        """A node is dead, and its rooms with it."""
        for index in await self._wire.ask("SMEMBERS", keys.rooms_at(node)):
            account, _, name = index.partition(":")
            found = RoomName(account=account, main=account, name=name)
            await self._free(found, node=node)
        await self._wire.ask("DEL", keys.rooms_at(node))

    async def _free(
        self,
        name: RoomName,
        *,
        uuid: str = "",
        node: str = "",
        if_silent: timedelta = timedelta(),
    ) -> bool:
        reply = await self._release(
            [name.key, keys.NODES],
            [
                uuid,
                node,
                if_silent // timedelta(milliseconds=1),
                keys.rooms(""),
                keys.rooms_at(""),
                keys.inbox(""),
                name.in_index,
            ],
        )
        return bool(reply)

    async def get(self, account: AuthId, name: str) -> LiveRoom | None:
        """A room of exactly that account, if it has members."""
        main, uuid, opened_at, members = await self._wire.ask(
            "HMGET", keys.room(account, name), "main", "uuid", _OPENED_AT, "members"
        )
        if opened_at is None or not members or not (shown := _read(members)):
            return None
        return LiveRoom(
            name=RoomName(account=account, main=main, name=name),
            uuid=ConferenceUuid(uuid),
            opened_at=from_epoch_ms(int(opened_at)),
            members=shown,
        )

    async def list(self, account: AuthId) -> "list[LiveRoom]":
        """An account's rooms, oldest first; a main account's subaccounts' too."""
        found = [
            await self.get(AuthId(owner), name)
            for index in await self._wire.ask("ZRANGE", keys.rooms(account), 0, -1)
            for owner, _, name in [index.partition(":")]
        ]
        return [room for room in found if room is not None]


def _read(members: str) -> tuple[ShownMember, ...]:
    return _MEMBERS.validate_json(members)
