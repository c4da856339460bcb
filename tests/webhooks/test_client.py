"""The client's rules, without a network: what is retried, what is an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils import validate_v3_signature
from structlog.testing import capture_logs
from typing_extensions import override

from voiceplat.calls.call import Hook
from voiceplat.core.errors import FetchError, NotADocument
from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.webhooks.client import Response, WebhookClient
from voiceplat.webhooks.exchange import Watcher, nobody
from voiceplat.webhooks.signature import SigningKeys

KEYS = SigningKeys(token="tok", main_token="main")
XML = {"Content-Type": "application/xml"}
DOCUMENT = b"<Response/>"

Answer = httpx.Response | Exception


class Customer:
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: Answer | Callable[[], Answer]) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = list(answers)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer


class EndlessBody(httpx.AsyncByteStream):
    def __init__(self) -> None:
        self.chunks_read = 0

    @override
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self.chunks_read += 1
        return b"a" * 1024


def ok() -> httpx.Response:
    return httpx.Response(200, headers=XML, content=DOCUMENT)


async def ask(
    customer: Customer,
    url: str = "https://e.com/a",
    *,
    method: str = "POST",
    want_document: bool = True,
    watch: Watcher = nobody,
) -> Response:
    client = WebhookClient(
        WebhookSettings(),
        SecuritySettings(),
        transport=httpx.MockTransport(customer),
        watch=watch,
    )
    async with client:
        return await client.send(
            Hook(url=url, method=method),
            {"CallUUID": "u", "From": "1555"},
            KEYS,
            want_document=want_document,
            purpose="answer",
        )


async def test_a_document_comes_with_its_status_and_type() -> None:
    customer = Customer(
        httpx.Response(
            201,
            headers={"Content-Type": "Text/XML; charset=utf-8"},
            content=DOCUMENT,
        )
    )

    assert await ask(customer) == Response(201, DOCUMENT, "text/xml")


@pytest.mark.statement(63)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_request_is_signed_as_the_sdk_validates_it(method: str) -> None:
    customer = Customer(ok)

    await ask(customer, "https://e.com/a?x=1#rc=1", method=method)

    (request,) = customer.asked
    form = dict(httpx.QueryParams(request.content.decode()))
    for header, token in (("V3", "tok"), ("Ma-V3", "main")):
        assert validate_v3_signature(
            method,
            str(request.url),
            request.headers["X-Plivo-Signature-V3-Nonce"],
            token,
            request.headers[f"X-Plivo-Signature-{header}"],
            form,
        )


@pytest.mark.checklist(10)
@pytest.mark.statement(39)
async def test_the_fragment_is_not_sent() -> None:
    customer = Customer(ok)

    await ask(customer, "https://e.com/a#ct=300")

    assert str(customer.asked[0].url) == "https://e.com/a"


@pytest.mark.checklist(10)
@pytest.mark.statement(33)
async def test_rc_3_rp_5xx_retries_a_503_three_times() -> None:
    customer = Customer(httpx.Response(503))

    with pytest.raises(FetchError) as caught:
        await ask(customer, "https://e.com/a#rc=3&rp=5xx")

    assert len(customer.asked) == 4
    assert caught.value.status == 503


async def test_the_answer_to_a_retry_is_the_answer() -> None:
    customer = Customer(httpx.Response(503), ok)

    assert (await ask(customer, "https://e.com/a#rp=5xx")).body == DOCUMENT


@pytest.mark.statement(35)
@pytest.mark.parametrize(
    "trouble", [httpx.ConnectTimeout(""), httpx.ReadTimeout(""), httpx.PoolTimeout("")]
)
async def test_by_default_a_timeout_is_retried_once(trouble: Exception) -> None:
    customer = Customer(trouble)

    with pytest.raises(FetchError) as caught:
        await ask(customer)

    assert len(customer.asked) == 2
    assert caught.value.status is None


@pytest.mark.statement(35, 36)
@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(404),
        httpx.Response(500),
        httpx.Response(301, headers={"Location": "https://e.com/b"}),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("closed"),
    ],
)
async def test_by_default_nothing_else_is_retried(trouble: Answer) -> None:
    customer = Customer(trouble, ok)

    with pytest.raises(FetchError):
        await ask(customer)

    assert len(customer.asked) == 1


@pytest.mark.parametrize(
    "trouble", [httpx.Response(404), httpx.Response(301), httpx.ConnectError("")]
)
async def test_rp_all_retries_after_anything(trouble: Answer) -> None:
    customer = Customer(trouble, ok)

    await ask(customer, "https://e.com/a#rp=all")

    assert len(customer.asked) == 2


async def test_rc_0_does_not_retry() -> None:
    customer = Customer(httpx.ReadTimeout(""))

    with pytest.raises(FetchError):
        await ask(customer, "https://e.com/a#rc=0")

    assert len(customer.asked) == 1


@pytest.mark.statement(38)
async def test_an_answer_that_breaks_off_is_not_asked_for_again() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"<Respo"
        raise httpx.ReadTimeout("")

    customer = Customer(lambda: httpx.Response(200, headers=XML, content=broken()))

    with pytest.raises(FetchError) as caught:
        await ask(customer, "https://e.com/a#rp=all&rc=5")

    assert len(customer.asked) == 1
    assert caught.value.why == "the answer broke off"


@pytest.mark.checklist(10)
@pytest.mark.statement(37)
async def test_no_attempt_starts_after_the_total_time() -> None:
    class Slow(Customer):
        @override
        async def __call__(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(20)
            return await super().__call__(request)

    customer = Slow(httpx.Response(500))

    with pytest.raises(FetchError) as caught:
        await ask(customer, "https://e.com/a#tt=50000&rc=5&rp=all")

    assert len(customer.asked) == 2
    assert asyncio.get_running_loop().time() == 50
    assert caught.value.why == "no answer within 50 s"


@pytest.mark.statement(8)
async def test_an_answer_larger_than_a_document_may_be_is_cut_off() -> None:
    body = EndlessBody()
    customer = Customer(lambda: httpx.Response(200, headers=XML, stream=body))

    with pytest.raises(NotADocument, match="larger than 102400 bytes"):
        await ask(customer)

    assert body.chunks_read == 101
    await asyncio.sleep(1)  # for httpx's generators to be closed by the loop


@pytest.mark.statement(1, 7)
@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/plain", ""])
async def test_another_content_type_is_no_document(kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    customer = Customer(httpx.Response(200, headers=headers, content=DOCUMENT))

    with pytest.raises(NotADocument, match="not text/xml"):
        await ask(customer)


async def test_an_encoded_answer_that_nobody_asked_for_is_refused() -> None:
    def bomb() -> httpx.Response:
        return httpx.Response(
            200,
            headers=XML | {"Content-Encoding": "gzip"},
            stream=httpx.ByteStream(b"\x1f\x8b"),
        )

    customer = Customer(bomb)

    with pytest.raises(NotADocument, match="encoded"):
        await ask(customer)

    assert customer.asked[0].headers["Accept-Encoding"] == "identity"


async def test_redirects_are_not_followed() -> None:
    customer = Customer(
        httpx.Response(302, headers={"Location": "https://e.com/b"}), ok
    )

    with pytest.raises(FetchError) as caught:
        await ask(customer)

    assert caught.value.status == 302
    assert len(customer.asked) == 1


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500])
async def test_a_notification_is_content_with_any_answer(status: int) -> None:
    customer = Customer(httpx.Response(status, content=b"whatever " * 50_000))

    answer = await ask(customer, want_document=False)

    assert answer == Response(status, b"", "")


async def test_a_notification_without_any_answer_fails() -> None:
    customer = Customer(httpx.ConnectError("refused"))

    with pytest.raises(FetchError, match="connection failed: refused"):
        await ask(customer, want_document=False)


async def test_a_url_that_is_none_fails_before_anything_is_sent() -> None:
    customer = Customer(ok)

    with pytest.raises(FetchError):
        await ask(customer, "https://")
    with pytest.raises(FetchError):
        await ask(customer, "https://a\x7fb.com/")

    assert customer.asked == []


async def test_the_log_has_the_latency_and_no_secret() -> None:
    customer = Customer(httpx.ReadTimeout(""), ok)

    with capture_logs() as lines:
        await ask(customer, "https://me:hush@e.com/a?token=hush")

    assert lines == [
        {
            "event": "webhook_retried",
            "log_level": "info",
            "url": "https://e.com/a",
            "why": "no answer in time",
        },
        {
            "event": "webhook_fetched",
            "log_level": "info",
            "url": "https://e.com/a",
            "status": 200,
            "took_ms": 0.0,
        },
    ]


async def test_a_failure_is_logged_once() -> None:
    with capture_logs() as lines, pytest.raises(FetchError):
        await ask(Customer(httpx.Response(500)))

    assert [line["event"] for line in lines] == ["webhook_failed"]


@given(
    rest=st.text(max_size=30),
    scheme=st.sampled_from(["http://", "https://e.com/", "http://[", "HTTP://e.com?"]),
    method=st.sampled_from(["GET", "POST"]),
)
def test_no_url_raises_anything_but_a_fetch_error(
    rest: str, scheme: str, method: str
) -> None:
    with suppress(FetchError):
        asyncio.run(ask(Customer(ok), scheme + rest, method=method))
