"""The same calls with SIPp at the other end: another SIP stack, message by message."""

import asyncio

import pytest

from tests.calls_e2e.conftest import CARRIER, NUMBER, PASSWORD, STRANGER, World
from tests.servers.free_ports import free_port
from tests.servers.sipp import sipp, sipp_waits

pytestmark = [pytest.mark.edge, pytest.mark.sip]


async def carrier_calls(  # noqa: PLR0913 - one call, each part by name
    world: World,
    scenario: str,
    document: str = "<Speak>Hello</Speak>",
    *,
    user: str = f"+{NUMBER}",
    host: str = CARRIER,
    pause_ms: int = 0,
) -> None:
    await world.application(
        answer_url=world.customer.document("/answer", document),
        hangup_url=f"{world.customer.url}/hangup",
    )
    await sipp(
        scenario,
        host=host,
        port=world.site.port,
        to=world.platform.sip,
        user=user,
        pause_ms=pause_ms,
    )


async def test_a_call_is_answered_and_hung_up_at_the_end_of_the_document(
    world: World,
) -> None:
    await carrier_calls(world, "calls_and_is_hung_up")

    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == "4010"


async def test_the_caller_hangs_up_while_the_platform_plays(world: World) -> None:
    play = '<Speak loop="0">Hello again and again</Speak>'

    await carrier_calls(world, "calls_and_hangs_up", play, pause_ms=1500)

    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == "4000"
    assert over.fields["HangupSource"] == "Caller"


async def test_the_caller_cancels_while_it_rings(world: World) -> None:
    await carrier_calls(world, "gives_up", '<Wait length="20"/>')

    over = await world.customer.event("Hangup")
    assert over.fields["CallStatus"] == "cancel"


async def test_an_unknown_number_is_404(world: World) -> None:
    await carrier_calls(world, "is_refused_with_404", user="+15559999")

    assert not world.customer.asked


async def test_an_unknown_source_is_403(world: World) -> None:
    await carrier_calls(world, "is_refused_with_403", host=STRANGER)

    assert not world.customer.asked


@pytest.mark.parametrize(("reason", "status"), [("busy", 486), ("rejected", 603)])
async def test_a_document_refuses_the_caller(
    world: World, reason: str, status: int
) -> None:
    await carrier_calls(
        world, f"is_refused_with_{status}", f'<Hangup reason="{reason}"/>'
    )


@pytest.mark.parametrize(
    ("scenario", "code", "status"),
    [
        ("is_busy", "3010", "busy"),
        ("does_not_answer", "6010", "timeout"),
        ("answers", "4000", "completed"),
    ],
)
async def test_a_carrier_is_called(
    world: World, scenario: str, code: str, status: str
) -> None:
    async with sipp_waits(scenario, host=CARRIER, port=world.site.port):
        await world.until_in_service(CARRIER)
        uuid = await world.place("+33123456789", "<Hangup/>", ring_timeout=2)

        over = await world.customer.event("Hangup", call_uuid=uuid)

    assert over.fields["HangupCauseCode"] == code
    assert over.fields["CallStatus"] == status


async def test_a_callee_who_answers_while_it_is_cancelled_is_hung_up(
    world: World,
) -> None:
    async with sipp_waits("answers_a_cancel", host=CARRIER, port=world.site.port):
        await world.until_in_service(CARRIER)
        uuid = await world.place("+33123456789", "<Hangup/>")
        await world.customer.event("Ring", call_uuid=uuid)

        await world.sdk(lambda: world.client.calls.delete(uuid))

    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] in {"1000", "4000"}, "either came first"
    assert over.fields["HangupSource"] == "API Request"


@pytest.mark.parametrize(
    ("password", "scenario"),
    [(PASSWORD, "registers"), ("wrong", "may_not_register")],
)
async def test_a_phone_registers_with_its_password_only(
    world: World, password: str, scenario: str
) -> None:
    made = await world.sdk(
        lambda: world.client.endpoints.create("sipp", PASSWORD, "SIPp")
    )
    user = made.username
    login = f"[authentication username={user} password={password}]"

    await sipp(
        scenario,
        host=STRANGER,
        port=await asyncio.to_thread(free_port),
        to=world.platform.sip,
        fields=f"{user};{login}",
    )

    shown = await world.sdk(lambda: world.client.endpoints.get(made.endpoint_id))
    assert shown.sip_registered == ("true" if password == PASSWORD else "false")
