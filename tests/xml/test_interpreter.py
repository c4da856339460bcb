"""The loop between elements and documents (plivo-xml 2.1 to 2.7)."""

import asyncio

import pytest

from tests.fakes.documents import Asked
from tests.fakes.leg import FakeLeg
from tests.fakes.session import a_call
from tests.xml.scene import SETTINGS, Scene, document
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import CallEnded, Party
from voiceplat.calls.outcome import End, Goto, UrlKind
from voiceplat.calls.status import CallStatus
from voiceplat.core.errors import DocumentError, FetchError, NotADocument
from voiceplat.core.settings import Settings, WebhookSettings, XmlSettings
from voiceplat.xml.interpreter import run_call

ANSWER = Hook(url="https://e.com/answer")
FALLBACK = Hook(url="https://e.com/fallback")


def call_with(fallback: Hook | None = None) -> Call:
    return a_call(answer=ANSWER, fallback=fallback)


@pytest.mark.statement(9)
async def test_an_empty_document_answers_and_ends_with_4010() -> None:
    scene = Scene()

    end = await scene.obey("")

    assert end == End(CAUSES[4010])
    assert scene.session.status is CallStatus.IN_PROGRESS


@pytest.mark.statement(10)
async def test_after_the_last_element_the_call_ends_with_4010() -> None:
    scene = Scene()

    end = await scene.obey("<Speak>hello</Speak>")

    assert end == End(CAUSES[4010])
    assert end.cause.name == "End Of XML Instructions"


@pytest.mark.statement(11)
async def test_elements_run_in_their_order_each_after_the_one_before() -> None:
    scene = Scene(FakeLeg(lengths={"one": 3, "two.wav": 4}))

    await scene.obey(
        "<Speak>one</Speak><Play>https://e.com/two.wav</Play><Wait/><Speak>four</Speak>"
    )

    assert [(it.name, it.began) for it in scene.leg.played] == [
        ("one", 0),
        ("two.wav", 3),
        ("four", 8),
    ]


@pytest.mark.statement(23)
async def test_an_error_in_the_last_element_stops_the_first_from_running() -> None:
    scene = Scene()

    with pytest.raises(DocumentError):
        await scene.obey("<Speak>hello</Speak><Wait length='0'/>")

    assert scene.prompts.spoken == []
    assert not scene.leg.answered


async def test_an_element_that_needs_nothing_does_not_answer() -> None:
    scene = Scene()

    await scene.obey("<Wait/>")

    assert not scene.leg.answered


@pytest.mark.statement(60)
async def test_after_the_first_answering_element_the_call_is_in_progress() -> None:
    scene = Scene()

    await scene.obey("<Wait/><Speak>hello</Speak>")

    assert scene.session.status is CallStatus.IN_PROGRESS
    assert scene.leg.answered_at == 1


async def test_the_end_of_the_far_end_reaches_the_caller_of_run() -> None:
    scene = Scene(FakeLeg(hangs_up_at=0.5))

    with pytest.raises(CallEnded) as caught:
        await scene.obey("<Speak>hello</Speak>")

    assert caught.value.ended.by is Party.FAR


@pytest.mark.statement(50)
async def test_a_chain_of_redirects_is_cut() -> None:
    here = "https://e.com/loop"
    scene = Scene(pages={here: f"<Redirect>{here}</Redirect>"})
    settings = Settings(webhooks=WebhookSettings(redirects_max=20))

    end = await scene.obey(f"<Redirect>{here}</Redirect>", settings)

    assert end == End(CAUSES[7014])
    assert len(scene.documents.asked) == 20


# --- the first document ------------------------------------------------------------


@pytest.mark.statement(1)
async def test_the_document_of_the_answer_url_runs() -> None:
    scene = Scene(call=call_with(), pages={ANSWER.url: "<Speak>hello</Speak>"})

    end = await run_call(scene.session, SETTINGS)

    assert scene.documents.asked == [Asked(UrlKind.ANSWER, ANSWER.url, "POST", {})]
    assert scene.heard == ["hello"]
    assert end == End(CAUSES[4010])


@pytest.mark.statement(2, 5, 6, 7)
@pytest.mark.parametrize(
    "body",
    [
        b"<Answer/>",
        b"\n<?xml version='1.0'?><Response/>",
        b"<Response><Play>http://e.com/?a&b</Play></Response>",
        b"<Response><!-- a -- b --></Response>",
        b"",
        b'{"Speak": "hello"}',
        b"<html><body>hello</body></html>",
        b"<Response><Speak>hello</Speak><Message>text</Message></Response>",
    ],
)
async def test_a_bad_document_ends_the_call_with_8011_and_nothing_runs(
    body: bytes,
) -> None:
    scene = Scene(call=call_with(), pages={ANSWER.url: body})

    end = await run_call(scene.session, SETTINGS)

    assert end == End(CAUSES[8011])
    assert scene.heard == []
    assert not scene.leg.answered


@pytest.mark.statement(7)
async def test_an_answer_that_is_no_document_ends_with_8011() -> None:
    page = NotADocument(ANSWER.url, "the answer is of type application/json")
    scene = Scene(call=call_with(), pages={ANSWER.url: page})

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[8011])


@pytest.mark.statement(14)
async def test_an_unknown_element_ends_the_call_with_8011() -> None:
    pages = {ANSWER.url: "<Speak>hello</Speak><Reject/>"}
    scene = Scene(call=call_with(), pages=pages)

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[8011])
    assert scene.heard == []


@pytest.mark.statement(15)
async def test_lenient_skips_an_unknown_element() -> None:
    pages = {ANSWER.url: "<Reject/><Speak>hello</Speak>"}
    scene = Scene(call=call_with(), pages=pages)
    lenient = Settings(xml=XmlSettings(lenient=True))

    assert await run_call(scene.session, lenient) == End(CAUSES[4010])
    assert scene.heard == ["hello"]


@pytest.mark.statement(82)
async def test_a_voice_that_nobody_has_ends_with_8011_when_strict() -> None:
    pages = {ANSWER.url: '<Speak language="hi-IN">namaste</Speak>'}
    scene = Scene(call=call_with(), pages=pages)
    strict = Settings(xml=XmlSettings(strict_voices=True))

    assert await run_call(scene.session, strict) == End(CAUSES[8011])


async def test_a_document_larger_than_the_setting_ends_with_8011() -> None:
    scene = Scene(call=call_with(), pages={ANSWER.url: "<Speak>hello</Speak>"})
    small = Settings(webhooks=WebhookSettings(document_max_bytes=20))

    assert await run_call(scene.session, small) == End(CAUSES[8011])


@pytest.mark.statement(25, 26)
@pytest.mark.parametrize(
    "failure",
    [
        FetchError(ANSWER.url, "answered 404", status=404),
        FetchError(ANSWER.url, "answered 500", status=500),
        FetchError(ANSWER.url, "no answer in time"),
    ],
)
async def test_an_answer_url_that_fails_ends_with_7011(failure: FetchError) -> None:
    scene = Scene(call=call_with(), pages={ANSWER.url: failure})

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[7011])


@pytest.mark.parametrize(
    "hook", [Hook(url="/answer"), Hook(url=ANSWER.url, method="X")]
)
async def test_an_answer_url_that_is_none_ends_with_7011(hook: Hook) -> None:
    scene = Scene(call=a_call(answer=hook))

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[7011])
    assert scene.documents.asked == []


async def test_a_call_without_answer_url_ends_with_7011() -> None:
    assert await run_call(Scene().session, SETTINGS) == End(CAUSES[7011])


@pytest.mark.statement(27)
@pytest.mark.parametrize(
    "answer", [FetchError(ANSWER.url, "answered 500"), b"<Response>"]
)
async def test_when_the_answer_url_fails_the_fallbacks_xml_runs(
    answer: FetchError | bytes,
) -> None:
    pages = {ANSWER.url: answer, FALLBACK.url: "<Speak>sorry</Speak>"}
    scene = Scene(call=call_with(FALLBACK), pages=pages)

    end = await run_call(scene.session, SETTINGS)

    assert scene.heard == ["sorry"]
    assert end == End(CAUSES[4010])


@pytest.mark.statement(28)
async def test_the_fallback_is_asked_by_post_and_as_the_answer_url() -> None:
    scene = Scene(call=call_with(FALLBACK))

    await run_call(scene.session, SETTINGS)

    first, second = scene.documents.asked
    assert second == Asked(first.kind, FALLBACK.url, "POST", first.params)


@pytest.mark.parametrize(
    ("fallback", "code"), [(FetchError("", "away"), 7011), (b"<Respond/>", 8011)]
)
async def test_when_the_fallback_fails_too_its_failure_is_the_cause(
    fallback: FetchError | bytes, code: int
) -> None:
    scene = Scene(call=call_with(FALLBACK), pages={FALLBACK.url: fallback})

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[code])


async def test_the_fallback_is_not_asked_for_a_redirect() -> None:
    pages = {ANSWER.url: "<Redirect>https://e.com/away</Redirect>"}
    scene = Scene(call=call_with(FALLBACK), pages=pages)

    assert await run_call(scene.session, SETTINGS) == End(CAUSES[7014])
    assert [asked.url for asked in scene.documents.asked][1:] == ["https://e.com/away"]


def test_a_document_is_equal_to_one_of_the_same_elements() -> None:
    assert document("<Hangup/>") == document("<Hangup></Hangup>")


@pytest.mark.statement(51)
async def test_a_transfer_interrupts_the_element_and_drops_the_rest() -> None:
    scene = Scene(pages={"https://e.com/to": "<Speak>there</Speak>"})
    scene.leg.take_answer()
    asyncio.get_running_loop().call_later(
        3,
        scene.session.transfers.put_nowait,
        Goto("https://e.com/to", "GET", UrlKind.TRANSFER),
    )

    end = await scene.obey('<Wait length="60"/><Speak>never</Speak>')

    assert [(it.name, it.began) for it in scene.leg.played] == [("there", 3)]
    (asked,) = scene.documents.asked
    assert (asked.kind, asked.method) == (UrlKind.TRANSFER, "GET")
    assert end.cause.code == 4010


@pytest.mark.parametrize(
    ("url", "method", "code"),
    [
        ("https://e.com/gone", "POST", 7013),
        ("ftp://e.com/", "POST", 7023),
        ("https://e.com/bad", "PUT", 7033),
        ("https://e.com/bad", "POST", 8013),
    ],
)
async def test_a_transfer_that_fails_ends_the_call_with_its_code(
    url: str, method: str, code: int
) -> None:
    scene = Scene(pages={"https://e.com/bad": b"<Response>"})
    scene.session.transfers.put_nowait(Goto(url, method, UrlKind.TRANSFER))

    end = await scene.obey('<Wait length="60"/>')

    assert end.cause.code == code
