"""Words of recordings: told once, whatever dies meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from tests.bus.calls import MAIN
from tests.ledger.parts import Parts, delivering, running, until
from tests.recordings.kept import a_file, a_recording
from tests.servers.speech import speech_service
from tests.speech import people
from tests.speech.sounds import mp3
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import Recording, TranscriptionOrder
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.core.recording_settings import RecordingSettings
from voiceplat.core.settings import Settings, SpeechSettings
from voiceplat.db.models import Transcription as Job
from voiceplat.db.repositories import RecordingRepository, TranscriptionRepository
from voiceplat.ledger.transcriber import Ears, Transcriber
from voiceplat.recordings.store import Store, open_store
from voiceplat.speech.transcribing import Transcription
from voiceplat.speech.transcript import Passage, Transcript

pytestmark = pytest.mark.redis

WORDS = Hook(url="http://customer.example/words")
HELLO = Transcript(
    passages=[
        Passage(channel="left", start_ms=0, end_ms=9, text="Hello.", confidence=0.9)
    ]
)


class ScriptedEars:
    """Answers one thing after another, the last one always; remembers the sound."""

    def __init__(self, *answers: Transcript | Exception) -> None:
        self.heard: list[bytes] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self._answers = list(answers)

    async def transcribe(
        self, sound: AsyncIterator[bytes], language: str
    ) -> Transcript:
        assert language == "en-US"
        self.heard.append(b"".join([piece async for piece in sound]))
        await self.hold.wait()
        answer = self._answers.pop(0) if self._answers[1:] else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass(frozen=True)
class Desk:
    """A ledger's database, a store, and the workers at them."""

    parts: Parts
    store: Store
    folder: Path

    def worker(self, ears: Ears, **settings: Any) -> Transcriber:  # noqa: ANN401
        return Transcriber(
            self.parts.db,
            self.store,
            ears,
            RecordingSettings(**settings),
            told=lambda: None,
            now=self.parts.clock,
        )

    async def wanted(
        self,
        content: bytes = b"sound",
        *,
        report: str = "compact",
        **known: Any,  # noqa: ANN401 - of a recording
    ) -> Recording:
        """A recording on record whose words are wanted."""
        order = TranscriptionOrder.model_validate({"hook": WORDS, "report": report})
        recording = a_recording(content, account=MAIN, transcription=order, **known)
        id_, uuid, now = recording.order.id, recording.order.call_uuid, self.clock()
        async with self.parts.db.transaction() as tx:
            await RecordingRepository(tx).add_once(recording, MAIN, now)
            await TranscriptionRepository(tx).add_once(id_, MAIN, uuid, order, now)
        return recording

    async def kept(
        self, content: bytes = b"sound", *, report: str = "compact"
    ) -> Recording:
        """The same, with its file in the store."""
        recording = await self.wanted(content, report=report)
        await self.store.put(recording, a_file(self.folder, content))
        return recording

    async def job(self) -> Job:
        async with self.parts.db.reading() as tx:
            job: Job | None = await tx.scalar(select(Job))
        assert job is not None
        return job

    def clock(self) -> datetime:
        return self.parts.clock()


@pytest.fixture
def desk(parts: Parts, tmp_path: Path) -> Desk:
    return Desk(parts, open_store(Settings(data=tmp_path / "data")), tmp_path)


async def test_words_are_kept_and_told(
    desk: Desk,
) -> None:
    recording = await desk.kept()
    ears = ScriptedEars(HELLO)

    did, again = [await desk.worker(ears).work() for _ in range(2)]

    (told,) = await desk.parts.outbox()
    job = await desk.job()
    assert (did, again) == (True, False)
    assert ears.heard == [b"sound"]
    assert (job.state, job.text, job.full) == ("completed", "Hello.", HELLO.full)
    assert (told.url, told.method, told.account_id) == (WORDS.url, "POST", MAIN)
    assert told.call_uuid == recording.order.call_uuid
    assert told.params == {
        "transcription": "Hello.",
        "transcription_charge": "0.00000",
        "transcription_rate": "0.00000",
        "duration": "4",
        "call_uuid": recording.order.call_uuid,
        "recording_id": recording.order.id,
        "error": "",
    }


@pytest.mark.statement(250)
async def test_a_full_report_is_told_in_full(
    desk: Desk,
) -> None:
    await desk.kept(report="full")

    await desk.worker(ScriptedEars(HELLO)).work()

    (told,) = await desk.parts.outbox()
    assert told.params["transcription"] == HELLO.full


@pytest.mark.parametrize(
    ("known", "error"),
    [
        ({"duration_s": 0.499}, "shorter than 0.5 s"),
        ({"duration_s": 4 * 3600 + 0.001}, "longer than 4 h"),
        ({"failure": "the disk was full"}, "there is no file: the disk was full"),
    ],
)
async def test_what_cannot_be_put_into_words_is_told_as_an_error(
    desk: Desk,
    known: dict[str, Any],
    error: str,
) -> None:
    await desk.wanted(**known)
    ears = ScriptedEars(HELLO)

    await desk.worker(ears).work()

    (told,) = await desk.parts.outbox()
    assert error in told.params["error"]
    assert told.params["transcription"] == ""
    assert ears.heard == []
    assert (await desk.job()).state == "failed"


async def test_a_file_that_is_no_sound_is_told_as_an_error(
    desk: Desk,
) -> None:
    await desk.kept()

    await desk.worker(ScriptedEars(MediaError("it cannot be decoded"))).work()

    (told,) = await desk.parts.outbox()
    assert told.params["error"] == "it cannot be decoded"


async def test_a_file_that_is_gone_or_damaged_is_told_as_an_error(
    desk: Desk,
) -> None:
    await desk.wanted()
    await desk.kept()
    (file,) = (desk.folder / "data" / "recordings").rglob("*.mp3")
    file.write_bytes(b"SOUND")
    ears = ScriptedEars(HELLO)

    for _ in range(2):
        await desk.worker(ears).work()

    errors = sorted(row.params["error"] for row in await desk.parts.outbox())
    assert "is not there" in errors[0]
    assert "is not what was recorded" in errors[1]


@pytest.mark.parametrize(
    "away", [Unavailable("the speech service"), SpeechError("x"), ZeroDivisionError()]
)
async def test_a_service_that_is_away_is_asked_again(
    desk: Desk,
    away: Exception,
) -> None:
    await desk.kept()
    ears = ScriptedEars(away, HELLO)
    worker = desk.worker(ears, transcription_wait_s=30)

    first, at_once = [await worker.work() for _ in range(2)]
    desk.parts.clock.advance(seconds=30)
    later = await worker.work()

    (told,) = await desk.parts.outbox()
    assert (first, at_once, later) == (True, False, True)
    assert told.params["transcription"] == "Hello."


async def test_one_that_breaks_the_service_again_and_again_is_given_up(
    desk: Desk,
) -> None:
    await desk.kept()
    ears = ScriptedEars(SpeechError("the speech service was lost"))
    worker = desk.worker(ears, transcription_attempts=3)

    for _ in range(4):
        await worker.work()
        desk.parts.clock.advance(minutes=1)

    (told,) = await desk.parts.outbox()
    assert len(ears.heard) == 3
    assert told.params["error"] == "the speech service was lost"


async def test_a_service_that_is_never_there_is_waited_for_for_ever(
    desk: Desk,
) -> None:
    await desk.kept()
    worker = desk.worker(
        ScriptedEars(Unavailable("the speech service")), transcription_attempts=1
    )

    for _ in range(5):
        await worker.work()
        desk.parts.clock.advance(minutes=1)

    assert await desk.parts.outbox() == []
    assert (await desk.job()).state == "in-progress"


# --- crashes -------------------------------------------------------------------------


@pytest.mark.fault
async def test_what_a_dead_ledger_had_in_hand_is_done_by_the_next(
    desk: Desk,
) -> None:
    await desk.kept()
    async with desk.parts.db.transaction() as tx:  # and it died there
        await TranscriptionRepository(tx).take(desk.clock(), timedelta(seconds=60))
    worker = desk.worker(ScriptedEars(HELLO))

    meanwhile = await worker.work()
    desk.parts.clock.advance(seconds=60)
    after_its_lease = await worker.work()

    assert (meanwhile, after_its_lease) == (False, True)
    assert len(await desk.parts.outbox()) == 1


@pytest.mark.fault
async def test_a_stopped_ledger_gives_its_job_back(
    desk: Desk,
) -> None:
    await desk.kept()
    ears = ScriptedEars(HELLO)
    ears.hold.clear()

    async with running(desk.worker(ears).run()):
        await until(lambda: _true(bool(ears.heard)))
    job = await desk.job()
    desk.parts.clock.advance(seconds=30)
    ears.hold.set()

    assert (job.state, job.attempts) == ("in-progress", 0)
    assert await desk.worker(ears).work()
    assert len(await desk.parts.outbox()) == 1


@pytest.mark.fault
async def test_two_that_have_the_same_job_tell_it_once(
    desk: Desk,
) -> None:
    """The first was thought dead: it was only slow."""
    await desk.kept()
    slow, quick = ScriptedEars(HELLO), ScriptedEars(HELLO)
    slow.hold.clear()
    first = asyncio.create_task(desk.worker(slow).work())
    await until(lambda: _true(bool(slow.heard)))
    desk.parts.clock.advance(seconds=61)

    second = await desk.worker(quick).work()
    slow.hold.set()
    await first

    assert second
    assert len(await desk.parts.outbox()) == 1


async def test_nobody_is_told_of_words_that_were_deleted_meanwhile(
    desk: Desk,
) -> None:
    recording = await desk.kept()
    ears = ScriptedEars(HELLO)
    ears.hold.clear()
    working = asyncio.create_task(desk.worker(ears).work())
    await until(lambda: _true(bool(ears.heard)))

    async with desk.parts.db.transaction() as tx:
        await RecordingRepository(tx).hide([recording.order.id], desk.clock())
    ears.hold.set()
    await working

    assert await desk.parts.outbox() == []


async def _true(value: bool) -> bool:  # noqa: FBT001 - what `until` asks
    return value


# --- with the real engine ------------------------------------------------------------


@pytest.mark.fault
@pytest.mark.statement(208, 249)
async def test_words_are_told_when_the_service_is_back(desk: Desk) -> None:
    people.require()
    said = people.phrases(8, 12)[4]
    sound = np.pad(said.sound, people.RATE_HZ)[:, None]
    await desk.kept(mp3(sound, people.RATE_HZ))
    settings = SpeechSettings(socket=desk.folder / "speech.sock")
    async with Transcription(settings) as ears:
        worker = desk.worker(ears)
        await worker.work()
        waits = await desk.job()
        desk.parts.clock.advance(minutes=1)
        with speech_service(desk.folder):
            await worker.work()
    async with delivering(desk.parts.deliverer()):
        await desk.parts.customer.asked_times(1)

    ((path, form),) = desk.parts.customer.asked
    assert (waits.state, waits.attempts) == ("in-progress", 0)
    assert path == "/words"
    assert people.word_errors(said.text, form["transcription"]) <= 2
    assert form["error"] == ""
