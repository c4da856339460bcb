"""A recording that is over: on record once, told once, in the order of its call."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.bus.calls import MAIN, NORMAL, a_call, dialled
from tests.ledger.parts import HANGUP, RING, Parts, delivering, running, until
from tests.recordings.kept import a_file, a_recording
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import Recording, TranscriptionOrder
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import Settings
from voiceplat.db.models import Account, KeptRecording, Transcription
from voiceplat.ledger.sweeper import Sweeper
from voiceplat.recordings.store import open_store

pytestmark = pytest.mark.redis

READY = Hook(url="http://customer.example/ready", method="GET")
WORDS = TranscriptionOrder(hook=Hook(url="http://customer.example/words"))
STARTED = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)
START_MS = 1772366400250


def a_told_recording(**known: Any) -> Recording:  # noqa: ANN401
    return a_recording(b"sound", started_at=STARTED, account=MAIN, ready=READY, **known)


async def applied(parts: Parts) -> None:
    async with running(parts.applier().run()):
        await until(parts.all_applied)


async def rows(parts: Parts) -> list[KeptRecording]:
    async with parts.db.reading() as tx:
        return list(await tx.scalars(select(KeptRecording)))


async def jobs(parts: Parts) -> list[Transcription]:
    async with parts.db.reading() as tx:
        return list(await tx.scalars(select(Transcription)))


async def open_main(parts: Parts) -> None:
    async with parts.db.transaction() as tx:
        tx.add(Account(auth_id=MAIN, name="main", sealed_token="x"))


async def test_a_recording_is_on_record_and_told_in_an_element_s_words(
    parts: Parts,
) -> None:
    recording = a_told_recording(ready_params={"CallStatus": "completed"})
    await parts.bus.events.recorded(recording)

    await applied(parts)

    (row,) = await rows(parts)
    (told,) = await parts.outbox()
    order = recording.order
    assert (row.id, row.sha256, row.main_account_id) == (
        order.id,
        recording.sha256,
        MAIN,
    )
    assert (told.url, told.method, told.account_id) == (READY.url, "GET", MAIN)
    assert told.call_uuid == order.call_uuid
    expected = {
        "Event": "Record",
        "CallUUID": order.call_uuid,
        "From": order.from_,
        "To": order.to,
        "CallStatus": "completed",
        "RecordUrl": f"http://media.example/{order.id}.mp3",
        "RecordingID": order.id,
        "RecordingDuration": "4",
        "RecordingDurationMs": "4250",
        "RecordingStartMs": str(START_MS),
        "RecordingEndMs": str(START_MS + 4250),
    }
    assert expected.items() <= told.params.items()


async def test_a_recording_of_the_api_is_told_in_its_words(parts: Parts) -> None:
    recording = a_told_recording(ready_style="rest", ready_params={"api_id": "a1"})
    await parts.bus.events.recorded(recording)

    await applied(parts)

    (told,) = await parts.outbox()
    order = recording.order
    assert told.params == {
        "api_id": "a1",
        "record_url": f"http://media.example/{order.id}.mp3",
        "call_uuid": order.call_uuid,
        "recording_id": order.id,
        "recording_duration": "4",
        "recording_duration_ms": "4250",
        "recording_start_ms": str(START_MS),
        "recording_end_ms": str(START_MS + 4250),
    }


@pytest.mark.statement(203)
async def test_a_room_s_recording_is_told_with_the_room(parts: Parts) -> None:
    room = {"conference_name": "standup", "conference_uuid": "u1"}
    for style in ("xml", "rest"):
        await parts.bus.events.recorded(a_told_recording(ready_style=style, **room))

    await applied(parts)

    element, api = [row.params for row in await parts.outbox()]
    assert element["ConferenceAction"] == "record"
    assert element["Event"] == "ConferenceRecord"
    assert (element["ConferenceName"], element["ConferenceUUID"]) == ("standup", "u1")
    assert (api["conference_name"], api["conference_uuid"]) == ("standup", "u1")


@pytest.mark.parametrize(
    ("style", "url", "error"),
    [
        ("xml", "RecordUrl", "RecordingError"),
        ("rest", "record_url", "recording_error"),
    ],
)
async def test_a_recording_that_failed_is_told_as_failed(
    parts: Parts, style: str, url: str, error: str
) -> None:
    await parts.bus.events.recorded(
        a_told_recording(ready_style=style, failure="the disk was full")
    )

    await applied(parts)

    (told,) = await parts.outbox()
    assert (told.params[url], told.params[error]) == ("", "the disk was full")


async def test_nobody_is_told_who_did_not_ask(parts: Parts) -> None:
    await parts.bus.events.recorded(a_recording(b"sound"))

    await applied(parts)

    assert len(await rows(parts)) == 1
    assert await parts.outbox() == []
    assert await jobs(parts) == []


async def test_words_that_are_wanted_become_a_job(parts: Parts) -> None:
    recording = a_told_recording(transcription=WORDS)
    await parts.bus.events.recorded(recording)

    await applied(parts)

    (job,) = await jobs(parts)
    assert (job.recording_id, job.url) == (recording.order.id, WORDS.hook.url)
    assert (job.state, job.account_id) == ("in-progress", MAIN)


async def test_it_is_told_once_however_often_it_is_announced(parts: Parts) -> None:
    recording = a_told_recording(transcription=WORDS)
    for _ in range(2):
        await parts.bus.events.recorded(recording)
    events = await parts.bus.events.read("dead")  # and it died before it could tell

    for _ in range(2):
        for event in events:
            await parts.applier().settle(event)

    assert (len(await rows(parts)), len(await jobs(parts))) == (1, 1)
    assert len(await parts.outbox()) == 1


async def test_it_is_told_in_the_order_of_its_call(parts: Parts) -> None:
    uuid = await dialled(parts.bus, a_call(ring=RING, hangup=HANGUP))
    await parts.bus.live.ringing(uuid)
    await parts.bus.events.recorded(a_told_recording(call_uuid=uuid))
    await parts.bus.live.end(uuid, NORMAL)
    await parts.bus.events.recorded(a_told_recording(call_uuid=uuid))

    async with running(parts.applier().run()), delivering(parts.deliverer()):
        await parts.customer.asked_times(4)

    assert parts.customer.paths == ["/ring", "/ready", "/hangup", "/ready"]


@pytest.mark.fault
async def test_a_ledger_that_dies_between_row_and_callback_leaves_neither(
    parts: Parts,
) -> None:
    await parts.bus.events.recorded(a_told_recording())
    (event,) = await parts.bus.events.read("dead")
    await rename(parts, "callbacks", "away")  # so that it gets no further than the row
    async with running(parts.applier().settle(event)):
        await asyncio.sleep(0.5)
        half_done = await rows(parts)

    await rename(parts, "away", "callbacks")
    await applied(parts)

    assert half_done == []
    assert len(await rows(parts)) == 1
    assert len(await parts.outbox()) == 1


async def rename(parts: Parts, table: str, to: str) -> None:
    async with parts.db.transaction() as tx:
        connection = await tx.connection()
        await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {to}")


# --- time is up ----------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


async def stored(parts: Parts, tmp_path: Path, settings: Settings) -> Recording:
    recording = a_told_recording()
    await open_store(settings).put(recording, a_file(tmp_path, b"sound"))
    await parts.bus.events.recorded(recording)
    await applied(parts)
    return recording


def files(settings: Settings) -> list[Path]:
    return [it for it in (settings.data / "recordings").rglob("*") if it.is_file()]


async def test_a_recording_goes_with_its_file_when_its_time_is_up(
    parts: Parts, tmp_path: Path, settings: Settings
) -> None:
    await open_main(parts)
    await stored(parts, tmp_path, settings)
    sweeper = Sweeper(parts.db, open_store(settings), settings)

    await sweeper.sweep()
    soon = files(settings)
    with time_machine.travel(utc_now() + timedelta(days=31), tick=False):
        await sweeper.sweep()

    (row,) = await rows(parts)
    assert len(soon) == 1
    assert files(settings) == []
    assert (row.deleted_at is not None, row.file_gone) == (True, True)
    with time_machine.travel(utc_now() + timedelta(days=62), tick=False):
        await sweeper.sweep()
    assert await rows(parts) == []


async def test_a_file_goes_when_the_storage_is_back(
    parts: Parts, tmp_path: Path, settings: Settings
) -> None:
    await stored(parts, tmp_path, settings)
    sweeper = Sweeper(parts.db, open_store(settings), settings)
    (file,) = files(settings)
    aside = file.rename(tmp_path / "aside")
    file.mkdir()

    await sweeper.sweep()  # nobody has the account, so it is hidden at once
    file.rmdir()
    aside.rename(file)
    hidden = [row.deleted_at is not None for row in await rows(parts)]
    await sweeper.sweep()

    assert hidden == [True]
    assert files(settings) == []
