"""The client on real sockets: timeouts, addresses and connections kept alive."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from voiceplat.calls.call import Hook
from voiceplat.core.errors import FetchError
from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.webhooks.client import Response, WebhookClient
from voiceplat.webhooks.signature import SigningKeys

pytestmark = pytest.mark.real_time

KEYS = SigningKeys(token="tok", main_token="main")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n"
DOCUMENT = b"<Response/>"

Behaviour = Callable[[asyncio.StreamWriter, asyncio.Event], Awaitable[None]]


@dataclass
class Server:
    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def web_server(behave: Behaviour) -> AsyncIterator[Server]:
    """`behave` writes the answer; its event is set when the test is over."""
    server = Server()
    over = asyncio.Event()
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            serving.append(task)
        server.connections += 1
        try:
            while head := await _request(reader):
                server.requests.append(head)
                await behave(writer, over)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        server.url = f"http://127.0.0.1:{port}/a"
        try:
            yield server
        finally:
            over.set()
            await asyncio.gather(*serving)


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Head and body of the next request; empty when the client is gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
    return head + await reader.readexactly(int(length or 0))


async def ask(
    url: str, *, allow_private_urls: bool = True, want_document: bool = True
) -> Response:
    security = SecuritySettings(allow_private_urls=allow_private_urls)
    async with WebhookClient(WebhookSettings(), security) as client:
        return await client.send(
            Hook(url=url), {"a": "1"}, KEYS, want_document=want_document
        )


async def answer_at_once(writer: asyncio.StreamWriter, _: asyncio.Event) -> None:
    writer.write(HEAD + DOCUMENT)


async def never_answer(_: asyncio.StreamWriter, over: asyncio.Event) -> None:
    await over.wait()


async def test_a_document_is_fetched_over_a_socket() -> None:
    async with web_server(answer_at_once) as server:
        answer = await ask(server.url)

    assert answer == Response(200, DOCUMENT, "text/xml")
    assert server.requests[0].startswith(b"POST /a HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\na=1")


@pytest.mark.statement(26)
async def test_a_silent_server_is_given_up_after_the_read_timeout_and_one_retry() -> (
    None
):
    async with web_server(never_answer) as server:
        began = time.monotonic()

        with pytest.raises(FetchError, match="no answer in time"):
            await ask(server.url + "#rt=150")

        assert 0.3 <= time.monotonic() - began < 1.5
        assert len(server.requests) == 2


async def test_the_total_time_cuts_an_attempt_short() -> None:
    async with web_server(never_answer) as server:
        with pytest.raises(FetchError, match=r"no answer within 0\.2 s"):
            await ask(server.url + "#tt=200")


@pytest.mark.statement(38)
async def test_a_server_that_stops_in_the_middle_is_not_asked_again() -> None:
    async def stop_in_the_middle(
        writer: asyncio.StreamWriter, over: asyncio.Event
    ) -> None:
        writer.write(HEAD + DOCUMENT[:5])
        await over.wait()

    async with web_server(stop_in_the_middle) as server:
        with pytest.raises(FetchError, match="broke off"):
            await ask(server.url + "#rt=150&rc=3&rp=all")

        assert len(server.requests) == 1


async def test_nobody_listening_is_a_failure_without_status() -> None:
    async with web_server(answer_at_once) as server:
        pass

    with pytest.raises(FetchError, match="connection failed") as caught:
        await ask(server.url)

    assert caught.value.status is None


async def test_a_private_address_is_refused_before_a_byte_is_sent() -> None:
    async with web_server(answer_at_once) as server:
        with pytest.raises(FetchError, match="private address"):
            await ask(server.url, allow_private_urls=False)

        assert server.connections == 0


async def test_a_connection_is_used_again_after_documents_and_notifications() -> None:
    security = SecuritySettings(allow_private_urls=True)
    async with (
        web_server(answer_at_once) as server,
        WebhookClient(WebhookSettings(), security) as client,
    ):
        for want_document in (True, False, True):
            await client.send(
                Hook(url=server.url), {}, KEYS, want_document=want_document
            )

    assert (server.connections, len(server.requests)) == (1, 3)
