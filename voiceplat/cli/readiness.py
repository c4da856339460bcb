"""Is the platform ready? Each part is asked as its users would ask it."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import httpx
from typing_extensions import override

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings
from voiceplat.edge.turn import ping_turn
from voiceplat.recordings.spool import Spool

AGAIN_AFTER_S: Final = 0.05
ANSWER_WITHIN_S: Final = 1.0

Check = Callable[[Settings], Awaitable[None]]


class NotReady(VoiceplatError):
    pass


async def until_ready(check: Check, settings: Settings, timeout_s: float) -> None:
    """Ask until `check` passes; raises NotReady with its last word."""
    last = ""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    await check(settings)
                except (VoiceplatError, OSError, httpx.HTTPError) as error:
                    last = str(error)
                else:
                    return
                await asyncio.sleep(AGAIN_AFTER_S)
    except TimeoutError:
        raise NotReady(f"not ready after {timeout_s:.0f} s: {last}") from None


async def redis_answers(settings: Settings) -> None:
    async with Bus.connect(settings.redis) as bus:
        await bus.ping()


async def api_answers(settings: Settings) -> None:
    url = f"http://{settings.api.host}:{settings.api.port}/readyz"
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S) as client:
        answer = await client.get(url)
    if answer.status_code != httpx.codes.OK:
        raise NotReady(f"{url} says {answer.status_code}: {answer.text}")


async def speech_answers(settings: Settings) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(settings.speech.socket))
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.get("http://speech/healthz", timeout=ANSWER_WITHIN_S)
    if answer.status_code != httpx.codes.OK:
        raise NotReady(f"speech service says {answer.status_code}")


async def slots_are_offered(settings: Settings) -> None:
    async with Bus.connect(settings.redis) as bus:
        if await bus.slots.count() == 0:
            raise NotReady("no call worker has offered a slot yet")


async def is_ready(process: str, settings: Settings) -> None:
    """What a process on this host says of itself and of what it needs."""
    port = settings.metrics.ports.get(process)
    if port is None:
        raise NotReady(f"not known: metrics.{process}_port is 0")
    url = f"http://{settings.metrics.host}:{port}/readyz"
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
        answer = await client.get(url)
    if answer.status_code != httpx.codes.OK:
        raise NotReady(str(answer.json().get("why", answer.text)))


async def ledger_is_ready(settings: Settings) -> None:
    await is_ready("ledger", settings)


async def spool_is_served(settings: Settings) -> None:
    if not Spool.of(settings).is_served:
        raise NotReady("nobody takes recordings out of this host's spool")


async def edge_answers(settings: Settings) -> None:
    """OPTIONS to the edge's public UDP socket (RFC 3261 section 11)."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Listener(heard), remote_addr=(settings.sip.host, settings.sip.port)
    )
    try:
        host, port = transport.get_extra_info("sockname")[:2]
        transport.sendto(_options(settings, f"{host}:{port}"))
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                if (await heard).startswith(b"SIP/2.0 200"):
                    return
        raise NotReady("the edge does not answer OPTIONS")
    finally:
        transport.close()


async def edge_speaks_tls(settings: Settings) -> None:
    """A handshake with each of its two sockets; the certificate may be any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for port in (settings.sip.tls_port, settings.sip.wss_port):
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                _, writer = await asyncio.open_connection(
                    settings.sip.host, port, ssl=context
                )
        except TimeoutError:
            raise NotReady(f"no TLS handshake on port {port}") from None
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def turn_answers(settings: Settings) -> None:
    """All is well where there is none."""
    if settings.turn.port:
        await ping_turn(settings.sip.host, settings.turn.port)


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, heard: "asyncio.Future[bytes]") -> None:
        self._heard = heard

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self._heard.done():
            self._heard.set_result(data)

    @override
    def error_received(self, exc: Exception) -> None:
        if not self._heard.done():
            self._heard.set_exception(exc)


def _options(settings: Settings, here: str) -> bytes:
    lines = (
        f"OPTIONS sip:{settings.sip.domain} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK-ready;rport",
        f"From: <sip:ready@{here}>;tag=ready",
        f"To: <sip:{settings.sip.domain}>",
        f"Call-ID: ready-{here}",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 70",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()
