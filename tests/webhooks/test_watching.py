"""Who watches the client sees every attempt, and what came of it."""

import asyncio
from contextlib import suppress

import httpx
import pytest

from tests.webhooks.test_client import DOCUMENT, Customer, EndlessBody, ask, ok
from voiceplat.core.errors import FetchError
from voiceplat.webhooks.client import TOLD_BYTES
from voiceplat.webhooks.exchange import Exchange


async def test_who_watches_sees_every_attempt_with_a_nonce_of_its_own() -> None:
    seen: list[Exchange] = []
    customer = Customer(
        httpx.Response(503, text="the menu is broken"),
        httpx.ConnectError("refused"),
        ok(),
    )

    await ask(customer, "https://e.com/a#rc=3&rp=all", watch=seen.append)

    assert [it.status for it in seen] == [503, None, 200]
    assert [it.trouble for it in seen] == [
        "answered 503",
        "connection failed: refused",
        "",
    ]
    assert [it.body for it in seen] == [b"the menu is broken", b"", DOCUMENT]
    assert {it.purpose for it in seen} == {"answer"}
    sent = [it.headers["X-Plivo-Signature-V3-Nonce"] for it in customer.asked]
    assert [it.nonce for it in seen] == sent
    assert len(set(sent)) == 3


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (ok(), ""),
        (httpx.Response(404), "4xx"),
        (httpx.Response(503), "5xx"),
        (httpx.Response(302, headers={"Location": "/b"}), "3xx"),
        (httpx.ConnectTimeout("slow"), "connect_timeout"),
        (httpx.ReadTimeout("slow"), "read_timeout"),
        (httpx.ConnectError("refused"), "connection"),
        (httpx.Response(200, text="plain"), "unusable_answer"),
    ],
)
async def test_what_was_wrong_is_told_in_a_word_to_count_by(
    outcome: httpx.Response | Exception, word: str
) -> None:
    seen: list[Exchange] = []

    with suppress(FetchError):
        await ask(Customer(outcome), "https://e.com/a#rc=0", watch=seen.append)

    assert [it.failure for it in seen] == [word]


@pytest.mark.parametrize("status", [200, 500])
async def test_of_what_is_no_document_the_beginning_is_seen(status: int) -> None:
    seen: list[Exchange] = []
    body = EndlessBody()
    customer = Customer(httpx.Response(status, stream=body))

    with suppress(FetchError):
        await ask(customer, watch=seen.append)
    await asyncio.sleep(0.01)  # the body's readers are closed by the loop

    assert [(it.status, len(it.body)) for it in seen] == [(status, TOLD_BYTES)]
    assert body.chunks_read == TOLD_BYTES / 1024
