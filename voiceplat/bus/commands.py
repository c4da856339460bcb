"""What a live call's worker is told to do, and what reaches a worker at all.

One inbox per worker: jobs from the dispatcher, commands from the API, legs that other
workers want, in the order in which they were sent. A command is answered by its worker;
one that was not taken out of the inbox in time is taken back, so that it is not done
after its sender gave up.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voiceplat.bus import keys
from voiceplat.bus.connection import BLOCK_MS, Wire, outliving
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.leg import Destination
from voiceplat.calls.link import LinkEnd
from voiceplat.calls.recording import RecordingOrder
from voiceplat.core.errors import CallNotLive, CommandRefused, Unavailable
from voiceplat.core.ids import CallUuid

log = structlog.get_logger()

REPLY_KEPT_S: Final = 60
DEFAULT_TIMEOUT: Final = timedelta(seconds=3)

Legs = Literal["aleg", "bleg", "both"]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class Hangup(Message):
    kind: Literal["hangup"] = "hangup"
    source: str
    cause: int


class Transfer(Message):
    """Go on with another document; a leg without one goes on as before."""

    kind: Literal["transfer"] = "transfer"
    aleg: Hook | None = None
    bleg: Hook | None = None


class PlaySounds(Message):
    kind: Literal["play"] = "play"
    urls: tuple[str, ...]
    length_s: int = 0
    """All of it together; 0 for no limit."""
    legs: Legs = "aleg"
    loop: bool = False
    mix: bool = True
    """Whether what plays or is said meanwhile is heard, too."""


class SpeakText(Message):
    kind: Literal["speak"] = "speak"
    text: str
    voice: str
    language: str
    ssml: bool = False
    legs: Legs = "aleg"
    loop: bool = False
    mix: bool = True


class StopSounds(Message):
    """What an earlier command plays or speaks is to end; nothing is as good."""

    kind: Literal["stop"] = "stop"
    what: Literal["play", "speak"]


class SendDigits(Message):
    kind: Literal["digits"] = "digits"
    digits: str
    legs: Legs = "aleg"


class StartRecording(Message):
    kind: Literal["record"] = "record"
    order: RecordingOrder


class StopRecording(Message):
    """Nothing that is recorded is as good."""

    kind: Literal["stop_recording"] = "stop_recording"
    recording: str = ""
    """Its id; empty for all of the call's."""


Command = Annotated[
    Hangup
    | Transfer
    | PlaySounds
    | SpeakText
    | StopSounds
    | SendDigits
    | StartRecording
    | StopRecording,
    Field(discriminator="kind"),
]
"""Whatever a live call can be told."""


class Job(Message):
    """An outbound call to begin and dial."""

    kind: Literal["job"] = "job"
    call: Call


class CommandMessage(Message):
    kind: Literal["command"] = "command"
    id: str
    call_uuid: CallUuid
    command: Command


class LegWanted(Message):
    """A leg to dial for a call of another worker, and to connect to that one."""

    kind: Literal["leg_wanted"] = "leg_wanted"
    to: Destination
    link: LinkEnd
    """Where that worker takes the audio."""
    host: str
    port: int
    """Where that worker waits, over TCP, to be told what happens."""
    password: str
    sealed_credentials: str = ""
    """Those of `to`, which has none itself: what lies in Redis can be read there."""


InboxMessage = Job | CommandMessage | LegWanted

_INBOX: Final[TypeAdapter[InboxMessage]] = TypeAdapter(
    Annotated[InboxMessage, Field(discriminator="kind")]
)


class Commands:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._command = wire.script("command")
        self._restore_jobs = wire.script("restore_jobs")

    async def send(
        self, uuid: CallUuid, command: Command, *, within: timedelta = DEFAULT_TIMEOUT
    ) -> None:
        """Returns when the call's worker has done it.

        Raises CallNotLive, CommandRefused, or Unavailable when the worker says nothing.
        """
        message = CommandMessage(
            id=secrets.token_hex(8), call_uuid=uuid, command=command
        )
        text = message.model_dump_json()
        inbox = await self._command([keys.call(uuid)], [text, keys.inbox("")])
        if not inbox:
            raise CallNotLive(uuid)
        answer = await answer_to(message.id, within, self._wire)
        if answer is None:
            await self._wire.ask("LREM", inbox, 1, text)
        if answer == "":
            return
        if not await self._wire.ask("EXISTS", keys.call(uuid)):
            raise CallNotLive(uuid)
        if answer is None:
            raise Unavailable("the call's worker", "it did not answer")
        raise CommandRefused(answer)

    async def inbox(self, worker: str) -> AsyncGenerator[InboxMessage]:
        """What a worker is told, in order; outlives restarts of Redis.

        A job may come twice when a connection broke; `queue.begin` sorts that out.
        """
        async with aclosing(outliving(lambda: self._messages(worker))) as messages:
            async for message in messages:
                yield message

    async def _messages(self, worker: str) -> AsyncGenerator[InboxMessage]:
        await self._restore_jobs(
            [keys.inbox(worker), keys.worker(worker)], [keys.call("")]
        )
        while True:
            if message := await self._next(worker):
                yield message

    async def _next(self, worker: str) -> InboxMessage | None:
        """The oldest message; None when there was none for BLOCK_MS, or no sense."""
        got = await self._wire.wait("BLPOP", keys.inbox(worker), BLOCK_MS / 1000)
        if got is None:
            return None
        try:
            return _INBOX.validate_json(got[1])
        except ValidationError as error:
            log.warning(
                "inbox_message_invalid", worker=worker, errors=error.error_count()
            )
            return None

    async def acknowledge(
        self, message: CommandMessage, error: str | None = None
    ) -> None:
        """Tell the sender that it was done, or why not."""
        await acknowledge(message.id, error or "", self._wire)

    async def discard(self, worker: str) -> None:
        """Throw away what a dead worker will never read."""
        await self._wire.ask("DEL", keys.inbox(worker))


async def answer_to(command: str, within: timedelta, wire: Wire) -> str | None:
    """What was acknowledged; None when nothing was in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within.total_seconds()
    while (left := deadline - loop.time()) > 0:
        seconds = min(left, BLOCK_MS / 1000)
        got = await wire.wait("BLPOP", keys.reply(command), seconds)
        if got is not None:
            return str(got[1])
    return None


async def acknowledge(command: str, answer: str, wire: Wire) -> None:
    key = keys.reply(command)
    await wire.all_of(("RPUSH", key, answer), ("EXPIRE", key, REPLY_KEPT_S))
