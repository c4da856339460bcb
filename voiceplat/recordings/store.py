"""Where finished recordings are kept: one file each, whole or not at all.

What can be read from the store is what was recorded: a file counts as kept when it was
read back and has the right digest. With `recordings.encryption_keys` it is sealed.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from typing_extensions import override

from voiceplat.calls.recording import FileFormat, Recording
from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.core.ids import AuthId, RecordingId
from voiceplat.core.settings import Settings
from voiceplat.recordings.files import Files
from voiceplat.recordings.local_files import LocalFiles
from voiceplat.recordings.object_files import ObjectFiles
from voiceplat.recordings.seal import (
    CHUNK,
    HEADER,
    BrokenSeal,
    OpenSeal,
    Seal,
    WrongEncryptionKey,
    is_sealed,
)

_PIECE: Final = 1024 * 1024
"""How much is read at once; whole chunks of a seal."""


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

    @property
    def name(self) -> str:
        """Raises ValueError for what could leave its place."""
        if not self.account.isalnum():
            raise ValueError("an account has letters and digits alone")
        return f"{self.account}/{UUID(self.id)}.{self.format}"


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

        Raises NotFound when it is not there, DamagedFile when its seal is broken or it
        ends too early.
        """
        ...

    async def delete(self, file: KeptFile) -> None:
        """May be repeated; a file that is not there is deleted."""


def open_store(settings: Settings) -> Store:
    """The store that the settings name; connects when it is first used.

    Raises WrongEncryptionKey when a key of the settings is none, UnknownStorage when
    nothing here can speak to it.
    """
    recordings = settings.recordings
    files: Files
    if recordings.url.partition("://")[0] in {"", "file"}:
        folder = recordings.url.removeprefix("file://")
        files = LocalFiles(Path(folder) if folder else settings.data / "recordings")
    else:
        files = ObjectFiles(recordings)
    keys = recordings.encryption_keys
    return FileStore(files, Seal(keys) if keys else None, settings.data / "scratch")


class FileStore(Store):
    def __init__(self, files: Files, seal: Seal | None, scratch: Path) -> None:
        self._files = files
        self._seal = seal
        self._scratch = scratch

    @override
    async def put(self, recording: Recording, file: Path) -> None:
        kept = KeptFile.of(recording)
        if await asyncio.to_thread(_digest, file) != kept.sha256:
            raise DamagedFile(f"{file} is not what recording {kept.id} describes")
        if self._seal is None:
            await self._files.put(kept.name, file)
        else:
            await self._put_sealed(self._seal, kept.name, file)
        await self._read_back(kept)

    @override
    async def delete(self, file: KeptFile) -> None:
        await self._files.delete(file.name)

    @override
    async def read(
        self, file: KeptFile, first: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        end = file.size_bytes if end is None else min(end, file.size_bytes)
        opened = await self._opened(file)
        while first < end:
            upto = min(end, first - first % _PIECE + _PIECE)
            piece = await self._piece(file, first, upto, opened)
            if len(piece) != upto - first:
                raise DamagedFile(f"recording {file.id} ends too early")
            yield piece
            first = upto

    async def _put_sealed(self, seal: Seal, name: str, file: Path) -> None:
        try:
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
                sealed = Path(folder) / "sealed"
                await asyncio.to_thread(seal.close, file, sealed, name)
                await self._files.put(name, sealed)
        except OSError as error:
            raise Unavailable("the data folder", str(error)) from error

    async def _read_back(self, file: KeptFile) -> None:
        digest = hashlib.sha256()
        try:
            async for piece in self.read(file):
                digest.update(piece)
        except DamagedFile as error:
            raise Unavailable("the recording storage", str(error)) from error
        if digest.hexdigest() != file.sha256:
            raise Unavailable(
                "the recording storage", "it gave back other bytes than it was given"
            )

    async def _opened(self, file: KeptFile) -> OpenSeal | None:
        """None when it lies open, as those do that were kept before there was a key."""
        if self._seal is None:
            return None
        header = await self._files.get(file.name, 0, HEADER)
        if not is_sealed(header):
            return None
        try:
            return self._seal.opened(header, file.name, file.size_bytes)
        except WrongEncryptionKey as error:  # until the operator has brought it back
            raise Unavailable("the recording storage", str(error)) from error

    async def _piece(
        self, file: KeptFile, first: int, end: int, opened: OpenSeal | None
    ) -> bytes:
        if opened is None:
            return await self._files.get(file.name, first, end)
        extent = opened.extent(first, end)
        sealed = await self._files.get(file.name, extent.first, extent.end)
        try:
            plain = opened.open(sealed, extent.first_chunk)
        except BrokenSeal as error:
            raise DamagedFile(f"recording {file.id}: {error}") from error
        skip = first % CHUNK
        return plain[skip : skip + end - first]


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
