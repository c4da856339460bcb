"""What a room is told by the API, and how its mixer hears and answers it."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Final, Literal

import structlog
from pydantic import Field, TypeAdapter, ValidationError

from voiceplat.bus import keys
from voiceplat.bus.commands import (
    Message,
    StartRecording,
    StopRecording,
    acknowledge,
    answer_to,
)
from voiceplat.bus.connection import BLOCK_MS, Wire, outliving
from voiceplat.bus.rooms import LiveRoom
from voiceplat.core.errors import CommandRefused, NotFound, Unavailable
from voiceplat.core.ids import ConferenceUuid

log = structlog.get_logger()

NO_ROOM: Final = "conference not found"
NO_MEMBER: Final = "member not found"
EVERYBODY: Final = ()


class OfMembers(Message):
    members: tuple[int, ...]
    """EVERYBODY: all who are there when it is done."""


class Kick(OfMembers):
    kind: Literal["kick"] = "kick"


class Mute(OfMembers):
    kind: Literal["mute"] = "mute"
    muted: bool


class Deafen(OfMembers):
    kind: Literal["deafen"] = "deafen"
    deaf: bool


class PlayToMembers(OfMembers):
    kind: Literal["play"] = "play"
    url: str


class SpeakToMembers(OfMembers):
    kind: Literal["speak"] = "speak"
    text: str
    voice: str
    language: str


class StopForMembers(OfMembers):
    """What an earlier command plays or speaks to them is to end."""

    kind: Literal["stop"] = "stop"
    what: Literal["play", "speak"]


RoomCommand = (
    Kick
    | Mute
    | Deafen
    | PlayToMembers
    | SpeakToMembers
    | StopForMembers
    | StartRecording
    | StopRecording
)


class RoomMessage(Message):
    id: str
    command: Annotated[RoomCommand, Field(discriminator="kind")]


_MESSAGE: Final = TypeAdapter(RoomMessage)


class RoomCommands:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._command = wire.script("room_command")

    async def send(
        self, room: LiveRoom, command: RoomCommand, *, within: timedelta
    ) -> None:
        """Returns when the mixer has done it, or begun to.

        Raises NotFound when the room is over, CommandRefused, or Unavailable.
        """
        message = RoomMessage(id=secrets.token_hex(8), command=command)
        text = message.model_dump_json()
        inbox = await self._command([room.name.key], [room.uuid, text, keys.inbox("")])
        if not inbox:
            raise NotFound(NO_ROOM)
        answer = await answer_to(message.id, within, self._wire)
        if answer is None:
            await self._wire.ask("LREM", inbox, 1, text)
            if not await self._wire.ask("EXISTS", room.name.key):
                raise NotFound(NO_ROOM)
            raise Unavailable("the conference's mixer", "it did not answer")
        if answer:
            raise CommandRefused(answer)

    async def inbox(self, room: ConferenceUuid) -> AsyncGenerator[RoomMessage]:
        """What a room is told, in order; outlives restarts of Redis."""
        async with aclosing(outliving(lambda: self._messages(room))) as messages:
            async for message in messages:
                yield message

    async def _messages(self, room: ConferenceUuid) -> AsyncGenerator[RoomMessage]:
        while True:
            got = await self._wire.wait("BLPOP", keys.inbox(room), BLOCK_MS / 1000)
            if got is None:
                continue
            try:
                yield _MESSAGE.validate_json(got[1])
            except ValidationError as error:
                log.warning("room_command_invalid", errors=error.error_count())

    async def acknowledge(self, message: RoomMessage, error: str = "") -> None:
        """Tell the sender that it was done, or why not."""
        await acknowledge(message.id, error, self._wire)
