"""Calls that the API places: each way they may go, as every party saw it."""

import asyncio
import itertools

import pytest
from plivo.utils import validate_signature, validate_v3_signature

from tests.calls_e2e.conftest import (
    PACED_CARRIER,
    PACED_PREFIX,
    PASSWORD,
    TONE,
    TONE_HZ,
    World,
    uri,
)
from voiceplat.core.ids import CallUuid
from voiceplat.telephony.listen import tones

pytestmark = [pytest.mark.edge, pytest.mark.sip]


@pytest.mark.statement(54, 55, 61, 62)
async def test_an_answered_call_is_told_in_order_and_recorded(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="1"/>')

    call = await phone.next_call()
    await call.ring()
    ringing = await world.customer.event("Ring", call_uuid=uuid)
    await call.answer()
    answered = await world.customer.event("StartApp", call_uuid=uuid)
    await call.until_ended()
    over = await world.customer.event("Hangup", call_uuid=uuid)

    assert ringing.fields["CallStatus"] == "ringing"
    assert answered.fields["CallStatus"] == "in-progress"
    assert answered.fields["Direction"] == "outbound"
    ids = ("CallUUID", "RequestUUID", "ALegUUID", "ALegRequestUUID")
    assert {answered.fields[name] for name in ids} == {uuid}
    assert over.fields["CallStatus"] == "completed"
    assert over.fields["HangupCauseCode"] == "4010"
    assert over.fields["HangupCause"] == "NORMAL_CLEARING"
    assert over.fields["AnswerTime"] >= over.fields["StartTime"]
    cdr = await world.cdr(uuid)
    assert (cdr.call_direction, cdr.hangup_cause_code) == ("outbound", 4010)
    assert cdr.to_number == uri(phone)


@pytest.mark.checklist(7)
@pytest.mark.statement(63, 67, 68)
async def test_every_request_validates_in_the_sdk(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone))
    call = await phone.next_call()
    await call.answer()

    await world.customer.event("Hangup", call_uuid=uuid)

    token = world.platform.auth_token
    for asked in world.customer.asked:
        told = asked.headers
        for header in ("x-plivo-signature-v3", "x-plivo-signature-ma-v3"):
            nonce = told["x-plivo-signature-v3-nonce"]
            assert validate_v3_signature(
                asked.method, asked.url, nonce, token, told[header], dict(asked.fields)
            )
        nonce = told["x-plivo-signature-v2-nonce"]
        signed = told["x-plivo-signature-v2"]
        assert validate_signature(asked.url, nonce, signed, token)


async def test_the_callee_hears_the_file_and_keeps_hearing_after_it(
    world: World,
) -> None:
    phone = await world.phone()
    world.customer.serves("/tone.wav", TONE)
    play = f"<Play>{world.customer.url}/tone.wav</Play>"
    await world.place(uri(phone), f'{play}<Wait length="1"/>{play}')

    call = await phone.next_call()
    await call.answer()
    await call.until_ended()

    first, second = [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert first.seconds == pytest.approx(0.5, abs=0.15)
    assert second.start_s - first.end_s == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize(
    ("status", "code", "shown", "source"),
    [
        (486, 3010, "busy", "Callee"),
        (603, 3110, "busy", "Callee"),
        (480, 3000, "no-answer", "Callee"),
        (500, 3080, "failed", "Carrier"),
    ],
)
async def test_a_refused_call_has_its_cause(
    world: World, status: int, code: int, shown: str, source: str
) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone))
    call = await phone.next_call()

    await call.refuse(status)

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == str(code)
    assert over.fields["CallStatus"] == shown
    assert over.fields["HangupSource"] == source
    assert over.fields["AnswerTime"] == ""
    assert (await world.cdr(uuid)).call_duration == 0
    assert not world.customer.requests("/answer")


async def test_a_phone_that_is_not_registered_has_a_cause_of_its_own(
    world: World,
) -> None:
    made = await world.sdk(
        lambda: world.client.endpoints.create("absent", "a-password", "Absent")
    )

    uuid = await world.place(f"sip:{made.username}@phone.plivo.com")

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseName"] == "Endpoint Not Registered"


async def test_a_number_goes_out_over_the_trunk(world: World) -> None:
    carrier = await world.carrier_in_service()
    uuid = await world.place("+33123456789", "<Hangup/>", caller_name="Ann")
    call = await carrier.next_call()
    await call.answer()

    over = await world.customer.event("Hangup", call_uuid=uuid)

    assert call.invite is not None
    assert call.invite.request_user == "+33123456789"
    assert call.invite.from_name == "Ann"
    assert call.invite.from_uri.startswith("sip:+15550199@")
    assert over.fields["HangupSource"] == "Answer XML"


async def test_a_call_that_rings_too_long_times_out(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), ring_timeout=2)
    call = await phone.next_call()
    await call.ring()

    ended = await call.until_ended()

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert ended.sip_status == 487
    assert over.fields["HangupCauseCode"] == "6010"
    assert over.fields["CallStatus"] == "timeout"
    assert over.fields["HangupCause"] == "NO_ANSWER"


async def test_the_callee_hangs_up_while_a_file_plays(world: World) -> None:
    phone = await world.phone()
    world.customer.serves("/tone.wav", TONE)
    uuid = await world.place(
        uri(phone), f'<Play loop="0">{world.customer.url}/tone.wav</Play>'
    )
    call = await phone.next_call()
    await call.answer()
    await asyncio.sleep(1)

    await call.hang_up()

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "4000"
    assert over.fields["HangupSource"] == "Callee"
    assert [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]


async def test_the_api_hangs_up_a_ringing_call(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone))
    call = await phone.next_call()
    await call.ring()
    await world.customer.event("Ring", call_uuid=uuid)

    await world.sdk(lambda: world.client.calls.hangup(uuid))

    assert (await call.until_ended()).sip_status == 487
    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "1000"
    assert over.fields["HangupSource"] == "API Request"
    assert over.fields["CallStatus"] == "cancel"


async def test_the_api_hangs_up_a_live_call(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="60"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)
    await world.until_live(uuid, "in-progress")

    await world.sdk(lambda: world.client.calls.hangup(uuid))

    await call.until_ended()
    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "4000"
    assert over.fields["HangupSource"] == "API Request"


async def test_custom_headers_reach_the_phone_and_every_callback(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), sip_headers="order=42")
    call = await phone.next_call()
    await call.answer()

    over = await world.customer.event("Hangup", call_uuid=uuid)

    assert call.invite is not None
    assert call.invite.custom == {"order": "42"}
    assert not [name for name in call.invite.headers if name.startswith("x-vp-")]
    assert over.fields["X-PH-order"] == "42"


async def test_send_digits_are_heard_by_the_callee(world: World) -> None:
    phone = await world.phone()
    await world.place(uri(phone), '<Wait length="10"/>', send_digits="w12#")
    call = await phone.next_call()
    await call.answer()

    assert await call.until_digits(3) == "12#"

    await call.hang_up()


async def test_a_call_ends_at_its_time_limit(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="60"/>', time_limit=2)
    call = await phone.next_call()
    await call.answer()

    await call.until_ended()

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "6000"


async def test_five_calls_at_once_leave_at_the_pace_of_the_queue(world: World) -> None:
    phone = await world.carrier_in_service(PACED_CARRIER)
    numbers = "<".join(f"{PACED_PREFIX}00000000{n}" for n in range(5))
    answer_url = world.customer.document("/answer", "<Hangup/>")

    placed = await world.sdk(
        lambda: world.client.calls.create(
            from_="15550199", to_=numbers, answer_url=answer_url
        )
    )
    calls = []
    for _ in range(5):
        call = await phone.next_call()
        await call.refuse(486)
        calls.append(call)

    assert len(placed.request_uuid) == 5
    assert [call.invite.request_user for call in calls if call.invite] == [
        f"+{PACED_PREFIX}00000000{n}" for n in range(5)
    ]
    starts = [call.events[0].at_ms for call in calls]
    gaps = [late - early for early, late in itertools.pairwise(starts)]
    assert min(gaps) > 400, "no two starts may be closer than the pace allows"


@pytest.mark.statement(259, 262)
async def test_a_scheduled_hangup_comes_while_other_elements_run(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Hangup schedule="2"/><Wait length="60"/>')
    call = await phone.next_call()
    await call.answer()

    await call.until_ended()

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "6000"
    assert over.fields["HangupSource"] == "Plivo"


async def test_a_worker_that_has_a_call_gets_the_next_one_too(world: World) -> None:
    phone = await world.phone()
    workers = set()
    for _ in range(2):
        uuid = await world.place(uri(phone), '<Wait length="60"/>')
        call = await phone.next_call()
        await call.answer()
        await world.customer.event("StartApp", call_uuid=uuid)
        async with world.bus() as bus:
            live = await bus.live.get(CallUuid(uuid))
        assert live is not None
        workers.add(live.worker)

    assert len(workers) == 1


async def test_the_phone_that_answers_first_has_the_call(world: World) -> None:
    desk = await world.phone()
    mobile = await world.register(desk.settings.user, PASSWORD)
    uuid = await world.place(uri(desk), '<Wait length="1"/>')
    rings, answers = await desk.next_call(), await mobile.next_call()

    await answers.answer()

    assert (await rings.until_ended()).sip_status == 487
    await answers.until_ended()
    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "4010"
