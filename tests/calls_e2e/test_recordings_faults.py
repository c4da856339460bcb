"""Recordings of real calls, and what is killed while they are made."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.calls_e2e.conftest import Site, World, set_up, uri
from tests.calls_e2e.recorded import fetched, ready
from tests.calls_e2e.test_faults import pid_of, worker_of_the_call
from tests.calls_e2e.test_recordings import said, saying
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.fault]

A_HZ = 500.0


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A platform of its own, quick to notice what is dead."""
    impatient = {
        "MEDIA__HEARTBEAT_INTERVAL_MS": "300",
        "MEDIA__HEARTBEAT_TIMEOUT_MS": "3000",
    }
    with set_up(impatient) as made:
        yield made


async def under_way(world: World, phone: Softphone) -> tuple[str, SoftphoneCall]:
    """A call whose session is recorded, and that has been talked in for a while."""
    url = world.customer.url
    uuid = await world.place(
        uri(phone),
        f'<Record recordSession="true" maxLength="600" callbackUrl="{url}/ready"'
        ' fileFormat="wav"/><Wait length="300"/>',
    )
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)
    async with saying(call, said(world.folder, A_HZ)):
        await asyncio.sleep(3)
    return uuid, call


async def told_once(world: World) -> dict[str, str]:
    """The one callback, a while after it came."""
    await ready(world)
    await asyncio.sleep(2)
    (asked,) = world.customer.requests("/ready")
    return dict(asked.fields)


async def kept_and_listed(world: World, told: dict[str, str], reason: str) -> None:
    """The file can be heard, and the recording is in the list, once."""
    file = await fetched(told["RecordUrl"])
    assert file.only(0, A_HZ)
    assert file.hears(0, A_HZ) > 2
    assert file.seconds == pytest.approx(
        int(told["RecordingDurationMs"]) / 1000, abs=0.1
    )
    assert told["RecordingEndReason"] == reason
    listed: Any = await world.sdk(
        lambda: world.client.recordings.list(call_uuid=told["CallUUID"])
    )
    assert [it.recording_id for it in listed.objects] == [told["RecordingID"]]


async def test_what_a_killed_worker_had_recorded_is_kept(world: World) -> None:
    phone = await world.phone()
    uuid, call = await under_way(world, phone)

    os.kill(worker_of_the_call(world.platform, uuid), signal.SIGKILL)

    await kept_and_listed(world, await told_once(world), "lost")
    await call.until_ended()


async def test_what_a_killed_media_node_had_recorded_is_kept(world: World) -> None:
    phone = await world.phone()
    await under_way(world, phone)

    os.kill(pid_of(world.platform, "media"), signal.SIGKILL)

    told = await told_once(world)
    await kept_and_listed(world, told, told["RecordingEndReason"])


@pytest.mark.parametrize("part", ["archive", "ledger", "redis-server"])
async def test_a_part_that_is_killed_as_the_call_ends_loses_nothing(
    part: str, world: World
) -> None:
    phone = await world.phone()
    _, call = await under_way(world, phone)

    os.kill(pid_of(world.platform, part), signal.SIGKILL)
    await call.hang_up()

    await kept_and_listed(world, await told_once(world), "hangup")


async def test_a_storage_that_is_away_is_waited_for(world: World) -> None:
    phone = await world.phone()
    _, call = await under_way(world, phone)
    storage = world.platform.data / "recordings"
    storage.mkdir(exist_ok=True)
    away = storage.rename(storage.with_name("away"))
    storage.write_text("no folder")

    await call.hang_up()
    await asyncio.sleep(3)
    assert not world.customer.requests("/ready")
    storage.unlink()
    away.rename(storage)

    await kept_and_listed(world, await told_once(world), "hangup")
