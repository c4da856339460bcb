"""The one HTTP client of requests to customers' servers: limits, retries, signatures.

Redirects (3xx) are not followed: only 2xx is an answer, and a signature holds for the
URL that was configured, not for one that somebody else names. No proxy of the
environment is used: addresses are checked where the connection is made. Nothing is
asked for compressed, so that a small answer cannot become a big one here.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

import anyio.lowlevel
import httpx
import structlog

from voiceplat.calls.call import Hook
from voiceplat.core.addresses import guarded_transport
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import FetchError, NotADocument, UnusableUrl
from voiceplat.core.reach import PrivateAddress
from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.webhooks.delivery import Delivery, Trouble, delivery_of
from voiceplat.webhooks.exchange import Exchange, Watcher, nobody
from voiceplat.webhooks.request import Outgoing, outgoing
from voiceplat.webhooks.signature import SigningKeys, new_nonce

log = structlog.get_logger()

TOLD_BYTES: Final = 2048
TOLD_WITHIN_S: Final = 0.2
"""How much of an answer that is none is kept for people, and waited for."""
DOCUMENT_TYPES: Final = frozenset({"text/xml", "application/xml"})

_LIMITS: Final = httpx.Limits(
    max_connections=None,  # one customer's slow server must not keep others waiting
    max_keepalive_connections=100,
    keepalive_expiry=4,  # less than common servers' 5 s: do not race their close
)


_WORDS: Final = {
    Trouble.CONNECT_TIMEOUT: "connect_timeout",
    Trouble.READ_TIMEOUT: "read_timeout",
    Trouble.OTHER: "connection",
}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of the customer's server; `body` is empty unless it was wanted."""

    status: int
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Job:
    """A request, and how it is to be made."""

    request: Outgoing
    delivery: Delivery
    keys: SigningKeys
    want_document: bool
    watch: Watcher
    purpose: str


_NOTHING: Final = Response(0, b"", "")


class _Failed(Exception):
    """One attempt failed; whether there is another is the policy's to say."""

    def __init__(self, trouble: Trouble, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.why = why
        self.status = status


class WebhookClient:
    """Use it as an async context manager; one for all calls of a process."""

    def __init__(
        self,
        settings: WebhookSettings,
        security: SecuritySettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        watch: Watcher = nobody,
    ) -> None:
        """`watch` is told of every attempt of every request."""
        self._settings = settings
        self._watch = watch
        self._http = httpx.AsyncClient(
            transport=transport or guarded_transport(security.reach, limits=_LIMITS),
            headers={"User-Agent": "voiceplat"},
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        await anyio.lowlevel.checkpoint()  # loads what httpcore's first socket needs
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def send(  # noqa: PLR0913 - the request, and what is wanted of it
        self,
        hook: Hook,
        params: Mapping[str, str],
        keys: SigningKeys,
        *,
        want_document: bool,
        watch: Watcher = nobody,
        purpose: str = "",
    ) -> Response:
        """Make the request, again as often as its fragment allows; the last answer.

        A document must come with 2xx and an XML content type, and be no larger than
        allowed. A notification is content with any answer, of any status: once its
        retries are used up the status is the caller's to judge. `watch` is told of
        every attempt. Raises FetchError; UnusableUrl when nobody can be asked, ever;
        NotADocument when the server answered, but with no document.
        """
        request = outgoing(hook, params)
        delivery = delivery_of(request.fragment, self._settings)
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(delivery.total.total_seconds()):
                response = await self._deliver(
                    _Job(request, delivery, keys, want_document, watch, purpose)
                )
        except TimeoutError as error:
            why = f"no answer within {delivery.total.total_seconds():g} s"
            raise _logged(FetchError(request.place, why)) from error
        except FetchError as error:
            raise _logged(error) from error.__cause__
        took = asyncio.get_running_loop().time() - started
        log.info(
            "webhook_fetched",
            url=request.place,
            status=response.status,
            took_ms=round(took * 1000, 1),
        )
        return response

    async def _deliver(self, job: _Job) -> Response:
        request, delivery = job.request, job.delivery
        left = delivery.retries
        while True:
            try:
                return await self._watched_attempt(job)
            except _Failed as failure:
                if left and delivery.retries_after(failure.trouble):
                    left -= 1
                    log.info("webhook_retried", url=request.place, why=failure.why)
                    continue
                if failure.status is not None and not job.want_document:
                    return Response(failure.status, b"", "")
                raise FetchError(
                    request.place, failure.why, status=failure.status
                ) from failure

    async def _watched_attempt(self, job: _Job) -> Response:
        nonce, began_at = new_nonce(), utc_now()
        trouble, failure = "", ""
        answered = _NOTHING
        try:
            async with self._open(job, nonce) as answer:
                answered = _told_by(answer)
                try:
                    answered = await self._judged(job, answer)
                except (_Failed, NotADocument):
                    answered = replace(answered, body=await _beginning(answer))
                    raise
        except (_Failed, FetchError) as error:
            trouble, failure = error.why, _word(error)
            raise
        except asyncio.CancelledError:
            trouble, failure = "given up before there was an answer", "given_up"
            raise
        else:
            return answered
        finally:
            seen = Exchange(
                job.request,
                nonce,
                began_at,
                utc_now() - began_at,
                status=answered.status or None,
                content_type=answered.content_type,
                body=answered.body,
                trouble=trouble,
                failure=failure,
                purpose=job.purpose,
            )
            self._watch(seen)
            job.watch(seen)

    async def _judged(self, job: _Job, answer: httpx.Response) -> Response:
        _judge_status(answer)
        if job.want_document:
            return await self._document(job.request, answer)
        with suppress(FetchError):
            await self._read(job.request, answer)  # frees the connection
        return _told_by(answer)

    @asynccontextmanager
    async def _open(self, job: _Job, nonce: str) -> AsyncIterator[httpx.Response]:
        """Send the request; entered when status and headers are there."""
        answer = await self._send(job, nonce)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _send(self, job: _Job, nonce: str) -> httpx.Response:
        request = job.request
        connect = job.delivery.connect.total_seconds()
        read = job.delivery.read.total_seconds()
        try:
            return await self._http.send(
                self._http.build_request(
                    request.method,
                    request.url,
                    content=request.body,
                    headers=request.headers(job.keys, nonce),
                    timeout=httpx.Timeout(
                        connect=connect, read=read, write=read, pool=connect
                    ),
                ),
                stream=True,
            )
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Failed(Trouble.CONNECT_TIMEOUT, "no connection in time") from error
        except httpx.TimeoutException as error:
            raise _Failed(Trouble.READ_TIMEOUT, "no answer in time") from error
        except httpx.TransportError as error:
            raise _Failed(Trouble.OTHER, f"connection failed: {error}") from error
        except (httpx.InvalidURL, PrivateAddress) as error:
            raise UnusableUrl(request.place, str(error)) from error

    async def _document(self, request: Outgoing, answer: httpx.Response) -> Response:
        content_type = _content_type(answer)
        if content_type not in DOCUMENT_TYPES:
            why = f"the answer is of type {content_type or '(none)'}, not text/xml"
            raise NotADocument(request.place, why, status=answer.status_code)
        body = await self._read(request, answer)
        return Response(answer.status_code, body, content_type)

    async def _read(self, request: Outgoing, answer: httpx.Response) -> bytes:
        """The body; nothing is retried once it has begun to arrive."""
        limit = self._settings.document_max_bytes
        if _is_encoded(answer):
            raise NotADocument(
                request.place, "the answer is encoded", status=answer.status_code
            )
        body = bytearray()
        try:
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > limit:
                    raise NotADocument(
                        request.place,
                        f"the answer is larger than {limit} bytes",
                        status=answer.status_code,
                    )
        except httpx.TransportError as error:
            why = "the answer broke off"
            raise FetchError(request.place, why, status=answer.status_code) from error
        return bytes(body)


def _judge_status(answer: httpx.Response) -> None:
    """Raise _Failed unless it is 2xx."""
    if answer.is_success:
        return
    trouble = Trouble.OTHER
    if answer.is_client_error:
        trouble = Trouble.CLIENT_ERROR
    elif answer.is_server_error:
        trouble = Trouble.SERVER_ERROR
    status = answer.status_code
    raise _Failed(trouble, f"answered {status}", status)


def _word(error: _Failed | FetchError) -> str:
    """See Exchange.failure."""
    if isinstance(error, FetchError):
        return "unusable_url" if isinstance(error, UnusableUrl) else "unusable_answer"
    return _WORDS[error.trouble] if error.status is None else f"{error.status // 100}xx"


async def _beginning(answer: httpx.Response) -> bytes:
    """What a failing server says, as far as it says it at once: for people."""
    body = bytearray()
    if _is_encoded(answer):
        return b""
    with suppress(TimeoutError, httpx.HTTPError, httpx.StreamError):
        async with asyncio.timeout(TOLD_WITHIN_S):
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) >= TOLD_BYTES:
                    break
    return bytes(body[:TOLD_BYTES])


def _told_by(answer: httpx.Response) -> Response:
    return Response(answer.status_code, b"", _content_type(answer))


def _is_encoded(answer: httpx.Response) -> bool:
    encoding: str = answer.headers.get("Content-Encoding", "identity")
    return encoding.lower() != "identity"


def _content_type(answer: httpx.Response) -> str:
    """Without parameters, lower-case; empty when the server did not say."""
    text: str = answer.headers.get("Content-Type", "")
    return text.partition(";")[0].strip().lower()


def _logged(error: FetchError) -> FetchError:
    log.warning(
        "webhook_failed", url=error.url, why=error.why, status=error.status or 0
    )
    return error
