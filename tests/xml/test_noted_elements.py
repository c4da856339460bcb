"""What a timeline has of the elements of a call."""

import asyncio
from contextlib import suppress

from tests.fakes.leg import FakeLeg
from tests.fakes.session import FakeSession, a_call
from tests.fakes.timeline import FakeTimeline
from tests.xml.scene import SETTINGS, document
from voiceplat.calls.call import Call
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.timeline import ElementRun
from voiceplat.xml.interpreter import run


async def noted(
    inside: str, leg: FakeLeg | None = None, call: Call | None = None
) -> list[ElementRun]:
    timeline = FakeTimeline()
    session = FakeSession(leg or FakeLeg(), call=call, timeline=timeline)
    with suppress(CallEnded, TimeoutError):
        async with asyncio.timeout(60):
            await run(document(inside), session, SETTINGS)
    return timeline.elements


async def test_each_element_begins_and_ends_as_it_was_written() -> None:
    runs = await noted('<Wait length="2" foo="bar"/><Speak loop="1"> hello </Speak>')

    assert [(it.tag, it.state) for it in runs] == [
        ("Wait", "begins"),
        ("Wait", "ends"),
        ("Speak", "begins"),
        ("Speak", "ends"),
    ]
    assert runs[0].attributes == {"length": "2", "foo": "bar"}
    assert runs[1].outcome == "goes on"
    assert runs[1].took_ms is not None
    assert runs[2].text == "hello"


async def test_where_an_element_leads_is_told_without_password_and_fragment() -> None:
    runs = await noted("<Redirect>https://me:secret@e.com/next#rt=100</Redirect>")

    assert runs[-1].outcome == "goes to https://e.com/next"


async def test_why_an_element_did_not_come_to_its_end() -> None:
    left = await noted('<Wait length="9"/>', FakeLeg(answered=True, hangs_up_at=1))
    cut = await noted('<Wait length="90"/>', FakeLeg(answered=True))

    assert left[-1].outcome == "the far end left"
    assert cut[-1].outcome == "was interrupted"


async def test_an_elements_elements_are_its_text_without_passwords() -> None:
    runs = await noted(
        '<Dial><User sendDigits="123" sipAuthPassword="hush">sip:a@e.com</User></Dial>'
    )

    assert "sip:a@e.com</User>" in runs[0].text
    assert "hush" not in runs[0].text
    assert "123" not in runs[0].text


async def test_keys_that_are_sent_are_blotted_out() -> None:
    runs = await noted("<DTMF>1234</DTMF>", FakeLeg(answered=True))

    assert runs[0].text == "••••"


async def test_a_code_that_the_platform_speaks_is_not_noted() -> None:
    own = "<Response><Speak>one two three</Speak></Response>"

    runs = await noted("<Speak>one two three</Speak>", call=a_call(document=own))

    assert runs[0].tag == "Speak"
    assert not runs[0].text
