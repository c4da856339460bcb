"""A platform on an empty machine, from copies as docs/operations.md has them made."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.calls_e2e.conftest import NUMBER, TONE, Site, World, set_up, uri
from tests.calls_e2e.recorded import ready
from tests.servers.platform import Platform, platform

pytestmark = [pytest.mark.edge, pytest.mark.sip]


@pytest.fixture
def site() -> Iterator[Site]:
    """One of its own, which is left behind."""
    with set_up({}) as made:
        yield made


def copied(data: Path, to: Path) -> Path:
    """A copy of what is worth keeping, while the platform runs."""
    to.mkdir()
    with (
        closing(sqlite3.connect(data / "voiceplat.db")) as database,
        closing(sqlite3.connect(to / "voiceplat.db")) as copy,
    ):
        database.backup(copy)
    shutil.copy2(data / "secret.key", to)
    shutil.copytree(data / "recordings", to / "recordings")
    return to


async def test_calls_recordings_and_accounts_are_there_again(world: World) -> None:
    old = world.platform
    sound = world.customer.serves("/sound.wav", TONE)
    recorded = (
        f'<Record recordSession="true" callbackUrl="{world.customer.url}/ready"/>'
        f"<Play>{sound}</Play>"
    )
    phone = await world.phone()
    uuid = await world.place(uri(phone), recorded)
    await (await phone.next_call()).answer()
    told = await ready(world)
    call = await world.cdr(uuid)
    async with httpx.AsyncClient() as client:
        heard = (await client.get(told["RecordUrl"])).content

    kept = await asyncio.to_thread(copied, old.data, world.folder / "copy")
    with platform(data=kept) as new:
        await is_all_there(old, new, Known(call, told["RecordingID"], heard))


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform had before."""

    call: Any
    recording_id: str
    audio: bytes


async def is_all_there(old: Platform, new: Platform, known: Known) -> None:
    assert (new.auth_id, new.auth_token) == (old.auth_id, old.auth_token)
    assert new.api != old.api
    base = f"{new.api}/v1/Account/{new.auth_id}"
    async with httpx.AsyncClient(auth=(new.auth_id, new.auth_token)) as client:
        call = (await client.get(f"{base}/Call/{known.call.call_uuid}/")).json()
        recording = (await client.get(f"{base}/Recording/{known.recording_id}/")).json()
        numbers = (await client.get(f"{base}/Number/")).json()["objects"]
        place = httpx.URL(recording["recording_url"])
        again = await client.get(
            place.copy_with(port=httpx.URL(new.api).port), auth=None
        )

    for name in ("call_uuid", "hangup_cause_code", "call_duration", "to_number"):
        assert call[name] == getattr(known.call, name)
    assert again.content == known.audio
    assert [number["number"] for number in numbers] == [NUMBER]
