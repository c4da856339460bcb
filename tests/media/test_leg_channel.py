"""The connection of a remote leg: who is let in, and what breaks it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.servers.free_ports import free_port
from voiceplat.core.errors import Unavailable
from voiceplat.links.channel import Door
from voiceplat.media.leg_channel import Greeting, Key, LegChannel

pytestmark = pytest.mark.real_time
HOST = "127.0.0.1"


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[LegChannel, LegChannel]]:
    async with Door.open(HOST, [0], lost_after_s=4) as door:
        ours, theirs = await asyncio.gather(
            LegChannel.visit(door.host, door.port, lost_after_s=4),
            door.guest(LegChannel),
        )
    yield ours, theirs
    await ours.close()
    await theirs.close()


async def test_lines_arrive_in_order() -> None:
    async with connected() as (ours, theirs):
        for key in "12#":
            ours.say(Key(key=key))

        assert [await theirs.next() for _ in range(3)] == [Key(key=k) for k in "12#"]


async def test_what_was_said_before_closing_arrives_and_then_the_end() -> None:
    async with connected() as (ours, theirs):
        ours.say(Greeting(password="p"))
        await ours.close()

        assert await theirs.next() == Greeting(password="p")
        assert await theirs.next() is None


async def test_nonsense_is_the_end() -> None:
    async with Door.open(HOST, [0], lost_after_s=4) as door:
        _, writer = await asyncio.open_connection(door.host, door.port)
        theirs = await door.guest(LegChannel)
        writer.write(b'{"kind": "order", "do": "dial"}\n')

        assert await theirs.next() is None

        writer.close()
        await theirs.close()


async def test_a_line_that_never_ends_is_the_end() -> None:
    async with Door.open(HOST, [0], lost_after_s=4) as door:
        _, writer = await asyncio.open_connection(door.host, door.port)
        theirs = await door.guest(LegChannel)
        writer.write(b"x" * (1 << 20))

        assert await theirs.next() is None

        writer.close()
        await theirs.close()


async def test_a_line_that_nobody_would_read_is_not_said() -> None:
    async with connected() as (ours, theirs):
        ours.say(Key(key="1" * (1 << 18)))
        ours.say(Key(key="2"))

        assert await theirs.next() == Key(key="2")


async def test_nobody_can_come_in_once_the_door_is_shut() -> None:
    async with Door.open(HOST, [0], lost_after_s=4) as door:
        pass

    with pytest.raises(OSError, match="Connect"):
        await LegChannel.visit(HOST, door.port, lost_after_s=4)


async def test_a_door_is_in_the_range_of_ports_or_nowhere() -> None:
    port = free_port()
    async with Door.open(HOST, [port], lost_after_s=4) as door:
        assert door.port == port

        with pytest.raises(Unavailable):
            async with Door.open(HOST, [port], lost_after_s=4):
                pass


async def test_the_kernel_watches_the_other_host() -> None:
    async with connected() as (ours, _):
        sock = ours._writer.get_extra_info("socket")

        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 4000
