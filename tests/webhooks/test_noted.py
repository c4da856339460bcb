"""Requests as moments: what a customer needs to check a signature, and no secrets."""

import hmac
from base64 import b64encode
from contextlib import suppress

import httpx
import pytest
from plivo.utils import validate_v3_signature

from voiceplat.calls.call import Hook
from voiceplat.calls.timeline import WebRequest
from voiceplat.core.errors import FetchError
from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.noted import noting
from voiceplat.webhooks.signature import SigningKeys

KEYS = SigningKeys(token="tok", main_token="main")
XML = {"Content-Type": "application/xml"}


class Customer:
    def __init__(self, *answers: httpx.Response) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = list(answers)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answers.pop(0)


def answer(body: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers=XML, content=body.encode())


async def requests(
    hook: Hook, params: dict[str, str], customer: Customer, *, digits: bool = False
) -> list[WebRequest]:
    noted: list[WebRequest] = []
    async with WebhookClient(
        WebhookSettings(), SecuritySettings(), transport=httpx.MockTransport(customer)
    ) as client:
        with suppress(FetchError):
            await client.send(
                hook,
                params,
                KEYS,
                want_document=True,
                watch=noting(noted.append, digits=digits),
            )
    return noted


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_signed_fits_the_signature_that_was_sent(method: str) -> None:
    customer = Customer(answer("<Response/>"))
    hook = Hook(url="https://e.com/a%20b?x=1&y=2", method=method)

    (noted,) = await requests(hook, {"From": "1", "To": "a &"}, customer)

    (asked,) = customer.asked
    signature = asked.headers["X-Plivo-Signature-V3"]
    made = hmac.digest(b"tok", noted.signed.encode(), "sha256")
    assert b64encode(made).decode() == signature
    nonce = noted.signed.rpartition(".")[2]
    form = dict(noted.params) if method == "POST" else {}
    assert validate_v3_signature(method, noted.url, nonce, "tok", signature, form)
    assert noted.params.items() >= {"From": "1", "To": "a &"}.items()
    assert (noted.status, noted.body) == (200, "<Response/>")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_keys_and_speech_are_blotted_out_everywhere(method: str) -> None:
    pressed = {"Digits": "6502", "Speech": "my name is", "CallUUID": "u"}
    hook = Hook(url="https://e.com/a?keep=a%20b", method=method)

    (noted,) = await requests(hook, pressed, Customer(answer("<Response/>")))

    assert "6502" not in noted.model_dump_json()
    assert "my name" not in noted.model_dump_json()
    assert noted.params["Digits"] == "••••"
    assert noted.params["CallUUID"] == "u"
    assert "keep=a" in noted.url


async def test_they_can_be_read_by_setting() -> None:
    hook = Hook(url="https://e.com/a")

    customer = Customer(answer("<Response/>"))
    (noted,) = await requests(hook, {"Digits": "6502"}, customer, digits=True)

    assert noted.params["Digits"] == "6502"


async def test_every_attempt_is_noted_with_its_trouble() -> None:
    hook = Hook(url="https://e.com/a#rc=1&rp=5xx")

    first, second = await requests(
        hook, {}, Customer(answer("", 503), answer("<Response/>"))
    )

    assert (first.status, first.trouble) == (503, "answered 503")
    assert (second.status, second.trouble) == (200, "")
    assert first.signed != second.signed


async def test_a_long_answer_is_cut_and_its_passwords_are_gone() -> None:
    body = f'<Response><!-- {"x" * 20_000} --><User sipAuthPassword="hush"/></Response>'
    short = '<Response><User sipAuthPassword="hush"/><DTMF>12</DTMF></Response>'

    (cut,) = await requests(Hook(url="https://e.com/a"), {}, Customer(answer(body)))
    (noted,) = await requests(Hook(url="https://e.com/a"), {}, Customer(answer(short)))

    assert len(cut.body) == 16 * 1024
    assert "hush" not in noted.body
    assert "<DTMF>•</DTMF>" in noted.body


async def test_user_and_password_of_a_url_are_nowhere() -> None:
    hook = Hook(url="https://me:hush@e.com/a")

    (noted,) = await requests(hook, {}, Customer(answer("<Response/>")))

    assert "hush" not in noted.model_dump_json()
