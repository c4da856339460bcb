"""What a timeline has of real calls, and what it never has."""

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from plivo.utils import validate_v3_signature

from tests.calls_e2e.conftest import PASSWORD, TONE, TONE_HZ, World
from tests.calls_e2e.hearing import until_tone
from tests.servers.customer import Reply
from voiceplat.calls.timeline import (
    ElementRun,
    KeyPress,
    Moment,
    RecordingNote,
    SipMessage,
    StateChange,
    WebRequest,
)
from voiceplat.calls.trouble import TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.compat]

CALLEE = "33123456789"
PIN = "86429753"
SENT = "97531864"
"""So long that no time or nonce has them in it by chance."""

Moments = list[Moment]


async def timeline(
    world: World, uuid: str, enough: Callable[[Moments], bool]
) -> Moments:
    """By time, once there is enough."""
    found: Moments = []
    async with world.bus() as bus:
        try:
            async with asyncio.timeout(30):
                while not enough(found):
                    await asyncio.sleep(0.2)
                    noted = await bus.timelines.of(CallUuid(uuid))
                    found = sorted((it for _, it in noted), key=lambda it: it.at)
        except TimeoutError:
            pytest.fail("\n".join(it.model_dump_json()[:200] for it in found))
    return found


def requests(moments: Moments, purpose: str) -> list[WebRequest]:
    found = [it for it in moments if isinstance(it, WebRequest)]
    return [it for it in found if it.purpose == purpose]


def recordings(moments: Moments) -> list[str]:
    return [it.state for it in moments if isinstance(it, RecordingNote)]


def sip(moments: Moments, *, outside: bool) -> list[str]:
    """Methods and statuses of one side."""
    messages = [it for it in moments if isinstance(it, SipMessage)]
    words = [it.first_line.split() for it in messages if it.outside is outside]
    return [two if one == "SIP/2.0" else one for one, two, *_ in words]


def is_whole(moments: Moments) -> bool:
    """All that comes late is there."""
    return (
        "ready" in recordings(moments)
        and bool(requests(moments, "hangup"))
        and any(isinstance(it, StateChange) and it.state == "ended" for it in moments)
        and all(
            sip(moments, outside=side)[-2:] == ["BYE", "200"] for side in (False, True)
        )
    )


async def ivr_call(world: World) -> str:
    """A phone with a password asks its way through a menu and leaves a message."""
    url = world.customer.url
    sound = world.customer.serves("/tone.wav", TONE)
    menu = (
        f'<GetDigits action="{url}/pressed" numDigits="{len(PIN)}" finishOnKey="none">'
        f'<Play loop="0">{sound}</Play></GetDigits>'
    )
    world.customer.document("/pressed", f'<Record action="{url}/left" maxLength="2"/>')
    world.customer.document(
        "/left", f'<DTMF async="false">{SENT}</DTMF><Speak>bye</Speak>'
    )
    slow = Reply(f"<Response>{menu}</Response>", delay_s=1)
    app = await world.application(
        answer_url=world.customer.serves("/answer", slow), hangup_url=f"{url}/hangup"
    )
    phone = await world.phone(app_id=app)
    call = await phone.call(f"sip:{app}@{world.platform.sip}")
    await call.until_ringing()
    await call.until_answered()
    await until_tone(call, TONE_HZ)
    await call.press(PIN)
    (asked,) = await world.customer.asked_for("/answer")
    await world.customer.asked_for("/hangup")
    return asked.fields["CallUUID"]


async def test_the_whole_story_of_a_call_is_there(world: World) -> None:
    uuid = await ivr_call(world)

    moments = await timeline(world, uuid, is_whole)

    inside, outside = sip(moments, outside=False), sip(moments, outside=True)
    assert [it for it in inside if it not in {"100", "180"}] == [
        *("INVITE", "200", "ACK", "BYE", "200"),
    ]
    assert [it for it in outside if it not in {"100", "180"}] == [
        *("INVITE", "407", "ACK", "INVITE", "200", "ACK", "BYE", "200"),
    ]
    assert {"100", "180"} <= set(inside)
    assert {"100", "180"} <= set(outside)
    elements = [(it.tag, it.state) for it in moments if isinstance(it, ElementRun)]
    assert elements == [
        (tag, state)
        for tag in ("GetDigits", "Record", "DTMF", "Speak")
        for state in ("begins", "ends")
    ]
    assert recordings(moments) == ["begins", "ends", "ready"]
    states = [it for it in moments if isinstance(it, StateChange)]
    assert [it.state for it in states] == ["initiated", "answered", "ended"]
    assert states[-1].detail == "End Of XML Instructions (4010), by Plivo"
    keys = [(it.whose, it.digit) for it in moments if isinstance(it, KeyPress)]
    assert keys == [("caller", "•")] * len(PIN) + [("platform", "•")] * len(SENT)
    purposes = [it.purpose for it in moments if isinstance(it, WebRequest)]
    assert purposes == ["answer", "action", "action", "hangup"]


def has_left(moments: Moments) -> bool:
    """The state is told by the worker, the messages by the edge."""
    return any(
        isinstance(it, StateChange) and it.state == "ended" for it in moments
    ) and all(
        sip(moments, outside=side)[-2:] == ["BYE", "200"] for side in (False, True)
    )


async def test_a_dialled_leg_has_a_story_of_its_own(world: World) -> None:
    url = world.customer.url
    dial = f'<Dial action="{url}/dialled"><Number>{CALLEE}</Number></Dial>'
    await world.application(answer_url=world.customer.document("/answer", dial))
    carrier = await world.carrier_in_service()
    caller = await world.dialled(carrier)
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    await callee.hang_up()
    (told,) = await world.customer.asked_for("/dialled")

    moments = await timeline(world, told.fields["DialBLegUUID"], has_left)

    for side in (False, True):
        seen = [it for it in sip(moments, outside=side) if it not in {"100", "180"}]
        assert seen == ["INVITE", "200", "ACK", "BYE", "200"]
    states = [it.state for it in moments if isinstance(it, StateChange)]
    assert states == ["initiated", "answered", "ended"]
    assert not any(isinstance(it, ElementRun) for it in moments), "those are A's"


async def test_a_customer_can_check_what_was_signed(world: World) -> None:
    uuid = await ivr_call(world)

    moments = await timeline(world, uuid, is_whole)

    (noted,) = requests(moments, "answer")
    (asked,) = world.customer.requests("/answer")
    token = world.platform.auth_token
    signature = asked.headers["x-plivo-signature-v3"]
    nonce = noted.signed.rpartition(".")[2]
    made = hmac.digest(token.encode(), noted.signed.encode(), "sha256")
    assert b64encode(made).decode() == signature
    assert validate_v3_signature(
        noted.method, noted.url, nonce, token, signature, dict(noted.params)
    )
    assert noted.params == asked.fields
    assert noted.status == 200
    assert "<GetDigits" in noted.body


async def test_no_secret_is_in_any_moment(world: World) -> None:
    uuid = await ivr_call(world)

    moments = await timeline(world, uuid, is_whole)

    text = "\n".join(it.model_dump_json() for it in moments)
    assert "Proxy-Authorization: •" in text
    assert 'response=\\"' not in text
    for secret in (PASSWORD, world.platform.auth_token, PIN, SENT, "inline:"):
        assert secret not in text


async def test_every_attempt_of_a_request_is_there_and_its_failure_a_trouble(
    world: World,
) -> None:
    began = utc_now() - timedelta(seconds=5)
    url = world.customer.serves("/flaky", Reply(status=503))
    carrier = await world.carrier_in_service()
    calling = asyncio.create_task(carrier.next_call())
    uuid = await world.place("15550123", answer_url=f"{url}#rc=2&rp=5xx")
    call = await calling
    await call.answer()
    await call.until_ended()

    moments = await timeline(world, uuid, lambda them: bool(requests(them, "hangup")))

    attempts = requests(moments, "answer")
    assert [it.status for it in attempts] == [503] * 3
    assert len({it.signed for it in attempts}) == 3
    assert all(it.trouble == "answered 503" for it in attempts)
    async with world.bus() as bus:
        told = await bus.troubles.last(AuthId(world.platform.auth_id), began)
    (trouble,) = [it for it in told if it.call_uuid == uuid]
    assert trouble.kind is TroubleKind.REQUEST
    assert trouble.text == f"answer URL {url}: answered 503"
