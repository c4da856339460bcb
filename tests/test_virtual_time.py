"""The clock that the other tests run on."""

import asyncio
import threading
import time

import pytest

from tests.virtual_time import VirtualTimeLoop


async def test_an_hour_passes_at_once() -> None:
    began = time.monotonic()

    await asyncio.sleep(3600)

    assert asyncio.get_running_loop().time() == 3600
    assert time.monotonic() - began < 5


async def test_timers_fire_in_the_order_of_their_times() -> None:
    heard: list[int] = []

    async def later(seconds: int) -> None:
        await asyncio.sleep(seconds)
        heard.append(seconds)

    await asyncio.gather(later(30), later(10), later(20))

    assert heard == [10, 20, 30]


async def test_a_timeout_does_not_strike_while_a_thread_works() -> None:
    done = threading.Event()

    async with asyncio.timeout(30):
        await asyncio.to_thread(done.wait, 0.05)


async def test_a_timeout_does_not_strike_while_a_socket_is_open() -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.real_time
async def test_a_marker_gives_a_test_the_real_clock() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
