"""One take's way from the spool into the store, each step as good done twice as once.

Converted (joined, MP3 or WAV, measured), stored, announced, removed: whatever dies in
between, the take lies in the spool still and goes the whole way again. A storage or a
Redis that is away is waited for. A take that nobody can convert is announced as failed
and set aside for a human; audio that was not stored is never removed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog
from pydantic import ValidationError

from voiceplat.calls.recording import EndReason, Recording
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.recording_settings import SpoolSettings
from voiceplat.core.warm_children import ChildFailed, WarmChildren
from voiceplat.recordings.spool import FinishedTake, TakeOrder
from voiceplat.recordings.store import DamagedFile

log = structlog.get_logger()

CONVERTED: Final = "recording.json"
"""What is known of the file beside it: both are whole, or not there."""
TRIES: Final = 3
LONGEST: Final = 1 << 40

Announce = Callable[[Recording], Awaitable[None]]


class Keeper(Protocol):
    """The store, as the archive needs it."""

    async def put(self, recording: Recording, file: Path) -> None: ...


class NotConverted(VoiceplatError):
    pass


@dataclass(frozen=True, slots=True)
class Archiving:
    """What all takes go through."""

    children: WarmChildren
    keeper: Keeper
    announce: Announce
    settings: SpoolSettings
    unusable: Path
    """Folder for takes that could not be converted."""

    async def archive(self, take: FinishedTake) -> None:
        """Returns when the take is stored and announced, or given up.

        Raises Unavailable, OSError, DamagedFile: to be repeated later.
        """
        try:
            notes = take.notes()
        except (OSError, ValidationError) as error:
            log.warning("take_unreadable", recording=take.id, why=str(error))
            take.set_aside(self.unusable)
            return
        recording = await self._converted(take, notes)
        if recording.failure:
            await self.announce(recording)
            if take.has_audio(notes):
                take.set_aside(self.unusable)
            else:
                take.remove()
            return
        try:
            await self.keeper.put(recording, _file(take, notes))
        except DamagedFile:
            (take.folder / CONVERTED).unlink()  # to be converted anew
            raise
        await self.announce(recording)
        take.remove()
        log.info(
            "recording_stored",
            recording=take.id,
            duration_ms=recording.duration // timedelta(milliseconds=1),
            size_bytes=recording.size_bytes,
        )

    async def _converted(self, take: FinishedTake, notes: TakeOrder) -> Recording:
        """What is to be stored, or why there is nothing."""
        known = take.folder / CONVERTED
        if known.exists():
            return Recording.model_validate_json(known.read_bytes())
        failure = ""
        for _ in range(TRIES):
            try:
                recording = await self._convert(take, notes)
            except NotConverted as error:
                failure = str(error)
                log.warning("take_not_converted", recording=take.id, why=failure)
            else:
                _write_whole(known, recording.model_dump_json())
                return recording
        return self._failed(take, notes, failure)

    async def _convert(self, take: FinishedTake, notes: TakeOrder) -> Recording:
        end, order = take.end(), notes.order
        if end is not None and end.failure:
            return self._failed(take, notes, end.failure)
        aside = take.folder / f"part.{order.format}"
        wanted = {
            "tracks": [str(take.folder / track) for track in notes.tracks],
            "target": str(aside),
            "kind": order.format.value,
            "rate_hz": notes.rate_hz,
            "frames_max": _frames_of(order.limit, notes.rate_hz),
        }
        try:
            made = await self.children.order(wanted, self.settings.conversion_timeout_s)
        except ChildFailed as error:
            raise NotConverted(f"the converter {error.why}") from error
        if "error" in made:
            raise OSError(made["error"])
        aside.replace(_file(take, notes))
        return Recording(
            order=order,
            started_at=end.started_at if end else notes.begun_at,
            duration=timedelta(seconds=made["frames"] / notes.rate_hz),
            size_bytes=made["size"],
            sha256=made["sha256"],
            end_reason=end.reason if end else EndReason.LOST,
        )

    @staticmethod
    def _failed(take: FinishedTake, notes: TakeOrder, why: str) -> Recording:
        log.error("recording_failed", recording=take.id, why=why)
        end = take.end()
        return Recording(
            order=notes.order,
            started_at=end.started_at if end else notes.begun_at,
            duration=timedelta(0),
            end_reason=end.reason if end else EndReason.LOST,
            failure=why,
        )


def _file(take: FinishedTake, notes: TakeOrder) -> Path:
    return take.folder / f"recording.{notes.order.format}"


def _frames_of(limit: timedelta | None, rate_hz: int) -> int:
    return LONGEST if limit is None else int(limit.total_seconds() * rate_hz)


def _write_whole(path: Path, text: str) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(text)
    aside.replace(path)
