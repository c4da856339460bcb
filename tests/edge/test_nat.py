"""Phones behind a NAT: what they say of themselves leads nowhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest

from tests.edge.conftest import PHONE_HOST, call_as, call_out, register, until
from tests.edge.dialog import Dialog, answer
from tests.edge.party import Party, udp_party
from tests.edge.rtp import RtpEnd, rtp_end
from tests.edge.sip import media_address, sdp
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

INSIDE: Final = ("127.0.9.9", 5060)
"""Nobody is there; on the machine, so that what goes astray does not leave it."""
INSIDE_RTP_PORT: Final = 40000


@dataclass(frozen=True, slots=True)
class Sound:
    """Where the audio of the two ends really is."""

    phone: RtpEnd
    worker: RtpEnd


@pytest.fixture
async def phone(edge: EdgeServer) -> AsyncIterator[Party]:
    """Registered; its Via, Contact and SDP name an address of its own network."""
    async with udp_party(PHONE_HOST, edge.outside) as party:
        party.inside = INSIDE
        assert await register(party, edge) == 200
        yield party


@pytest.fixture
async def sound(worker: Party) -> AsyncIterator[Sound]:
    async with rtp_end(PHONE_HOST) as outside, rtp_end(worker.host) as inside:
        yield Sound(outside, inside)


async def test_it_is_called_where_it_registered_from_and_heard_where_it_talks_from(
    edge: EdgeServer, phone: Party, worker: Party, sound: Sound
) -> None:
    caller = call_out(worker, edge, "alice")
    caller.body = sdp(worker.host, sound.worker.port)
    caller.send()
    invite = await phone.expect("INVITE")
    theirs = answer(phone, invite, sdp(INSIDE[0], INSIDE_RTP_PORT))
    ours = await caller.answered()
    await phone.expect("ACK")

    await both_talk(sound, theirs, ours)

    await both_hold_and_the_worker_hangs_up(ours, theirs)


async def test_its_own_calls_are_the_same(
    edge: EdgeServer, phone: Party, worker: Party, sound: Sound
) -> None:
    caller = call_as(phone, edge, "alice", "15550001")
    caller.body = sdp(INSIDE[0], INSIDE_RTP_PORT)
    await caller.send_with_password("alice", "swordfish")
    invite = await worker.expect("INVITE")
    ours = answer(worker, invite, sdp(worker.host, sound.worker.port))
    theirs = await caller.answered()
    await worker.expect("ACK")

    await both_talk(sound, theirs, ours)

    await both_hold_and_the_worker_hangs_up(ours, theirs)


async def both_talk(sound: Sound, theirs: Dialog, ours: Dialog) -> None:
    """The phone first: only from its packets the relay learns where it is."""
    to_phone, to_worker = media_address(theirs.answer), media_address(ours.answer)
    await sound.phone.talk(to_phone)
    await heard(sound.worker, sound.phone)
    await sound.worker.talk(to_worker)
    await heard(sound.phone, sound.worker)

    assert set(sound.phone.sources) == {to_phone}


async def heard(end: RtpEnd, other: RtpEnd) -> None:
    """Until one end has heard the other, but for a packet."""

    async def is_heard() -> bool:
        return len(end.heard) >= other.sent - 1

    await until(is_heard)


async def both_hold_and_the_worker_hangs_up(ours: Dialog, theirs: Dialog) -> None:
    """Requests within the call find the phone, too, after its own as well."""
    phone, worker = theirs.party, ours.party
    theirs.request("INVITE", sdp(INSIDE[0], INSIDE_RTP_PORT, mode="sendonly"))
    held = await worker.expect("INVITE")
    worker.reply(held, 200, body=sdp(worker.host, 41000), Contact=worker.contact)
    await phone.expect(200)
    theirs.request("ACK")
    await worker.expect("ACK")
    ours.request("INVITE", sdp(worker.host, 41000, mode="sendonly"))
    held = await phone.expect("INVITE")
    phone.reply(held, 200, body=sdp(INSIDE[0], INSIDE_RTP_PORT), Contact=phone.contact)
    await worker.expect(200)
    ours.request("ACK")
    await phone.expect("ACK")
    await ours.hang_up_with(theirs)
