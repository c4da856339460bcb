"""Recordings on record: once each, hidden when deleted, swept when their time is up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.db.conftest import MAIN, OTHER, SUB
from tests.db.ended import NOON
from tests.recordings.kept import a_recording
from voiceplat.calls.recording import Recording
from voiceplat.core.ids import AuthId, RecordingId, new_recording_id
from voiceplat.db.engine import Database
from voiceplat.db.models import Account, KeptRecording, Transcription
from voiceplat.db.repositories import (
    AccountRepository,
    RecordingRepository,
    TranscriptionRepository,
)
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.recording import RecordingFilter
from voiceplat.db.repositories.scope import Scope

pytestmark = pytest.mark.real_time

FAMILY = Scope(MAIN, with_subaccounts=True)


async def add(
    db: Database, recording: Recording, *, main: AuthId = MAIN, at: datetime = NOON
) -> bool:
    async with db.transaction() as tx:
        return await RecordingRepository(tx).add_once(recording, main, at)


async def kept(db: Database, **known: Any) -> RecordingId:  # noqa: ANN401
    """The id of a recording that was added."""
    at = known.pop("at", NOON)
    main = known.pop("main", MAIN)
    recording = a_recording(b"x", **known)
    await add(db, recording, main=main, at=at)
    return recording.order.id


async def row(db: Database, id_: str) -> KeptRecording | None:
    async with db.reading() as tx:
        return await tx.get(KeptRecording, id_)


async def found(db: Database, scope: Scope, **wanted: Any) -> list[str]:  # noqa: ANN401
    async with db.reading() as tx:
        page = await RecordingRepository(tx).find(
            scope, Window(), RecordingFilter(**wanted)
        )
    return [it.id for it in page.rows]


async def overdue(db: Database, now: datetime, days: int = 30) -> set[str]:
    async with db.reading() as tx:
        return set(await RecordingRepository(tx).overdue(now, days, 10))


async def hide(db: Database, id_: RecordingId) -> None:
    async with db.transaction() as tx:
        await RecordingRepository(tx).hide([id_], NOON)


async def test_a_recording_is_added_as_it_was_and_once(db: Database) -> None:
    recording = a_recording(b"sound", from_="sip:a\0@b", conference_name="ü")

    first = await add(db, recording)
    again = await add(db, recording, at=NOON + timedelta(1))

    there = await row(db, recording.order.id)
    assert (first, again) == (True, False)
    assert there is not None
    assert there.added_at == NOON
    assert there.from_number == "sip:a@b"
    assert there.conference_name == "ü"
    assert (there.duration_ms, there.size_bytes) == (4250, 5)
    assert there.started_at == recording.started_at


async def test_a_main_account_finds_what_a_subaccount_left(db: Database) -> None:
    subs = await kept(db, account=SUB)
    others = await kept(db, account=OTHER, main=OTHER)
    async with db.transaction() as tx:
        gone = await tx.get(Account, SUB)
        await tx.delete(gone)

    assert await found(db, FAMILY) == [subs]
    assert await found(db, Scope(OTHER, with_subaccounts=True)) == [others]


async def test_a_time_window_takes_its_beginning_and_not_its_end(db: Database) -> None:
    hour = timedelta(hours=1)
    one, two, _ = [await kept(db, at=NOON + n * hour) for n in range(3)]

    ids = await found(db, FAMILY, added_since=NOON, added_before=NOON + 2 * hour)

    assert ids == [two, one]


async def test_a_hidden_recording_is_found_by_nobody(db: Database) -> None:
    id_ = await kept(db)
    async with db.transaction() as tx:
        await TranscriptionRepository(tx).add_once(
            id_, MAIN, a_recording().order.call_uuid, None, NOON
        )

    await hide(db, id_)

    async with db.reading() as tx:
        recordings = RecordingRepository(tx)
        assert await recordings.get(id_, FAMILY) is None
        assert await recordings.of_account(id_, MAIN) is None
        assert await tx.scalar(select(Transcription)) is None
    assert await found(db, FAMILY) == []


async def test_the_file_of_a_hidden_recording_is_to_be_deleted_until_it_was(
    db: Database,
) -> None:
    ids = sorted([await kept(db) for _ in range(3)])
    await kept(db)
    for id_ in ids:
        await hide(db, id_)

    async with db.transaction() as tx:
        recordings = RecordingRepository(tx)
        two = await recordings.with_files_to_delete(RecordingId(""), 2)
        last = await recordings.with_files_to_delete(two[-1].id, 2)
        await recordings.file_deleted(ids[0])
        left = await recordings.with_files_to_delete(RecordingId(""), 9)

    assert [it.id for it in two + last] == ids
    assert [it.id for it in left] == ids[1:]


async def test_a_file_that_comes_back_is_to_be_deleted_again(db: Database) -> None:
    recording = a_recording(b"x")
    await add(db, recording)
    await hide(db, recording.order.id)
    async with db.transaction() as tx:
        await RecordingRepository(tx).file_deleted(recording.order.id)

    new = await add(db, recording)

    there = await row(db, recording.order.id)
    assert not new
    assert there is not None
    assert there.deleted_at is not None
    assert not there.file_gone


async def test_a_recording_is_overdue_after_the_days_of_its_account(
    db: Database,
) -> None:
    mains, subs = await kept(db), await kept(db, account=SUB)
    others = await kept(db, account=OTHER, main=OTHER)
    async with db.transaction() as tx:
        accounts = AccountRepository(tx)
        await accounts.change(MAIN, {"recordings_kept_days": 5})
        await accounts.change(SUB, {"recordings_kept_days": 0})
    day, moment = timedelta(days=1), timedelta(seconds=1)

    assert await overdue(db, NOON + 5 * day) == set()
    assert await overdue(db, NOON + 5 * day + moment) == {mains}
    assert await overdue(db, NOON + 31 * day) == {mains, others}
    assert await overdue(db, NOON + 9999 * day, days=0) == {mains}
    async with db.transaction() as tx:
        await AccountRepository(tx).change(SUB, {"recordings_kept_days": None})
    assert await overdue(db, NOON + 6 * day) == {mains, subs}


async def test_what_nobody_can_ask_for_is_overdue_at_once(db: Database) -> None:
    nobody = AuthId("MA" + "Z" * 18)
    id_ = await kept(db, account=nobody, main=nobody)

    assert await overdue(db, NOON) == {id_}


async def test_a_deleted_recording_is_forgotten_once_its_file_is_gone(
    db: Database,
) -> None:
    with_file, without, there = [await kept(db) for _ in range(3)]
    await hide(db, with_file)
    await hide(db, without)
    async with db.transaction() as tx:
        recordings = RecordingRepository(tx)
        await recordings.file_deleted(without)
        await recordings.purge(NOON)
        await recordings.purge(NOON + timedelta(seconds=1))

    assert await row(db, without) is None
    assert await row(db, with_file) is not None
    assert await row(db, there) is not None
    assert await row(db, new_recording_id()) is None
