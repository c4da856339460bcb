"""What a document's requests look like at the customer's server."""

from typing import cast

import httpx
import pytest
from plivo.utils import validate_v3_signature

from tests.fakes.leg import FakeLeg
from tests.fakes.session import FakeSession, a_call
from voiceplat.calls.call import Hook
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.settings import SecuritySettings, Settings, WebhookSettings
from voiceplat.media.documents import CallDocuments
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.signature import SigningKeys
from voiceplat.xml.interpreter import run_call

KEYS = SigningKeys(token="tok", main_token="main")


class Customer:
    """Answers each path with what is inside its `<Response>`, else with 404."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.asked: list[httpx.Request] = []
        self._pages = pages

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path not in self._pages:
            return httpx.Response(404)
        return httpx.Response(
            200,
            headers={"Content-Type": "text/xml"},
            text=f"<Response>{self._pages[request.url.path]}</Response>",
        )

    @property
    def fields(self) -> list[dict[str, str]]:
        return [
            dict(request.url.params) | dict(httpx.QueryParams(request.content.decode()))
            for request in self.asked
        ]


async def call_the(customer: Customer, leg: FakeLeg, **facts: object) -> None:
    """Run a call to its end against the customer's server."""
    direction = Direction.OUTBOUND if leg.answered else Direction.INBOUND
    call = a_call(direction, answer=Hook(url="https://e.com/answer"), **facts)
    transport = httpx.MockTransport(customer)
    async with WebhookClient(
        WebhookSettings(), SecuritySettings(), transport=transport
    ) as client:
        session = FakeSession(
            leg,
            call=call,
            documents_of=lambda session: CallDocuments(
                CallNotes(call),
                KEYS,
                client,
                lambda: session.status,
                notify=lambda *_: None,
            ),
        )
        await run_call(session, Settings())


@pytest.mark.statement(1, 53, 30)
async def test_an_inbound_calls_answer_url_is_asked_while_it_rings() -> None:
    customer = Customer({"/answer": "<Hangup/>"})

    await call_the(customer, FakeLeg())

    assert customer.asked[0].method == "POST"
    assert customer.asked[0].headers["Content-Type"] == (
        "application/x-www-form-urlencoded"
    )
    assert customer.fields[0].items() >= {
        ("Event", "StartApp"),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    }


@pytest.mark.statement(54)
async def test_an_api_calls_answer_url_is_asked_when_it_is_in_progress() -> None:
    customer = Customer({"/answer": ""})

    await call_the(customer, FakeLeg(answered=True))

    assert customer.fields[0].items() >= {
        ("CallStatus", "in-progress"),
        ("Direction", "outbound"),
    }


@pytest.mark.statement(49, 60)
async def test_a_redirect_after_an_answering_element_is_asked_in_progress() -> None:
    customer = Customer(
        {
            "/answer": "<Speak>hi</Speak><Redirect>https://e.com/next</Redirect>",
            "/next": "<Hangup/>",
        }
    )

    await call_the(customer, FakeLeg())

    assert [(it["Event"], it["CallStatus"]) for it in customer.fields] == [
        ("StartApp", "ringing"),
        ("Redirect", "in-progress"),
    ]


@pytest.mark.statement(278)
async def test_after_early_media_the_call_still_rings() -> None:
    customer = Customer(
        {
            "/answer": "<PreAnswer><Speak>early</Speak></PreAnswer>"
            "<Redirect>https://e.com/next</Redirect>",
            "/next": "<Hangup/>",
        }
    )

    await call_the(customer, FakeLeg())

    assert customer.fields[1]["CallStatus"] == "ringing"


@pytest.mark.statement(264, 31)
async def test_a_redirect_by_get_has_its_fields_in_the_query() -> None:
    customer = Customer(
        {
            "/answer": '<Redirect method="GET">https://e.com/next?a=1</Redirect>',
            "/next": "",
        }
    )

    await call_the(customer, FakeLeg())

    request = customer.asked[1]
    assert (request.method, request.content) == ("GET", b"")
    assert customer.fields[1].items() >= {("a", "1"), ("Event", "Redirect")}


@pytest.mark.statement(27, 28)
async def test_the_fallback_gets_the_fields_that_the_answer_url_got() -> None:
    customer = Customer({"/fallback": "<Speak>sorry</Speak>"})
    leg = FakeLeg()

    await call_the(customer, leg, fallback=Hook(url="https://e.com/fallback"))

    first, second = customer.fields
    assert first == second
    assert customer.asked[1].method == "POST"
    assert [played.name for played in leg.played] == ["sorry"]


@pytest.mark.statement(71)
async def test_custom_sip_headers_arrive_as_fields() -> None:
    customer = Customer({"/answer": ""})

    await call_the(customer, FakeLeg(), sip_headers={"b": "2"})

    assert customer.fields[0]["X-PH-b"] == "2"


@pytest.mark.statement(63)
async def test_what_arrives_validates_with_the_sdk() -> None:
    customer = Customer({"/answer": ""})

    await call_the(customer, FakeLeg(), caller_name="José")

    request = customer.asked[0]
    assert validate_v3_signature(
        "POST",
        str(request.url),
        request.headers["X-Plivo-Signature-V3-Nonce"],
        "tok",
        request.headers["X-Plivo-Signature-V3"],
        customer.fields[0],
    )


async def test_what_is_only_told_goes_into_the_outbox_with_the_calls_fields() -> None:
    told: list[tuple[Hook, dict[str, str]]] = []
    documents = CallDocuments(
        CallNotes(a_call()),
        KEYS,
        cast("WebhookClient", None),
        lambda: CallStatus.IN_PROGRESS,
        notify=lambda hook, fields, _: told.append((hook, dict(fields))),
    )

    documents.tell("https://e.com/keys", "GET", {"Digits": "12"})

    ((hook, fields),) = told
    assert hook == Hook(url="https://e.com/keys", method="GET")
    assert fields.items() >= {
        ("Event", "Redirect"),
        ("CallStatus", "in-progress"),
        ("Digits", "12"),
    }


@pytest.mark.statement(137)
@pytest.mark.parametrize("path", ["/so-far", "/gone"])
async def test_what_is_told_now_is_signed_and_its_answer_does_not_matter(
    path: str,
) -> None:
    customer = Customer({"/so-far": "this is no business of ours"})
    async with WebhookClient(
        WebhookSettings(), SecuritySettings(), transport=httpx.MockTransport(customer)
    ) as client:
        documents = CallDocuments(
            CallNotes(a_call()),
            KEYS,
            client,
            lambda: CallStatus.IN_PROGRESS,
            notify=lambda *_: None,
        )

        await documents.tell_now(f"https://e.com{path}", "POST", {"StableSpeech": "I"})

    assert customer.asked[0].headers["X-Plivo-Signature-V3"]
    assert customer.fields[0].items() >= {("StableSpeech", "I"), ("To", "15550199")}
    assert "Event" not in customer.fields[0]
