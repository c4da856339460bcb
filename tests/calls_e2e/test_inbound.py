"""Calls from carriers and phones: which application they reach, and how they end."""

import asyncio

import pytest

from tests.calls_e2e.conftest import NUMBER, STRANGER, TONE, TONE_HZ, World, uri
from tests.servers.customer import Reply
from voiceplat.telephony.listen import tones
from voiceplat.telephony.phone_settings import RegistrationRefused
from voiceplat.telephony.softphone import Softphone

pytestmark = [pytest.mark.edge, pytest.mark.sip]


async def served(world: World, document: str) -> Softphone:
    """A carrier, and the number's application, which answers `document`."""
    await world.application(
        answer_url=world.customer.document("/answer", document),
        hangup_url=f"{world.customer.url}/hangup",
    )
    return await world.carrier()


@pytest.mark.statement(53, 78, 99)
async def test_a_carrier_call_to_a_number_is_answered_and_hears_its_document(
    world: World,
) -> None:
    world.customer.serves("/tone.wav", TONE)
    carrier = await served(world, f"<Play>{world.customer.url}/tone.wav</Play>")

    call = await world.dialled(carrier)
    await call.until_answered()
    ended = await call.until_ended()

    over = await world.customer.event("Hangup")
    start = await world.customer.event("StartApp")
    assert ended.sip_status == 200
    assert [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert start.fields["CallStatus"] == "ringing"
    assert start.fields["Direction"] == "inbound"
    assert (start.fields["From"], start.fields["To"]) == ("15550199", NUMBER)
    assert "RequestUUID" not in start.fields
    assert over.fields["HangupCauseCode"] == "4010"
    cdr = await world.cdr(over.fields["CallUUID"])
    assert (cdr.call_direction, cdr.to_number) == ("inbound", NUMBER)


async def test_a_number_that_nobody_has_is_not_found(world: World) -> None:
    carrier = await served(world, "")

    call = await world.dialled(carrier, "+15559999")

    assert (await call.until_ended()).sip_status == 404


async def test_a_source_that_nobody_knows_is_refused(world: World) -> None:
    await served(world, "")
    stranger = await world.carrier(STRANGER)

    call = await world.dialled(stranger)

    assert (await call.until_ended()).sip_status == 403
    assert not world.customer.asked


async def test_a_wrong_password_does_not_register(world: World) -> None:
    phone = await world.phone()

    with pytest.raises(RegistrationRefused) as refused:
        await world.register(phone.settings.user, "not-the-password")

    assert refused.value.sip_status in {401, 403}


async def test_a_caller_hears_ringing_while_the_customer_thinks(world: World) -> None:
    slow = Reply("<Response><Speak>Hello</Speak></Response>", delay_s=2)
    await world.application(answer_url=world.customer.serves("/slow", slow))
    call = await world.dialled(await world.carrier())

    await call.until_ringing()
    assert "answered" not in {event.name for event in call.events}
    await call.until_answered()

    await call.hang_up()


async def test_the_caller_gives_up_while_it_rings(world: World) -> None:
    carrier = await served(world, '<Wait length="20"/>')
    call = await world.dialled(carrier)
    await call.until_ringing()
    await world.customer.event("StartApp")

    await call.hang_up()

    over = await world.customer.event("Hangup")
    assert over.fields["CallStatus"] == "cancel"
    assert over.fields["HangupSource"] == "Caller"
    assert over.fields["AnswerTime"] == ""


@pytest.mark.statement(100)
async def test_the_caller_hangs_up_while_a_file_plays(world: World) -> None:
    world.customer.serves("/tone.wav", TONE)
    play = f'<Play loop="0">{world.customer.url}/tone.wav</Play>'
    next_url = f"{world.customer.url}/next"
    carrier = await served(world, f"{play}<Redirect>{next_url}</Redirect>")
    call = await world.dialled(carrier)
    await call.until_answered()
    await asyncio.sleep(1)

    await call.hang_up()

    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == "4000"
    assert over.fields["HangupSource"] == "Caller"
    assert not world.customer.requests("/next")


@pytest.mark.statement(255, 256, 257)
@pytest.mark.parametrize(
    ("reason", "sip_status", "code"),
    [("busy", 486, "3010"), ("rejected", 603, "3020")],
)
async def test_hangup_first_refuses_the_caller(
    world: World, reason: str, sip_status: int, code: str
) -> None:
    carrier = await served(world, f'<Hangup reason="{reason}"/>')

    call = await world.dialled(carrier)

    assert (await call.until_ended()).sip_status == sip_status
    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == code
    assert over.fields["HangupSource"] == "Answer XML"


@pytest.mark.statement(278, 279)
async def test_preanswer_is_heard_before_the_answer(world: World) -> None:
    world.customer.serves("/tone.wav", TONE)
    play = f"<Play>{world.customer.url}/tone.wav</Play>"
    carrier = await served(
        world, f'<PreAnswer>{play}</PreAnswer><Wait length="1"/>{play}'
    )

    call = await world.dialled(carrier)
    await call.until_media()
    media = next(event for event in call.events if event.name == "media")
    await call.until_answered()
    answered = next(event for event in call.events if event.name == "answered")
    await call.until_ended()

    heard = [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert len(heard) == 2
    assert heard[0].end_s * 1000 < answered.at_ms - media.at_ms


@pytest.mark.statement(57, 71)
async def test_a_phone_calls_its_own_application(world: World) -> None:
    answer_url = world.customer.document("/answer", "<Speak>Hello</Speak>")
    app_id = await world.application(answer_url=answer_url)
    phone = await world.phone(app_id=app_id)

    call = await phone.call("sip:anything@phone.plivo.com", headers={"X-PH-room": "7"})
    await call.until_answered()
    await call.until_ended()

    start = await world.customer.event("StartApp")
    assert start.fields["From"] == uri(phone)
    assert start.fields["To"] == "sip:anything@phone.plivo.com"
    assert start.fields["X-PH-room"] == "7"
    assert "sip:anything@" in start.fields["SIP-H-To"]


async def test_a_call_to_an_application_uri_reaches_it(world: World) -> None:
    answer_url = world.customer.document("/answer", "<Speak>Hello</Speak>")
    app_id = await world.application(answer_url=answer_url)
    carrier = await world.carrier()

    call = await world.dialled(carrier, app_id)
    await call.until_answered()
    await call.until_ended()

    start = await world.customer.event("StartApp")
    assert start.fields["To"] == f"sip:{app_id}@app.plivo.com"
