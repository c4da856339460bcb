"""Where finished recordings are kept: one file each, whole or not at all.

What can be read from the store is what was recorded: a file counts as kept when it was
read back and has the right digest. With `recordings.encryption_keys` it is sealed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from voiceplat.calls.recording import FileFormat, Recording
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.ids import AuthId, RecordingId
from voiceplat.core.settings import Settings


class DamagedFile(VoiceplatError):
    """A file is not what was recorded: its digest or its seal is wrong."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the store, as its recording describes it."""

    account: AuthId
    id: RecordingId
    format: FileFormat
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, recording: Recording) -> "KeptFile":
        order = recording.order
        return cls(
            account=order.account,
            id=order.id,
            format=order.format,
            size_bytes=recording.size_bytes,
            sha256=recording.sha256,
        )


class Store(Protocol):
    """Every method raises Unavailable while the storage is away."""

    async def put(self, recording: Recording, file: Path) -> None:
        """Keep the file; when this returns, it is safe and can be read.

        Nobody ever reads a part of it. May be repeated. Raises DamagedFile when
        `file` is not the recording's.
        """

    def read(
        self, file: KeptFile, first: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Bytes `first` up to, not including, `end`, in pieces.

        Raises NotFound when it is not there, DamagedFile when its seal is broken.
        """

    async def delete(self, file: KeptFile) -> None:
        """May be repeated; a file that is not there is deleted."""


def open_store(settings: Settings) -> Store:
    """The store that the settings name; opens no connection yet."""
    raise NotImplementedError
