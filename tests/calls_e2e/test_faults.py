"""What callers and customers see when a part of the platform is killed."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import TONE, TONE_HZ, Site, World, set_up, uri
from tests.servers.customer import Reply
from tests.servers.platform import Platform
from voiceplat.telephony.listen import tones

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.fault]


@pytest.fixture
def site() -> Iterator[Site]:
    """A platform of its own, quick to notice what is dead."""
    impatient = {
        "MEDIA__HEARTBEAT_INTERVAL_MS": "300",
        "MEDIA__HEARTBEAT_TIMEOUT_MS": "2000",
        "MEDIA__DRAIN_TIMEOUT_S": "40",
        "MEDIA__RING_AFTER_MS": "5000",
    }
    with set_up(impatient) as made:
        yield made


def pid_of(platform: Platform, word: str) -> int:
    """The child of `voiceplat up` that runs `word`."""
    children = Path(
        f"/proc/{platform.process.pid}/task/{platform.process.pid}/children"
    )
    for pid in children.read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split()
        if any(part.endswith(word) for part in words):
            return int(pid)
    raise AssertionError(f"no child runs {word}")


def worker_of_the_call(platform: Platform, uuid: str) -> int:
    """The process that holds the call, as the log of the media node tells."""
    lines = [json.loads(line) for line in platform.log("media").splitlines()]
    worker = next(line["worker"] for line in lines if line.get("call_uuid") == uuid)
    ready = [line for line in lines if line["event"] == "worker_ready"]
    return int(next(line["pid"] for line in ready if line["worker"] == worker))


async def hangups(world: World, uuid: str) -> list[str]:
    """Codes of all hangup callbacks of a call, a while after the first."""
    await world.customer.event("Hangup", call_uuid=uuid)
    await asyncio.sleep(3)
    return [
        asked.fields["HangupCauseCode"]
        for asked in world.customer.requests("/hangup")
        if asked.fields["CallUUID"] == uuid
    ]


async def test_a_killed_worker_ends_its_call_once_and_the_far_end_is_told(
    world: World,
) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="60"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)

    os.kill(worker_of_the_call(world.platform, uuid), signal.SIGKILL)

    async with asyncio.timeout(20):
        await call.until_ended()
    assert await hangups(world, uuid) == ["5010"]
    assert (await world.cdr(uuid)).hangup_cause_code == 5010


async def test_a_worker_that_is_killed_before_it_rings_ends_its_call_once(
    world: World,
) -> None:
    """The edge has heard its 100 and no more; nobody else takes the call over."""
    slow = Reply("<Response><Wait/></Response>", delay_s=4)
    await world.application(
        answer_url=world.customer.serves("/slow", slow),
        hangup_url=f"{world.customer.url}/hangup",
    )
    call = await world.dialled(await world.carrier())
    asked = await world.customer.asked_for("/slow")
    uuid = asked[0].fields["CallUUID"]

    os.kill(worker_of_the_call(world.platform, uuid), signal.SIGKILL)

    assert (await call.until_ended()).sip_status == 500
    assert "ringing" not in {event.name for event in call.events}
    assert await hangups(world, uuid) == ["5010"]
    assert len(world.customer.requests("/slow")) == 1


async def test_a_killed_media_node_ends_its_calls_and_comes_back(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="60"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)

    os.kill(pid_of(world.platform, "media"), signal.SIGKILL)

    assert len(await hangups(world, uuid)) == 1
    again = await world.place(uri(phone), "<Hangup/>")
    call = await phone.next_call()
    await call.answer()
    over = await world.customer.event("Hangup", call_uuid=again)
    assert over.fields["HangupCauseCode"] == "4000"


async def test_a_call_outlives_a_restart_of_redis_and_nothing_is_lost(
    world: World,
) -> None:
    phone = await world.phone()
    world.customer.serves("/tone.wav", TONE)
    play = f"<Play>{world.customer.url}/tone.wav</Play>"
    uuid = await world.place(uri(phone), f'<Wait length="2"/>{play}')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)

    os.kill(pid_of(world.platform, "redis-server"), signal.SIGKILL)

    await call.until_ended()
    assert [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert await hangups(world, uuid) == ["4010"]
    assert (await world.cdr(uuid)).hangup_cause_code == 4010


async def test_sigterm_lets_a_live_call_finish_and_takes_no_new_one(
    world: World,
) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="3"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)

    world.platform.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(1)
    refused = await phone.call("sip:anything@phone.plivo.com")

    assert (await refused.until_ended()).sip_status >= 400
    assert call.ended is None
    await call.until_ended()
    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "4010"
    status = await asyncio.to_thread(world.platform.process.wait)
    assert status == 0


async def test_a_second_sigterm_does_not_wait_for_live_calls(
    site: Site, world: World
) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="600"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)

    for _ in range(2):
        site.platform.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(1)

    async with asyncio.timeout(10):
        await call.until_ended()
    over = await world.customer.event("Hangup", call_uuid=uuid)
    assert over.fields["HangupCauseCode"] == "4000"
    assert over.fields["HangupSource"] == "Plivo"
    status = await asyncio.to_thread(site.platform.process.wait)
    assert status == 0
