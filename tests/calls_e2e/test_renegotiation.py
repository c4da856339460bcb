"""What carriers and phones change within a call, and what they hear then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.calls_e2e.conftest import CARRIER, NUMBER, PASSWORD, World, tone
from tests.calls_e2e.ear import G722, PCMA, PCMU, hears, payload_types
from tests.edge.dialog import Caller, Dialog
from tests.edge.party import Party, udp_party
from tests.edge.rtp import RtpEnd, rtp_end
from tests.edge.sip import Message, media_address, sdp

pytestmark = [pytest.mark.edge, pytest.mark.sip]

PHONE = "127.0.0.21"
PATIENCE_S = 20
TONES_HZ = tuple(range(400, 1600, 100))
TONE_HZ = TONES_HZ[0]
NOBODY = "0.0.0.0"  # noqa: S104 - how RFC 2543 held a call


@dataclass(frozen=True, slots=True)
class Listener:
    dialog: Dialog
    ear: RtpEnd

    @property
    def host(self) -> str:
        return self.dialog.party.host

    async def until_heard(self, *wanted_hz: float, since: int = 0) -> float:
        """The first of these tones that it hears, of what came since then."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for hz in wanted_hz:
                    if hears(self.ear.heard[since:], hz):
                        return hz
                await asyncio.sleep(0.1)

    async def until_coded(self, codec: int) -> int:
        """How much it had heard when that codec came."""
        async with asyncio.timeout(PATIENCE_S):
            while payload_types(self.ear.heard[-1:]) != [codec]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return len(self.ear.heard)

    async def until_quiet(self) -> int:
        """How much it had heard when nothing came any more."""
        heard = -1
        async with asyncio.timeout(PATIENCE_S):
            while heard != len(self.ear.heard):
                heard = len(self.ear.heard)
                await asyncio.sleep(0.5)
        return heard

    async def offer(self, body: str, method: str = "INVITE") -> Message:
        """Renegotiate; the answer."""
        self.dialog.request(method, body)
        answer = await self.dialog.party.expect(200)
        if method == "INVITE":
            self.dialog.request("ACK")
        return answer


@pytest.fixture(params=["carrier", "phone"])
async def party(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Party]:
    host, port = (CARRIER, world.site.port)
    if request.param == "phone":
        host, port = (PHONE, 0)
    async with party_at(world, host, port) as party:
        yield party


@pytest.fixture
async def carrier(world: World) -> AsyncIterator[Party]:
    async with party_at(world, CARRIER, world.site.port) as party:
        yield party


@asynccontextmanager
async def party_at(world: World, host: str, port: int) -> AsyncIterator[Party]:
    edge_host, _, edge_port = world.platform.sip.rpartition(":")
    async with udp_party(host, (edge_host, int(edge_port)), port) as party:
        yield party


def playing(world: World, *, over_and_over: bool = False) -> str:
    """A document with one tone after the other, or the first one for ever."""
    for hz in TONES_HZ:
        world.customer.serves(f"/{hz}.wav", tone(hz, 1))
    base = world.customer.url
    if over_and_over:
        return f'<Play loop="0">{base}/{TONE_HZ}.wav</Play>'
    return "".join(f"<Play>{base}/{hz}.wav</Play>" for hz in TONES_HZ)


@asynccontextmanager
async def listening(
    world: World, party: Party, document: str, codecs: str = "0 8 9 101"
) -> AsyncIterator[Listener]:
    """A caller who has heard the first tone of the document."""
    async with rtp_end(party.host) as ear:
        caller = await calling(world, party, document)
        caller.body = sdp(party.host, ear.port, codecs)
        if party.host == PHONE:
            user = caller.sender.partition(":")[2].partition("@")[0]
            await caller.send_with_password(user, PASSWORD)
        else:
            caller.send()
        dialog = await caller.answered(within_s=PATIENCE_S)
        listener = Listener(dialog, ear)
        await listener.until_heard(TONE_HZ)
        yield listener


async def calling(world: World, party: Party, document: str) -> Caller:
    """A caller of an application that answers with this document."""
    app_id = await world.application(
        answer_url=world.customer.document("/answer", document),
        hangup_url=f"{world.customer.url}/hangup",
    )
    if party.host == CARRIER:
        return Caller(
            party,
            f"sip:+{NUMBER}@{world.platform.sip}",
            f"sip:+15550199@{party.host}",
        )
    made = await world.sdk(
        lambda: world.client.endpoints.create("tester", PASSWORD, "held", app_id)
    )
    domain = "phone.plivo.com"
    return Caller(party, f"sip:any@{domain}", f"sip:{made.username}@{domain}")


async def hang_up(listener: Listener) -> None:
    listener.dialog.request("BYE")
    await listener.dialog.party.expect(200)


@pytest.mark.parametrize(
    "hold",
    [
        lambda host, port: sdp(host, port, mode="sendonly"),
        lambda host, port: sdp(host, port, mode="inactive"),
        lambda _, port: sdp(NOBODY, port),
    ],
    ids=["sendonly", "inactive", "nowhere"],
)
async def test_a_prompt_goes_on_after_a_hold(
    world: World, party: Party, hold: Callable[[str, int], str]
) -> None:
    async with listening(world, party, playing(world)) as listener:
        host, port = listener.host, listener.ear.port
        await listener.offer(hold(host, port))
        held = await listener.until_quiet()
        await asyncio.sleep(1)
        silent = listener.ear.heard[held:]
        resumed = len(listener.ear.heard)
        await listener.offer(sdp(host, port))

        heard = await listener.until_heard(*TONES_HZ[1:], since=resumed)
        await listener.dialog.wait_for_bye(within_s=PATIENCE_S)

    assert not any(hears(silent, hz) for hz in TONES_HZ)
    assert heard > TONE_HZ
    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == "4010", "it came to its end"


async def test_the_codec_may_change_and_change_again(
    world: World, party: Party
) -> None:
    document = playing(world, over_and_over=True)
    async with listening(world, party, document, "0 101") as listener:
        for codec in (PCMA, G722, PCMU):
            await listener.offer(
                sdp(listener.host, listener.ear.port, codecs=f"{codec} 101")
            )
            since = await listener.until_coded(codec)
            if codec != G722:
                await listener.until_heard(TONE_HZ, since=since)
            await asyncio.sleep(0.5)
            assert set(payload_types(listener.ear.heard[since:])) == {codec}
        await hang_up(listener)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_the_audio_may_move(world: World, party: Party, method: str) -> None:
    document = playing(world, over_and_over=True)
    async with (
        listening(world, party, document) as listener,
        rtp_end(party.host) as elsewhere,
    ):
        await listener.offer(sdp(listener.host, elsewhere.port), method)

        moved = Listener(listener.dialog, elsewhere)
        await moved.until_heard(TONE_HZ)
        await hang_up(moved)


async def test_an_offer_may_come_with_our_200(world: World, carrier: Party) -> None:
    async with rtp_end(carrier.host) as ear:
        caller = await calling(world, carrier, playing(world, over_and_over=True))
        dialog = await caller.send().answered(
            sdp(carrier.host, ear.port, "8 101"), within_s=PATIENCE_S
        )

        listener = Listener(dialog, ear)
        await listener.until_heard(TONE_HZ)
        await hang_up(listener)

    assert set(payload_types(ear.heard)) == {PCMA}


async def test_a_re_invite_without_an_offer_gets_ours(
    world: World, carrier: Party
) -> None:
    document = playing(world, over_and_over=True)
    async with listening(world, carrier, document) as listener:
        listener.dialog.request("INVITE")
        offer = await carrier.expect(200)
        listener.dialog.request("ACK", sdp(carrier.host, listener.ear.port, "8 101"))
        since = await listener.until_coded(PCMA)

        await listener.until_heard(TONE_HZ, since=since)
        await hang_up(listener)

    assert "m=audio" in offer.body
    assert set(payload_types(listener.ear.heard[since:])) == {PCMA}


async def test_the_answer_may_have_another_place_than_early_media(
    world: World, carrier: Party
) -> None:
    await world.until_in_service(CARRIER)
    async with rtp_end(carrier.host) as early, rtp_end(carrier.host) as late:
        await world.place("+33123456789", playing(world, over_and_over=True))
        invite = await carrier.expect("INVITE", within_s=PATIENCE_S)
        contact = carrier.contact
        first = sdp(carrier.host, early.port, "0 101")
        carrier.reply(invite, 183, tag="c", body=first, Contact=contact)
        await early.talk(media_address(invite.body))
        second = sdp(carrier.host, late.port, "8 101")
        carrier.reply(invite, 200, tag="c", body=second, Contact=contact)
        await carrier.expect("ACK")

        dialog = Dialog.of_callee(carrier, invite, f"{invite.get('To')};tag=c")
        listener = Listener(dialog, late)
        await listener.until_heard(TONE_HZ)
        await hang_up(listener)

    assert set(payload_types(late.heard)) == {PCMA}
    assert not hears(early.heard, TONE_HZ)


@pytest.mark.parametrize("party", ["phone"], indirect=True)
async def test_a_phone_that_asks_for_a_transfer_hears_what_becomes_of_it(
    world: World, party: Party
) -> None:
    """No element waits for it here."""
    document = playing(world, over_and_over=True)
    async with listening(world, party, document) as listener:
        listener.dialog.request("REFER", Refer_To="<sip:+15553334444@phone.plivo.com>")
        await party.expect(202)

        notify = await party.expect("NOTIFY", within_s=PATIENCE_S)
        party.reply(notify, 200)
        since = len(listener.ear.heard)

        assert notify.get("Subscription-State").startswith("terminated")
        assert notify.body.strip() == "SIP/2.0 603 Decline"
        await listener.until_heard(TONE_HZ, since=since)
        await hang_up(listener)


async def keep_talking(ear: RtpEnd, to: tuple[str, int]) -> None:
    """A call that hears nothing would be ended for that."""
    while True:
        await ear.talk(to)
        await asyncio.sleep(1)


async def test_a_session_is_refreshed_and_one_that_is_not_ends(
    world: World, carrier: Party
) -> None:
    """RFC 4028, at its shortest: 90 s."""
    document = playing(world, over_and_over=True)
    async with (
        rtp_end(carrier.host) as ours,
        rtp_end(carrier.host) as theirs,
        AsyncExitStack() as stack,
    ):
        dialogs = {}
        for refresher, ear in (("uas", ours), ("uac", theirs)):
            caller = await calling(world, carrier, document)
            caller.body = sdp(carrier.host, ear.port)
            caller.headers = {
                "Supported": "timer",
                "Session_Expires": f"90;refresher={refresher}",
            }
            dialog = await caller.send().answered(within_s=PATIENCE_S)
            dialogs[refresher] = dialog
            talk = keep_talking(ear, media_address(dialog.answer))
            stack.callback(asyncio.create_task(talk).cancel)

        refresh = await carrier.expect("INVITE", "UPDATE", within_s=60)
        body = sdp(carrier.host, ours.port) if refresh.body else ""
        carrier.reply(
            refresh,
            200,
            body=body,
            Contact=carrier.contact,
            Session_Expires="90;refresher=uac",
            Require="timer",
        )
        bye = await carrier.expect("BYE", within_s=60)
        carrier.reply(bye, 200)
        dialogs["uas"].request("BYE")
        await carrier.expect(200)

    assert refresh.get("Call-ID") == dialogs["uas"].call_id
    assert bye.get("Call-ID") == dialogs["uac"].call_id
