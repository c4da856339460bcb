"""A call that is ordered again because its answer was lost is dialled once."""

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import plivo
import pytest

from tests.compat.conftest import RunningApi
from tests.compat.test_calls import ANSWER, call, depth
from voiceplat.calls.call import Call
from voiceplat.core.errors import Unavailable
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.compat, pytest.mark.redis]

BODY = {
    "from": "14155550100",
    "to": "14155550199",
    "answer_url": ANSWER,
    "answer_method": "POST",
    "ring_method": "POST",
    "hangup_method": "POST",
    "fallback_method": "POST",
    "machine_detection_time": 5000,
    "machine_detection_method": "POST",
    "ring_timeout": 120,
    "error_if_parent_not_found": False,
}
"""What the SDK sends for `call(client)`."""


@contextmanager
def slow_to_answer(server: RunningApi) -> Iterator[asyncio.Event]:
    """A request is carried out, but not answered before the event."""
    go_on = asyncio.Event()
    place = server.bus.queue.place

    async def place_and_wait(ordered: Call, calls_per_second: float) -> bool:
        accepted = await place(ordered, calls_per_second)
        await go_on.wait()
        return accepted

    server.bus.queue.place = place_and_wait  # type: ignore[method-assign, assignment]
    yield go_on
    server.bus.queue.place = place  # type: ignore[method-assign]


def order_and_leave(server: RunningApi, account: Credentials) -> None:
    """POST Call/, and close the connection when the call was accepted."""
    url = urlsplit(f"{server.url}/{account.auth_id}/Call/")
    user = f"{account.auth_id}:{account.auth_token}".encode()
    body = json.dumps(BODY).encode()
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Authorization: Basic {base64.b64encode(user).decode()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(head.encode() + body)
        server.do(until_depth(server, account, 1))


async def until_depth(server: RunningApi, account: Credentials, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await server.bus.queue.depth(account.auth_id) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_a_call_whose_client_left_before_the_answer_is_the_same_when_it_is_repeated(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    with slow_to_answer(server) as go_on:
        order_and_leave(server, account)
        server.do(asyncio.sleep(0.2))  # the server notices that nobody is there
        server.do(_set(go_on))

    uuid = call(client)

    assert depth(server, account) == 1
    assert client.queued_calls.list_ids().calls == [uuid]


def test_a_call_that_is_ordered_again_after_its_answer_is_a_second_one(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    first, second = call(client), call(client)

    assert first != second
    assert depth(server, account) == 2


def test_after_a_repeated_call_was_answered_the_next_is_a_second_one(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    with slow_to_answer(server) as go_on:
        order_and_leave(server, account)
        server.do(asyncio.sleep(0.2))
        server.do(_set(go_on))

    call(client)
    call(client)

    assert depth(server, account) == 2


def test_a_call_that_was_accepted_but_answered_503_is_dialled_once(
    server: RunningApi, client: plivo.RestClient, account: Credentials
) -> None:
    place, lost = server.bus.queue.place, [True, True]

    async def answer_is_lost(ordered: Call, calls_per_second: float) -> bool:
        accepted = await place(ordered, calls_per_second)
        if lost:
            lost.pop()
            raise Unavailable("Redis", "the connection broke")
        return accepted

    server.bus.queue.place = answer_is_lost  # type: ignore[method-assign, assignment]

    uuid = call(client)  # the SDK repeats it by itself

    assert not lost
    assert depth(server, account) == 1
    assert client.queued_calls.list_ids().calls == [uuid]


async def _set(event: asyncio.Event) -> None:
    event.set()
