"""Strange messages: a sensible answer, or none, and the next call works."""

import asyncio
import secrets

import pytest

from tests.calls_e2e.conftest import CARRIER, NUMBER, TONE, TONE_HZ, World
from tests.calls_e2e.torture import STRANGE, Strange
from tests.calls_e2e.torture_broken import BROKEN
from tests.edge.dialog import Caller
from tests.edge.party import Party, udp_party
from tests.edge.sip import Message
from voiceplat.telephony.listen import tones

pytestmark = [pytest.mark.edge, pytest.mark.sip]

FINAL = tuple(range(200, 700))


def on_the_wire(strange: Strange, party: Party) -> bytes:
    us = f"{party.peer[0]}:{party.peer[1]}"
    values = {"host": party.host, "port": str(party.port), "us": us, "number": NUMBER}
    text = strange.text
    for name, value in (values | {"id": secrets.token_hex(6)}).items():
        text = text.replace(f"{{{name}}}", value)
    _, _, body = text.partition("\r\n\r\n")
    return text.replace("{length}", str(len(body.encode()))).encode()


def acknowledge(party: Party, answer: Message) -> None:
    """Of an INVITE that was refused: what its sender would send."""
    copied = ("Via", "From", "To", "Call-ID")
    headers = [(name, answer.get(name)) for name in copied]
    number = answer.get("CSeq").split()[0]
    headers += [("CSeq", f"{number} ACK"), ("Max-Forwards", "70")]
    party.send(Message(f"ACK sip:{NUMBER}@{party.host} SIP/2.0", headers))


async def answer_to(strange: Strange, party: Party) -> int:
    """The final status; 0 for silence."""
    party.send_bytes(on_the_wire(strange, party))
    try:
        answer = await party.expect(*FINAL, within_s=3 if strange.silence else 20)
    except AssertionError:
        return 0
    if "INVITE" in answer.get("CSeq"):
        acknowledge(party, answer)
    return answer.status


async def is_alive(party: Party) -> None:
    us = f"{party.peer[0]}:{party.peer[1]}"
    Caller(party, f"sip:alive@{us}", f"sip:x@{party.host}").send("OPTIONS")
    await party.expect(200, within_s=20)


@pytest.mark.parametrize("strange", [*STRANGE, *BROKEN], ids=lambda it: it.name)
async def test_a_strange_message_is_answered_sensibly(
    world: World, strange: Strange
) -> None:
    document = world.customer.document("/answer", '<Hangup reason="rejected"/>')
    await world.application(answer_url=document)
    host, _, port = world.platform.sip.rpartition(":")
    async with udp_party(CARRIER, (host, int(port))) as party:
        status = await answer_to(strange, party)

        assert status in strange.answers or (strange.silence and not status)
        await is_alive(party)


async def test_after_all_of_them_a_call_is_answered_and_heard(world: World) -> None:
    world.customer.serves("/tone.wav", TONE)
    play = f"<Play>{world.customer.url}/tone.wav</Play>"
    await world.application(answer_url=world.customer.document("/answer", play))
    host, _, port = world.platform.sip.rpartition(":")
    async with udp_party(CARRIER, (host, int(port))) as party:
        for strange in BROKEN:
            party.send_bytes(on_the_wire(strange, party))
            await asyncio.sleep(0)

    call = await world.dialled(await world.carrier())
    await call.until_answered()
    await call.until_ended()

    assert [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert "server_died" not in world.platform.log("edge")
    assert "worker_died" not in world.platform.log("media")


async def test_what_a_broken_message_says_is_not_logged(world: World) -> None:
    host, _, port = world.platform.sip.rpartition(":")
    async with udp_party(CARRIER, (host, int(port))) as party:
        for strange in BROKEN:
            data = on_the_wire(strange, party)
            secret = b"\r\nX-Plivo-Jwt: a-secret-token\r\n"
            party.send_bytes(data.replace(b"\r\n", secret, 1))
        await is_alive(party)

    log = world.platform.log("edge")
    assert "a-secret-token" not in log
    assert not [line for line in log.splitlines() if not line.startswith("{")]
