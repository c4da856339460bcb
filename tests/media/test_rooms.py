"""How a worker comes into the room of a name: found, made, dead, full, unreachable."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.fakes.session import MAIN
from tests.servers.free_ports import free_port
from voiceplat.bus.bus import Bus
from voiceplat.bus.rooms import FoundRoom, RoomAddress, RoomName
from voiceplat.calls.conference import MemberRules
from voiceplat.calls.link import LinkEnd
from voiceplat.calls.status import Direction
from voiceplat.core.errors import RoomFull, Unavailable
from voiceplat.core.ids import ConferenceUuid, NodeId, new_call_uuid
from voiceplat.core.settings import MediaSettings
from voiceplat.links.channel import Door
from voiceplat.media.elsewhere import LinkPhone
from voiceplat.media.rooms import RoomsOfPlatform
from voiceplat.mixer.member_channel import Join, Line, MemberChannel, Refused, Welcome

pytestmark = pytest.mark.real_time

HOST = "127.0.0.1"
TEAM = RoomName(account=MAIN, main=MAIN, name="team")
THERE = ConferenceUuid("there")
LINK = LinkEnd(HOST, 1, 1)
WELCOME = Welcome(member=1, first=True, conference_uuid=THERE, link=LINK)
MEDIA = MediaSettings(room_timeout_ms=1500, borrow_timeout_ms=500)

Answer = Callable[[MemberChannel], Coroutine[Any, Any, None]]


class FakeBus:
    """One room or none; `away` so many times."""

    def __init__(self, address: RoomAddress | None = None, *, away: int = 0) -> None:
        self.address = address
        self.claimed: list[ConferenceUuid] = []
        self.released: list[tuple[ConferenceUuid, bool]] = []
        """With whether its node had to be silent."""
        self._away = away
        self._holder = THERE if address else None

    def as_bus(self) -> Bus:
        self.rooms = self
        return cast("Bus", self)

    async def claim(
        self, name: RoomName, uuid: ConferenceUuid, node: NodeId, patience: timedelta
    ) -> FoundRoom:
        assert (name, patience) == (TEAM, timedelta(milliseconds=1500))
        if self._away:
            self._away -= 1
            raise Unavailable("Redis")
        if self._holder is None:
            self._holder = uuid
            self.claimed.append(uuid)
        return FoundRoom(self._holder, node, self.address)

    async def release(
        self,
        name: RoomName,
        uuid: ConferenceUuid,
        *,
        if_silent: timedelta = timedelta(),
    ) -> bool:
        assert name == TEAM
        self.released.append((uuid, bool(if_silent)))
        self._holder = self.address = None
        return True


@asynccontextmanager
async def door(*answers: Line | None) -> AsyncIterator[RoomAddress]:
    """Says to each who comes the next of `answers`; None is the end at once."""
    async with Door.open(HOST, (0,), lost_after_s=4) as opened:

        async def let_in() -> None:
            for answer in answers:
                channel = await opened.guest(MemberChannel)
                line = await channel.next()
                assert isinstance(line, Join)
                assert line.password == "open"
                if answer:
                    channel.say(answer)
                await channel.close()

        serving = asyncio.create_task(let_in())
        try:
            yield RoomAddress(opened.host, opened.port, "open")
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def join(password: str) -> Join:
    return Join(
        password=password,
        call_uuid=new_call_uuid(),
        account=MAIN,
        from_="1",
        to="2",
        caller_name="",
        direction=Direction.INBOUND,
        rules=MemberRules(),
        link=LINK,
        events=None,
        about={},
    )


def rooms(
    bus: FakeBus, ask: Callable[[bytes], None] = lambda _: None
) -> RoomsOfPlatform:
    phone = cast("LinkPhone", None)
    return RoomsOfPlatform(MEDIA, NodeId("node"), bus.as_bus(), phone, ask)


async def enter(found: RoomsOfPlatform) -> Welcome:
    channel, welcome = await found.enter(TEAM, join)
    await channel.close()
    return welcome


async def test_a_room_that_is_there_is_entered() -> None:
    async with door(WELCOME) as at:
        bus = FakeBus(at)

        assert await enter(rooms(bus)) == WELCOME

    assert bus.claimed == []


async def test_a_room_that_is_not_there_is_made_once_and_waited_for() -> None:
    asked: list[dict[str, Any]] = []
    async with door(WELCOME) as at:
        bus = FakeBus()

        def make(request: bytes) -> None:
            asked.append(json.loads(request))
            asyncio.get_running_loop().call_later(0.2, setattr, bus, "address", at)

        assert await enter(rooms(bus, make)) == WELCOME

    (request,) = asked
    assert [request["uuid"]] == bus.claimed
    assert request["room"] == TEAM.model_dump()


async def test_a_room_that_refuses_the_connection_is_dead_and_made_anew() -> None:
    async with door(WELCOME) as at:
        bus = FakeBus(RoomAddress(HOST, free_port(), "open"))

        def make(_: bytes) -> None:
            bus.address = at

        assert await enter(rooms(bus, make)) == WELCOME

    assert bus.released == [(THERE, False)]


async def test_a_room_that_is_about_to_end_is_tried_again() -> None:
    async with door(Refused(full=False), None, WELCOME) as at:
        assert await enter(rooms(FakeBus(at))) == WELCOME


async def test_a_full_room_is_full() -> None:
    async with door(Refused(full=True)) as at:
        with pytest.raises(RoomFull):
            await enter(rooms(FakeBus(at)))


async def test_a_bus_that_is_away_for_a_moment_is_waited_for() -> None:
    async with door(WELCOME) as at:
        assert await enter(rooms(FakeBus(at, away=5))) == WELCOME


async def test_a_room_that_nobody_makes_is_given_up() -> None:
    with pytest.raises(Unavailable):
        await enter(rooms(FakeBus()))


async def test_a_host_that_does_not_answer_loses_its_room_only_if_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object, **__: object) -> MemberChannel:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(MemberChannel, "visit", never)
    bus = FakeBus(RoomAddress(HOST, 1, "open"))

    with pytest.raises(Unavailable):
        await enter(rooms(bus))

    assert bus.released[0] == (THERE, True)
