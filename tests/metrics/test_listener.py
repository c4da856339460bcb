"""The port on which a process shows its figures and says whether it is ready."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.servers.free_ports import free_port
from voiceplat.core.errors import Unavailable
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.metrics import listener
from voiceplat.metrics.figures import Figures
from voiceplat.metrics.listener import Check, Insight, shown

SETTINGS = MetricsSettings(check_timeout_ms=200)


async def fine() -> None:
    pass


async def away() -> None:
    raise Unavailable("Redis", "connection refused")


async def hangs() -> None:
    await asyncio.sleep(60)


async def breaks() -> None:
    raise ZeroDivisionError


@asynccontextmanager
async def window(look: Check = fine, **needs: Check) -> AsyncIterator[int]:
    """Its port, once it answers."""
    port = free_port()
    async with shown(Insight(Figures(), needs, look), SETTINGS, port):
        await until_open(port)
        yield port


async def until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def ask(port: int, request: bytes) -> tuple[int, str]:
    """Status and body of the answer, after which the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(20):
        answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


async def get(port: int, path: str) -> tuple[int, str]:
    return await ask(port, f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())


async def test_the_figures_are_told() -> None:
    async with window(redis=fine) as port:
        status, body = await get(port, "/metrics")

    assert status == 200
    assert "voiceplat_build_info{version=" in body
    assert 'voiceplat_dependency_up{part="redis"} 1.0' in body
    assert "process_cpu_seconds_total" in body
    assert "_created" not in body


async def test_a_process_is_ready_when_all_that_it_needs_answers() -> None:
    async with window(redis=fine, database=fine) as port:
        status, body = await get(port, "/readyz")

    assert (status, json.loads(body)) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (away, "redis: Redis is not reachable: connection refused"),
        (hangs, "redis: no answer within 0.2 s"),
        (breaks, "redis: ZeroDivisionError"),
    ],
)
async def test_what_is_away_is_named(check: Check, why: str) -> None:
    async with window(redis=check, database=fine) as port:
        ready = await get(port, "/readyz")
        alive = await get(port, "/healthz")
        _, figures = await get(port, "/metrics")

    assert (ready[0], json.loads(ready[1])["why"]) == (503, why)
    assert alive[0] == 200
    assert 'voiceplat_dependency_up{part="redis"} 0.0' in figures
    assert 'voiceplat_dependency_up{part="database"} 1.0' in figures


@pytest.mark.parametrize("look", [away, hangs, breaks])
async def test_figures_that_cannot_be_looked_up_keep_no_other_back(
    look: Check,
) -> None:
    async with window(look) as port:
        status, body = await get(port, "/metrics")

    assert status == 200
    assert "voiceplat_build_info" in body


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 405),
        (b"\x16\x03\x01 hello, is this TLS?\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nX: " + 40_000 * b"x", 431),
    ],
)
async def test_what_it_does_not_know_it_refuses(request_: bytes, status: int) -> None:
    async with window() as port:
        assert (await ask(port, request_))[0] == status
        assert (await get(port, "/healthz"))[0] == 200


async def test_who_connects_and_says_nothing_keeps_nobody_waiting() -> None:
    async with window() as port:
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        status, _ = await get(port, "/healthz")
        silent.close()

    assert status == 200


async def test_a_port_that_another_has_is_taken_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "AGAIN_AFTER_S", 0.05)
    other = Insight(Figures(), {"redis": away})
    async with AsyncExitStack() as late:
        async with window() as port:
            await late.enter_async_context(shown(other, SETTINGS, port))
            await asyncio.sleep(0.2)
            first, _ = await get(port, "/readyz")
        await until_open(port)
        second, _ = await get(port, "/readyz")

    assert (first, second) == (200, 503)


async def test_port_0_is_none() -> None:
    async with shown(Insight(Figures(), {}), SETTINGS, 0):
        pass
