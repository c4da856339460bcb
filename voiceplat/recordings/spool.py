"""Recordings between their first sample and the store: one folder each, on this disk.

A folder has the order, the audio as it is written, and a lock that the kernel takes
from a process that dies. It is made aside and renamed, so that whoever sees it sees the
order whole and the lock held: a folder whose lock can be had is over.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from voiceplat.calls.recording import EndReason, RecordingOrder, Taken
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NoRoom
from voiceplat.core.ids import RecordingId
from voiceplat.core.settings import Settings
from voiceplat.recordings.wav import HEADER_BYTES, SAMPLE_BYTES, header

ORDER: Final = "order.json"
END: Final = "end.json"
LOCK: Final = "lock"
ARCHIVE_LOCK: Final = "archive.lock"
"""Of the spool: held by the archive that serves it."""
BELL: Final = "bell"
"""A FIFO of the spool: a byte in it wakes the archive."""
NEW: Final = ".new-"
NEW_FOR_S: Final = 600
"""What is being made for longer than this was given up by a process that died."""
GONE: Final = ".gone-"
END_ROOM: Final = 512
"""Bytes kept free for the end's facts, so that a full disk takes them."""
FAILURE_MAX: Final = 200
PRIVATE: Final = 0o700
MB: Final = 1 << 20


class TakeOrder(BaseModel):
    """`order.json`: on the disk before the first sample."""

    model_config = ConfigDict(frozen=True)

    order: RecordingOrder
    begun_at: datetime
    rate_hz: int
    tracks: tuple[str, ...]
    """Names of its WAV files: one, or left and right. Their headers may be wrong."""


class TakeEnd(BaseModel):
    """`end.json`: blank until its process ends the take."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    reason: EndReason
    failure: str = ""
    """Why nothing was recorded."""


class Take:
    """A recording under way, in the process that writes it."""

    def __init__(
        self, notes: TakeOrder, folder: Path, lock: int, spool: "Spool"
    ) -> None:
        self.order = notes.order
        self.tracks: Sequence[Path] = [folder / name for name in notes.tracks]
        self._notes = notes
        self._folder = folder
        self._lock = lock
        self._spool = spool
        self._started_at: datetime | None = None
        self._writing: int | None = None

    def starts(self) -> None:
        """The first sample comes now."""
        self._started_at = utc_now()

    def write(self, frame: bytes) -> None:
        """Add 16-bit samples to the only track; for audio that Python has.

        Raises NoRoom when the disk takes no more: then the take is to be ended.
        """
        try:
            if self._started_at is None:
                self.starts()
            if self._writing is None:
                how = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._writing = os.open(self.tracks[0], how, 0o644)
                os.write(self._writing, header(self._notes.rate_hz))
            os.write(self._writing, frame)
        except OSError as error:
            raise NoRoom(f"the recording takes no more: {error.strerror}") from error

    @property
    def has_room(self) -> bool:
        return self._spool.has_room

    @property
    def length(self) -> timedelta:
        """Of what is on the disk."""
        return min(
            length_of(self.tracks, self._notes.rate_hz),
            self.order.limit or timedelta.max,
        )

    def end(self, reason: EndReason, failure: str = "") -> Taken:
        """Hand it to the archive; its audio must be written."""
        taken = Taken(
            started_at=self._started_at or self._notes.begun_at,
            duration=self.length,
            reason=reason,
        )
        if self._writing is not None:
            os.close(self._writing)
        end = TakeEnd(
            started_at=taken.started_at, reason=reason, failure=failure[:FAILURE_MAX]
        )
        with suppress(OSError), (self._folder / END).open("r+b") as file:
            file.write(end.model_dump_json().encode())
        os.close(self._lock)
        self._spool.ring()
        return taken


class FinishedTake:
    """A take whose process has let go of it; nobody ever writes to it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> RecordingId:
        return RecordingId(self.folder.name)

    @cached_property
    def call(self) -> str:
        """Whose recording it is; its own id when nobody can tell."""
        try:
            return self.notes().order.call_uuid
        except (OSError, ValueError):
            return self.id

    def notes(self) -> TakeOrder:
        """Raises ValueError when it cannot be read."""
        return TakeOrder.model_validate_json((self.folder / ORDER).read_bytes())

    def end(self) -> TakeEnd | None:
        """None when its process died."""
        with suppress(OSError, ValidationError):
            return TakeEnd.model_validate_json((self.folder / END).read_bytes())
        return None

    def has_audio(self, notes: TakeOrder) -> bool:
        tracks = [self.folder / track for track in notes.tracks]
        return length_of(tracks, notes.rate_hz) > timedelta(0)

    @cached_property
    def ended_at(self) -> float:
        """Epoch, to sort by: the end was written, or else the last audio."""
        written = [self.folder / END] if self.end() else self.folder.glob("*.wav")
        with suppress(OSError):
            return max((file.stat().st_mtime for file in written), default=0.0)
        return 0.0

    def remove(self) -> None:
        """At once or not at all, as others see it."""
        gone = self.folder.with_name(GONE + self.folder.name)
        with suppress(FileNotFoundError):
            self.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def set_aside(self, where: Path) -> None:
        """Keep what nobody can use, for a human."""
        where.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self.folder.rename(where / self.folder.name)


class Spool:
    """The spool of this host, for those who record and for the archive."""

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self.folder = folder
        self.reserve_bytes = reserve_bytes

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.spool_dir, settings.spool.reserve_mb * MB)

    @property
    def has_room(self) -> bool:
        return self.free_bytes >= self.reserve_bytes

    def begin(
        self, order: RecordingOrder, *, rate_hz: int, tracks: Sequence[str] = ("mix",)
    ) -> Take:
        """A new take; when this returns, its order outlives everything.

        Waits for the disk. Raises NoRoom.
        """
        notes = TakeOrder(
            order=order,
            begun_at=utc_now(),
            rate_hz=rate_hz,
            tracks=tuple(f"{track}.wav" for track in tracks),
        )
        new = made = self.folder / (NEW + order.id)
        folder, lock = self.folder / order.id, None
        try:
            self._make()
            if not self.has_room:
                raise NoRoom("the disk of the spool is nearly full")
            new.mkdir()
            lock = _locked(new / LOCK)
            _write_through(new / ORDER, notes.model_dump_json().encode())
            _write_through(new / END, b" " * END_ROOM)
            _sync(new)
            made = new.rename(folder)
            _sync(self.folder)
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            if lock is not None:
                os.close(lock)
            raise NoRoom(f"nothing can be recorded: {error.strerror}") from error
        if lock is None:
            raise NoRoom("nothing can be recorded: its lock is held by somebody else")
        return Take(notes, folder, lock, self)

    def finished(self, *, but: frozenset[RecordingId]) -> list[FinishedTake]:
        """Takes that are over, those that ended first first."""
        found = [
            FinishedTake(folder)
            for folder in self._folders()
            if folder.name not in but and _can_be_had(folder / LOCK)
        ]
        return sorted(found, key=lambda take: take.ended_at)

    def census(self) -> tuple[int, int, int]:
        """How many takes are under way and how many over; the bytes of all."""
        under_way = over = size = 0
        for folder in self._folders():
            with suppress(OSError):  # it was archived just now
                if _can_be_had(folder / LOCK):
                    over += 1
                else:
                    under_way += 1
                size += sum(entry.stat().st_size for entry in os.scandir(folder))
        return under_way, over, size

    @property
    def free_bytes(self) -> int:
        """Of the disk that it lies on."""
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize

    def sweep(self) -> None:
        """Remove what was never begun, and what was not removed to the end."""
        for folder in self.folder.glob(f"{GONE}*"):
            shutil.rmtree(folder, ignore_errors=True)
        old = utc_now().timestamp() - NEW_FOR_S
        for folder in self.folder.glob(f"{NEW}*"):
            if folder.stat().st_mtime < old and _can_be_had(folder / LOCK):
                shutil.rmtree(folder, ignore_errors=True)

    def serve(self) -> int | None:
        """A descriptor that makes its holder the archive; None while there is one."""
        self._make()
        return _locked(self.folder / ARCHIVE_LOCK)

    @property
    def is_served(self) -> bool:
        lock = self.folder / ARCHIVE_LOCK
        return lock.exists() and not _can_be_had(lock)

    def ring(self) -> None:
        """Wake the archive; one that does not run looks by itself when it starts."""
        with suppress(OSError):
            bell = os.open(self.folder / BELL, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(bell, b"\n")
            finally:
                os.close(bell)

    def open_bell(self) -> int:
        """The archive's end; made when there is none yet."""
        self._make()
        with suppress(FileExistsError):
            os.mkfifo(self.folder / BELL, 0o660)
        return os.open(self.folder / BELL, os.O_RDWR | os.O_NONBLOCK)

    def _make(self) -> None:
        self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)

    def _folders(self) -> Iterator[Path]:
        if self.folder.exists():
            for entry in os.scandir(self.folder):
                if entry.is_dir() and not entry.name.startswith("."):
                    yield Path(entry.path)


def length_of(tracks: Sequence[Path], rate_hz: int) -> timedelta:
    """Of the longest one, by its size: headers are wrong until a file is closed."""
    longest = 0
    for track in tracks:
        with suppress(FileNotFoundError):
            longest = max(longest, track.stat().st_size - HEADER_BYTES)
    return timedelta(seconds=longest // SAMPLE_BYTES / rate_hz)


def _locked(file: Path) -> int | None:
    """A descriptor that holds the lock; None while somebody else has it."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except OSError:
        os.close(lock)
        raise
    return lock


def _can_be_had(file: Path) -> bool:
    """Whether nobody has the lock now."""
    if (lock := _locked(file)) is None:
        return False
    os.close(lock)
    return True


def _write_through(file: Path, content: bytes) -> None:
    with file.open("xb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
