"""Has recordings put into words, and tells who asked.

A job is leased in the database while it is worked at, so any number of ledgers may do
it, and what a killed one had in hand is done again. Its result and its callback are
written in one transaction, by whoever still has the lease: told once, never lost.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, NoReturn, Protocol

import structlog

from voiceplat.bus.connection import Patience
from voiceplat.calls import recording_params
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import MediaError, NotFound, SpeechError, Unavailable
from voiceplat.core.recording_settings import RecordingSettings
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.models import KeptRecording, Transcription
from voiceplat.db.repositories import CallbackRepository, TranscriptionRepository
from voiceplat.recordings.store import DamagedFile, KeptFile, Store
from voiceplat.services.recording_files import file_of
from voiceplat.speech.transcript import Transcript

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=60)
LOOK_AGAIN_S: Final = 2.0
SHORTEST_MS: Final = 500
LONGEST_MS: Final = 4 * 3600 * 1000
LARGEST_BYTES: Final = 2 * 1024**3
NOTHING: Final = Transcript(passages=[])


class Ears(Protocol):
    """speech.transcribing.Transcription."""

    async def transcribe(
        self, sound: AsyncIterator[bytes], language: str
    ) -> Transcript: ...


class JobLost(Exception):
    """Somebody else has the job now, or it was deleted."""


class Transcriber:
    def __init__(  # noqa: PLR0913 - what it works with
        self,
        db: Database,
        store: Store,
        ears: Ears,
        settings: RecordingSettings,
        *,
        told: Callable[[], None],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`told` is called whenever something new may be in the outbox."""
        self._db = db
        self._store = store
        self._ears = ears
        self._settings = settings
        self._told = told
        self._now = now

    async def run(self) -> None:
        """Work at one job after another, until cancelled."""
        while True:
            try:
                if not await self.work():
                    await asyncio.sleep(LOOK_AGAIN_S)
            except Unavailable as error:
                log.warning("transcriptions_wait", why=str(error))
                await asyncio.sleep(LOOK_AGAIN_S)

    async def work(self) -> bool:
        """Do the oldest job; False when there is none.

        Raises Unavailable when the database is away.
        """
        if (job := await self._take()) is None:
            return False
        with structlog.contextvars.bound_contextvars(call_uuid=job.call_uuid):
            try:
                await self._do(job)
            except JobLost:
                log.info("transcription_not_wanted", recording=job.recording_id)
            except asyncio.CancelledError:
                with suppress(Unavailable):  # the lease ends by itself
                    await self._give_back(job, "the ledger was stopped", tried=False)
                raise
        return True

    async def _take(self) -> Transcription | None:
        async with self._db.reading() as tx:
            due = await TranscriptionRepository(tx).next_due()
        if due is None or due > self._now():
            return None
        async with self._db.transaction() as tx:
            return await TranscriptionRepository(tx).take(self._now(), LEASE)

    async def _do(self, job: Transcription) -> None:
        """Raises JobLost."""
        row = await self._recording(job)
        if error := _refusal(row):
            await self._settle(job, row, NOTHING, error)
            return
        try:
            transcript = await self._listened(job, file_of(row))
        except (NotFound, DamagedFile, MediaError) as error:
            await self._settle(job, row, NOTHING, str(error))
        except Unavailable as error:
            await self._give_back(job, str(error), tried=False)
        except JobLost:
            raise
        except SpeechError as error:
            await self._failed(job, row, str(error))
        except Exception as error:
            log.exception("transcription_broke")  # one must not stop the rest
            await self._failed(job, row, type(error).__name__)
        else:
            await self._settle(job, row, transcript, "")

    async def _failed(self, job: Transcription, row: KeptRecording, why: str) -> None:
        if job.attempts < self._settings.transcription_attempts:
            await self._give_back(job, why, tried=True)
        else:
            await self._settle(job, row, NOTHING, why)

    async def _recording(self, job: Transcription) -> KeptRecording:
        async with self._db.reading() as tx:
            row = await tx.get(KeptRecording, job.recording_id)
        if row is None:
            raise JobLost
        return row

    async def _listened(self, job: Transcription, file: KeptFile) -> Transcript:
        """Holds the lease meanwhile; raises JobLost when it is gone."""
        language = self._settings.transcription_language
        listening = asyncio.create_task(
            self._ears.transcribe(self._whole(file), language)
        )
        holding = asyncio.create_task(self._hold(job))
        try:
            await asyncio.wait(
                {listening, holding}, return_when=asyncio.FIRST_COMPLETED
            )
            return await (listening if listening.done() else holding)
        finally:
            for task in (listening, holding):
                task.cancel()
            await asyncio.gather(listening, holding, return_exceptions=True)

    async def _hold(self, job: Transcription) -> NoReturn:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                async with self._db.transaction() as tx:
                    ours = await TranscriptionRepository(tx).renew(
                        job.recording_id, job.attempts, self._now() + LEASE
                    )
            except Unavailable:
                continue  # nobody else can take it either
            if not ours:
                raise JobLost

    async def _whole(self, file: KeptFile) -> AsyncIterator[bytes]:
        """The file, checked on the way. Raises DamagedFile at its end."""
        digest = hashlib.sha256()
        async for piece in self._store.read(file):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != file.sha256:
            raise DamagedFile(f"recording {file.id} is not what was recorded")

    async def _settle(
        self, job: Transcription, row: KeptRecording, words: Transcript, error: str
    ) -> None:
        """As soon as the database is there. Raises JobLost."""
        patience = Patience()
        while True:
            try:
                async with self._db.transaction() as tx:
                    await self._write(tx, job, row, words, error)
            except Unavailable as away:
                log.warning("transcription_not_settled", why=str(away))
                await patience.wait()
            else:
                self._told()
                return

    async def _write(
        self,
        tx: Transaction,
        job: Transcription,
        row: KeptRecording,
        words: Transcript,
        error: str,
    ) -> None:
        settled = await TranscriptionRepository(tx).settle(
            job.recording_id,
            job.attempts,
            text=words.compact,
            full=words.full,
            error=error,
        )
        if not settled:
            raise JobLost
        if not job.url:
            return
        await CallbackRepository(tx).add(
            call_uuid=job.call_uuid,
            account=job.account_id,
            url=job.url,
            method=job.method,
            params=recording_params.transcription(
                text=_report(job, words, error),
                duration_ms=row.duration_ms,
                call_uuid=job.call_uuid,
                recording_id=job.recording_id,
                error=error,
            ),
        )

    async def _give_back(self, job: Transcription, why: str, *, tried: bool) -> None:
        log.warning("transcription_waits", recording=job.recording_id, why=why)
        due_at = self._now() + timedelta(seconds=self._settings.transcription_wait_s)
        async with self._db.transaction() as tx:
            await TranscriptionRepository(tx).give_back(
                job.recording_id, job.attempts, due_at, why=why, tried=tried
            )


def _report(job: Transcription, words: Transcript, error: str) -> str:
    if error:
        return ""
    return words.full if job.report == "full" else words.compact


def _refusal(row: KeptRecording) -> str:
    """Why it cannot be put into words; empty when it can."""
    if row.failure:
        return f"there is no file: {row.failure}"
    if row.duration_ms < SHORTEST_MS:
        return "the recording is shorter than 0.5 s"
    if row.duration_ms > LONGEST_MS:
        return "the recording is longer than 4 h"
    if row.size_bytes >= LARGEST_BYTES:
        return "the recording has 2 GB or more"
    return ""
