"""Jobs of transcription: taken by one at a time, settled by the one who has it."""

from datetime import datetime, timedelta

import pytest

from tests.db.conftest import MAIN
from tests.db.ended import NOON
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import TranscriptionOrder
from voiceplat.core.ids import RecordingId, new_call_uuid, new_recording_id
from voiceplat.db.engine import Database
from voiceplat.db.models import Transcription
from voiceplat.db.repositories import TranscriptionRepository

pytestmark = pytest.mark.real_time

LEASE = timedelta(seconds=60)
ORDER = TranscriptionOrder(hook=Hook(url="http://a/words", method="GET"), report="full")


async def add(db: Database, at: datetime = NOON) -> RecordingId:
    id_ = new_recording_id()
    async with db.transaction() as tx:
        transcriptions = TranscriptionRepository(tx)
        assert await transcriptions.add_once(id_, MAIN, new_call_uuid(), ORDER, at)
        assert not await transcriptions.add_once(id_, MAIN, new_call_uuid(), None, at)
    return id_


async def take(db: Database, now: datetime) -> Transcription | None:
    async with db.transaction() as tx:
        return await TranscriptionRepository(tx).take(now, LEASE)


async def settle(db: Database, job: Transcription, *, text: str) -> bool:
    async with db.transaction() as tx:
        return await TranscriptionRepository(tx).settle(
            job.recording_id, job.attempts, text=text
        )


async def get(db: Database, id_: RecordingId) -> Transcription:
    async with db.reading() as tx:
        found = await TranscriptionRepository(tx).get(id_)
    assert found is not None
    return found


async def test_a_job_is_taken_as_it_was_ordered_oldest_first(db: Database) -> None:
    second, first = await add(db, NOON), await add(db, NOON - LEASE)

    one, two, none = [await take(db, NOON) for _ in range(3)]

    assert one is not None
    assert two is not None
    assert none is None
    assert [one.recording_id, two.recording_id] == [first, second]
    assert (one.url, one.method, one.report) == ("http://a/words", "GET", "full")


async def test_a_job_comes_back_when_its_lease_is_over(db: Database) -> None:
    id_ = await add(db)
    await take(db, NOON)

    assert await take(db, NOON + LEASE / 2) is None
    again = await take(db, NOON + LEASE)

    assert again is not None
    assert (again.recording_id, again.attempts) == (id_, 2)


async def test_a_lease_is_renewed_by_the_one_who_has_the_job(db: Database) -> None:
    await add(db)
    first = await take(db, NOON)
    second = await take(db, NOON + LEASE)
    assert first is not None
    assert second is not None

    async with db.transaction() as tx:
        transcriptions = TranscriptionRepository(tx)
        old = await transcriptions.renew(first.recording_id, 1, NOON + 9 * LEASE)
        new = await transcriptions.renew(second.recording_id, 2, NOON + 3 * LEASE)

    assert (old, new) == (False, True)
    assert await take(db, NOON + 2 * LEASE) is None


async def test_the_one_who_has_the_job_settles_it_once(db: Database) -> None:
    id_ = await add(db)
    first = await take(db, NOON)
    second = await take(db, NOON + LEASE)
    assert first is not None
    assert second is not None

    settled = [await settle(db, job, text=f"{job.attempts}") for job in (first, second)]
    again = await settle(db, second, text="again")

    assert (settled, again) == ([False, True], False)
    there = await get(db, id_)
    assert (there.state, there.text) == ("completed", "2")
    assert await take(db, NOON + 9 * LEASE) is None


async def test_a_job_that_is_given_back_does_not_count_as_tried(db: Database) -> None:
    id_ = await add(db)
    job = await take(db, NOON)
    assert job is not None

    async with db.transaction() as tx:
        await TranscriptionRepository(tx).give_back(
            id_, 1, NOON + LEASE, why="speech is away", tried=False
        )

    there = await get(db, id_)
    assert (there.attempts, there.error) == (0, "speech is away")
    assert await take(db, NOON + LEASE / 2) is None
    assert await take(db, NOON + LEASE) is not None


async def test_an_error_fails_it(db: Database) -> None:
    id_ = await add(db)
    await take(db, NOON)

    async with db.transaction() as tx:
        await TranscriptionRepository(tx).settle(id_, 1, error="too short")

    there = await get(db, id_)
    assert (there.state, there.error) == ("failed", "too short")


async def test_a_deleted_job_is_nobody_s(db: Database) -> None:
    await add(db)
    job = await take(db, NOON)
    assert job is not None

    async with db.transaction() as tx:
        transcriptions = TranscriptionRepository(tx)
        gone = await transcriptions.delete(job.recording_id)
        again = await transcriptions.delete(job.recording_id)

    assert (gone, again) == (True, False)
    assert not await settle(db, job, text="late")
