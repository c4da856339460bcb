"""What carriers and phones do on the wire, and what the leg makes of it."""

import asyncio
from pathlib import Path

import pytest

from tests.telephony.bare_sip import BareRtp, BareSip, answered_by_us, reinvite, tag_of
from voiceplat.calls.leg import CallEnded, Destination, KeysBy, Party
from voiceplat.core.errors import MediaError
from voiceplat.telephony.pj_phone import PjPhone

pytestmark = pytest.mark.sip


async def test_the_refusal_s_headers_are_on_the_end(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")

    bare.respond(invite, "480 Not Here", headers="X-VP-Cause: 2020\r\n")

    ended = await leg.until_ended()
    assert (ended.by, ended.sip_status, ended.reason) == (Party.FAR, 480, "Not Here")
    assert ended.headers["X-VP-Cause"] == "2020"


async def test_the_reason_of_a_cancel_is_on_the_end(
    phone: PjPhone, bare: BareSip
) -> None:
    bare.request("INVITE", phone.address, body=bare.sdp())
    _, leg = await phone.next_call()
    await leg.ring()

    bare.request("CANCEL", phone.address, headers="Reason: SIP;cause=200\r\n")

    ended = await leg.until_ended()
    assert (ended.by, ended.sip_status) == (Party.FAR, 487)
    assert ended.headers["Reason"] == "SIP;cause=200"


async def test_an_invite_carries_caller_name_and_extra_headers(
    phone: PjPhone, bare: BareSip
) -> None:
    headers = {"X-VP-Call": "u-1", "X-PH-Colour": "blue, light"}
    to = Destination(f"sip:+15550100@{bare.address}", "15550199", 'A "B" \\C', headers)

    await phone.dial(to)

    invite = await bare.next("INVITE")
    assert invite.start_line == f"INVITE sip:+15550100@{bare.address} SIP/2.0"
    told = '"A \\"B\\" \\\\C" <sip:15550199@127.0.0.1>;tag='
    assert invite.header("From").startswith(told)
    assert invite.header("X-VP-Call") == "u-1"
    assert invite.header("X-PH-Colour") == "blue, light"


async def test_a_withheld_caller_is_nobody_and_the_edge_is_told_who(
    phone: PjPhone, bare: BareSip
) -> None:
    to = Destination(
        f"sip:1@{bare.address}",
        "+15550100",
        "Ann",
        diversion="+15550122",
        asserted_identity="15550100",
        privacy=True,
    )

    await phone.dial(to)

    invite = await bare.next("INVITE")
    nobody = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag='
    assert invite.header("From").startswith(nobody)
    assert invite.header("X-VP-Diversion") == "15550122"
    assert invite.header("X-VP-Identity") == "15550100"
    assert invite.header("X-VP-Privacy") == "id"


async def test_a_customer_s_text_cannot_break_out_of_its_header(
    phone: PjPhone, bare: BareSip
) -> None:
    headers = {"X-PH-Text": "a\r\nX-VP-Route: 1"}
    to = Destination(f"sip:1@{bare.address}", "Ann Smith <x@y>", "", headers)

    await phone.dial(to)

    invite = await bare.next("INVITE")
    assert invite.header("X-PH-Text") == "aX-VP-Route: 1"
    assert invite.header("X-VP-Route") == ""
    caller = invite.header("From").partition("@")[0]
    assert caller.lower() == "<sip:ann%20smith%20%3cx%40y%3e"


async def test_an_offer_has_our_codecs_in_order_and_telephone_events(
    phone: PjPhone, bare: BareSip
) -> None:
    await phone.dial(Destination(f"sip:1@{bare.address}", "2"))

    await bare.next("INVITE")

    audio = next(line for line in bare.text.split("\r\n") if line.startswith("m="))
    assert audio.split()[3:6] == ["0", "8", "9"]
    assert len(audio.split()) == 7
    assert f"a=rtpmap:{audio.split()[6]} telephone-event/8000" in bare.text


async def test_our_answer_carries_headers(phone: PjPhone, bare: BareSip) -> None:
    bare.request("INVITE", phone.address, body=bare.sdp())
    _, leg = await phone.next_call()

    await leg.answer({"X-PH-Greeting": "hello"})

    assert (await bare.next("SIP/2.0 200")).header("X-PH-Greeting") == "hello"


async def test_an_invite_without_an_offer_has_media_after_the_ack(
    phone: PjPhone, bare: BareSip
) -> None:
    bare.request("INVITE", phone.address)
    _, leg = await phone.next_call()
    answering = asyncio.create_task(leg.answer())
    accepted = await bare.next("SIP/2.0 200")
    assert "m=audio" in bare.text
    assert not leg.has_media

    bare.request("ACK", phone.address, to_tag=tag_of(accepted), body=bare.sdp())

    await answering
    assert leg.has_media


async def test_a_reliable_response_is_acknowledged(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")

    reliable = "Require: 100rel\r\nRSeq: 1\r\n"
    bare.respond(invite, "183 Progress", headers=reliable, body=bare.sdp())

    prack = await bare.next("PRACK")
    assert prack.header("RAck") == f"1 {invite.header('CSeq')}"
    bare.respond(prack, "200 OK")
    await leg.until_media()


async def test_a_caller_who_wants_reliable_responses_gets_them(
    phone: PjPhone, bare: BareSip
) -> None:
    required = "Require: 100rel\r\n"
    bare.request("INVITE", phone.address, body=bare.sdp(), headers=required)
    _, leg = await phone.next_call()
    opening = asyncio.create_task(leg.open_early_media())

    progress = await bare.next("SIP/2.0 183")
    bare.request(
        "PRACK",
        phone.address,
        to_tag=tag_of(progress),
        number=2,
        headers=f"RAck: {progress.header('RSeq')} 1 INVITE\r\n",
    )

    await bare.next("SIP/2.0 200")
    await opening
    await leg.answer()
    assert (await bare.next("SIP/2.0 200")).header("CSeq") == "1 INVITE"


async def test_a_key_by_info_is_a_key(phone: PjPhone, bare: BareSip) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)

    bare.request(
        "INFO",
        phone.address,
        to_tag=tag,
        number=2,
        kind="application/dtmf-relay",
        body="Signal=7\r\nDuration=160\r\n",
    )

    assert await leg.next_digit() == "7"


async def test_a_key_by_rfc_4733_and_by_info_is_one_key(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, tag, sdp = await answered_by_us(bare, phone)

    BareRtp(bare.rtp, sdp).press(7)
    bare.request(
        "INFO",
        phone.address,
        to_tag=tag,
        number=2,
        kind="application/dtmf-relay",
        body="Signal=7\r\nDuration=160\r\n",
    )
    await bare.next("SIP/2.0 200")
    await asyncio.sleep(0.1)

    assert await leg.next_digit() == "7"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(leg.next_digit(), 0.1)


async def test_a_200_that_crosses_our_cancel_gets_a_bye(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")
    bare.respond(invite, "180 Ringing")
    await leg.until_ringing()

    await leg.hang_up()
    cancel = await bare.next("CANCEL")
    bare.respond(invite, "200 OK", body=bare.sdp())
    bare.respond(cancel, "200 OK")

    await bare.next("ACK")
    bare.respond(await bare.next("BYE"), "200 OK")
    assert (await leg.until_ended()).by is Party.US


async def test_a_cancel_that_crosses_our_200_leaves_the_call_to_its_caller(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)

    bare.request("CANCEL", phone.address)
    bare.request("BYE", phone.address, to_tag=tag, number=2)

    ended = await leg.until_ended()
    assert (ended.by, ended.sip_status) == (Party.FAR, 200)


async def test_a_bye_before_the_ack_ends_the_leg(phone: PjPhone, bare: BareSip) -> None:
    bare.request("INVITE", phone.address, body=bare.sdp())
    _, leg = await phone.next_call()
    await leg.answer()
    accepted = await bare.next("SIP/2.0 200")

    bare.request("BYE", phone.address, to_tag=tag_of(accepted), number=2)

    assert (await leg.until_ended()).by is Party.FAR


@pytest.mark.parametrize("claimed", [True, False])
async def test_the_edge_is_told_which_refusal_is_the_calls_answer(
    phone: PjPhone, bare: BareSip, *, claimed: bool
) -> None:
    bare.request("INVITE", phone.address, body=bare.sdp())
    _, leg = await phone.next_call()
    if claimed:
        leg.claim()

    await leg.hang_up(486)

    refusal = await bare.next("SIP/2.0 486")
    assert refusal.header("X-VP-Claimed") == ("1" if claimed else "")


async def test_no_common_codec_ends_the_leg(phone: PjPhone, bare: BareSip) -> None:
    sdp = bare.sdp().replace("RTP/AVP 0", "RTP/AVP 18")
    bare.request("INVITE", phone.address, body=sdp)

    refused = await bare.next("SIP/2.0 4")

    assert refused.start_line == "SIP/2.0 488 Not Acceptable Here"
    assert phone.legs == 0


async def test_a_prompt_goes_on_while_the_far_end_holds(
    phone: PjPhone, bare: BareSip, tone: Path
) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)
    playing = asyncio.create_task(leg.play(tone))
    await asyncio.sleep(0.2)

    await reinvite(bare, phone, tag, 2, "inactive")

    async with asyncio.timeout(20):
        await playing
    assert leg.has_media


async def test_a_hold_and_its_end_keep_silence_flowing(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)
    for number, direction in ((2, "inactive"), (3, "sendrecv")):
        await reinvite(bare, phone, tag, number, direction)
    await asyncio.sleep(0.1)
    loop = asyncio.get_running_loop()
    before, began = leg.quality().packets_sent, loop.time()

    await asyncio.sleep(0.5)

    sent, lasted = leg.quality().packets_sent - before, loop.time() - began
    assert sent == pytest.approx(lasted * 50, abs=8)


async def test_a_carrier_without_telephone_events_gets_keys_by_info(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")
    plain = bare.sdp(events=False)
    bare.respond(invite, "200 OK", body=plain)
    await bare.next("ACK")
    await leg.until_answered()

    sending = asyncio.create_task(leg.send_digits("5"))

    info = await bare.next("INFO")
    bare.respond(info, "200 OK")
    assert "Signal=5" in bare.text
    await sending


async def test_keys_that_must_be_packets_are_not_sent_by_info(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")
    bare.respond(invite, "200 OK", body=bare.sdp(events=False))
    await bare.next("ACK")
    await leg.until_answered()

    with pytest.raises(MediaError, match="digit not sent"):
        await leg.send_digits("5", by=KeysBy.PACKETS)


async def test_an_answer_with_several_codecs_is_taken_as_it_is(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")

    both = bare.sdp().replace("RTP/AVP 0", "RTP/AVP 0 8")
    bare.respond(invite, "200 OK", body=both)
    await bare.next("ACK")
    await leg.until_answered()

    with pytest.raises(TimeoutError):  # no re-INVITE to settle on one of them
        await asyncio.wait_for(bare.next("INVITE"), 0.3)


async def test_an_address_that_is_no_sip_uri_is_a_leg_that_ended(
    phone: PjPhone,
) -> None:
    leg = await phone.dial(Destination("sip:not an@@address", "2"))

    ended = await leg.until_ended()

    assert (ended.by, ended.sip_status) == (Party.US, 484)
    with pytest.raises(CallEnded):
        await leg.until_answered()
    assert phone.legs == 0
