"""Members of a whole mixer: their lines over TCP, their tones over UDP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from tests.bus.calls import MAIN, NODE
from tests.fakes.prompts import FakePrompts
from tests.mixer.phones import HOST, tone, tones_in, voice
from voiceplat.bus.bus import Bus
from voiceplat.bus.room_commands import RoomCommand
from voiceplat.bus.rooms import LiveRoom, RoomAddress, RoomName
from voiceplat.calls.call import Hook
from voiceplat.calls.conference import MemberRules
from voiceplat.calls.status import Direction
from voiceplat.core.ids import new_call_uuid, new_conference_uuid
from voiceplat.core.settings import Settings
from voiceplat.links.channel import Door
from voiceplat.links.link_socket import LinkSocket
from voiceplat.mixer.member_channel import (
    Join,
    Leave,
    Line,
    MemberChannel,
    Out,
    Told,
    Welcome,
)
from voiceplat.mixer.process import Mixer, MixerSpec, MixerWanted

TEAM = RoomName(account=MAIN, main=MAIN, name="team")
PATIENCE_S = 20
LONG = timedelta(seconds=PATIENCE_S)
EVENTS = Hook(url="http://app/events")


class Running:
    """A mixer in this process, and how its members come in."""

    def __init__(self, bus: Bus, lifeline: Connection) -> None:
        self.bus = bus
        self.uuid = new_conference_uuid()
        self.prompts = FakePrompts()
        self.lifeline = lifeline
        self.task: asyncio.Task[None]

    async def address(self) -> RoomAddress:
        """Once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.bus.rooms.claim(
                    TEAM, new_conference_uuid(), NODE, LONG
                )
                if found.address:
                    return found.address
                await asyncio.sleep(0.02)

    async def member(self, rules: MemberRules | None = None) -> "Member":
        at = await self.address()
        channel = await MemberChannel.visit(at.host, at.port, lost_after_s=4)
        member = Member(channel)
        channel.say(member.join(at.password, rules or MemberRules()))
        return member

    async def room(self) -> LiveRoom:
        found = await self.bus.rooms.get(MAIN, TEAM.name)
        assert found is not None
        return found

    async def until_shown(self, count: int) -> None:
        """Returns when so many members stand on the bus."""
        async with asyncio.timeout(PATIENCE_S):
            while len((await self.room()).members) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def until_fetched(self, count: int) -> list[str]:
        """The URLs of the sounds that were made ready."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.prompts.fetched) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.prompts.fetched

    async def tell(self, command: RoomCommand) -> None:
        """As the API does."""
        room = await self.room()
        await self.bus.room_commands.send(room, command, within=LONG)

    async def told(self) -> list[dict[str, str]]:
        """What the ledger is to tell the customer."""
        await self.task
        if not await self.bus.events.waiting():
            return []
        events = await self.bus.events.read("test")
        return [event.callback().params for event in events]


class Member:
    def __init__(self, channel: MemberChannel) -> None:
        self.channel = channel
        self.call_uuid = new_call_uuid()
        self.socket = LinkSocket(HOST)
        self.number = 0
        self.lines: list[Line] = []
        self._speaking: asyncio.Task[None] | None = None

    def join(self, password: str, rules: MemberRules) -> Join:
        return Join(
            password=password,
            call_uuid=self.call_uuid,
            account=MAIN,
            from_="15550100",
            to="15550199",
            caller_name="Ann",
            direction=Direction.INBOUND,
            rules=rules,
            link=self.socket.end,
            events=EVENTS,
            about={"CallUUID": self.call_uuid},
        )

    async def welcomed(self) -> "Member":
        line = await self.until(Welcome)
        self.number = line.member
        self.socket.meet(line.link)
        return self

    async def until(self, kind: type[Any], which: Callable[[Any], bool] = bool) -> Any:  # noqa: ANN401
        """The next line of that kind."""
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.channel.next():
                self.lines.append(line)
                if isinstance(line, kind) and which(line):
                    return line
        raise AssertionError(f"no {kind.__name__}, but the end")

    async def hears(self, hz: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while hz not in tones_in(  # noqa: ASYNC110 - the network tells nobody
                self.socket.next_frame() or bytes(320)
            ):
                await asyncio.sleep(0.005)

    async def does_not_hear(self, hz: int) -> None:
        """Frames of the room come, and at last none of them has it."""
        clear = 0
        async with asyncio.timeout(PATIENCE_S):
            while clear < 10:
                frame = self.socket.next_frame()
                if frame is not None:
                    clear = 0 if hz in tones_in(frame) else clear + 1
                await asyncio.sleep(0.005)

    def speak(self) -> None:
        self._speaking = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        while True:
            self.socket.send(tone(voice(self.number)))
            await asyncio.sleep(0.02)

    async def die(self) -> None:
        """As a worker does: without a word."""
        if self._speaking:
            self._speaking.cancel()
        await self.channel.close()
        self.socket.close()

    async def go(self) -> Out:
        self.channel.say(Leave())
        out: Out = await self.until(Out)
        self.channel.say(Told())
        await self.die()
        return out


@asynccontextmanager
async def mixer(bus: Bus, settings: Settings) -> AsyncIterator[Running]:
    ours, theirs = Pipe()
    running = Running(bus, ours)
    await bus.rooms.claim(TEAM, running.uuid, NODE, LONG)

    async def serve() -> None:
        spec = MixerSpec(settings, MixerWanted(room=TEAM, uuid=running.uuid))
        async with Door.open(HOST, (0,), lost_after_s=4) as door:
            await Mixer(spec, bus, running.prompts, door).run(theirs)

    running.task = asyncio.create_task(serve())
    try:
        yield running
        async with asyncio.timeout(PATIENCE_S):
            await running.task
    finally:
        running.task.cancel()
        await asyncio.gather(running.task, return_exceptions=True)
        ours.close()
        theirs.close()
