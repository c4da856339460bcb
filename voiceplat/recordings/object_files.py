"""An object storage behind an fsspec URL: S3 and what speaks like it, and others.

`s3`, `gs` and `az` come with obstore; any other protocol works once its fsspec driver
is installed. An object is there when its upload is complete, never before.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import fsspec
from obstore.fsspec import FsspecStore
from typing_extensions import override

from voiceplat.core.errors import NotFound, Unavailable, VoiceplatError
from voiceplat.core.recording_settings import RecordingSettings
from voiceplat.recordings.files import Files

T = TypeVar("T")

_PART: Final = "the recording storage"
_OBSTORE: Final = {"s3", "gs", "az"}
_RETRIES: Final = 2


class UnknownStorage(VoiceplatError):
    """`recordings.url` names a kind of storage that is not installed."""


class ObjectFiles(Files):
    def __init__(self, settings: RecordingSettings) -> None:
        protocol, _, path = settings.url.partition("://")
        self._root = path.rstrip("/")
        self._system = _file_system(protocol, settings)

    @override
    async def put(self, name: str, source: Path) -> None:
        path = self._path(name)
        try:
            await _ask(lambda: self._system.put_file(str(source), path))
        except NotFound as error:
            raise Unavailable(_PART, f"there is no {self._root}") from error

    @override
    async def get(self, name: str, first: int, end: int) -> bytes:
        path = self._path(name)
        found = await _ask(lambda: self._system.cat_file(path, start=first, end=end))
        return bytes(found)

    @override
    async def delete(self, name: str) -> None:
        path = self._path(name)
        try:
            await _ask(lambda: self._system.rm_file(path))
        except NotFound:
            return

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


async def _ask(what: Callable[[], T]) -> T:
    """On a thread: fsspec's drivers have that in common."""
    try:
        return await asyncio.to_thread(what)
    except FileNotFoundError as error:
        raise NotFound("the object is not there") from error
    except Exception as error:  # each driver has errors of its own
        first_line = str(error).split("\n", 1)[0]
        raise Unavailable(_PART, f"{type(error).__name__}: {first_line}") from error


def _file_system(protocol: str, settings: RecordingSettings) -> Any:  # noqa: ANN401
    if protocol not in _OBSTORE:
        return _by_a_driver(protocol)
    seconds = settings.storage_timeout_s
    options: dict[str, Any] = {
        "client_options": {
            "allow_http": settings.s3_endpoint.startswith("http://"),
            "connect_timeout": f"{min(seconds, 5)}s",
            "timeout": f"{seconds}s",
        },
        "retry_config": {
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=seconds),
        },
    }
    if protocol == "s3":
        options |= _s3_options(settings)
    make: Any = FsspecStore  # its types know one protocol at a time
    return make(protocol, **options)


def _by_a_driver(protocol: str) -> Any:  # noqa: ANN401
    try:
        return fsspec.filesystem(protocol)
    except (ValueError, ImportError) as error:
        raise UnknownStorage(
            f"recordings.url: nothing here speaks {protocol}:// ({error}); "
            "install an fsspec driver that does, or use s3, gs, az or a folder"
        ) from error


def _s3_options(settings: RecordingSettings) -> dict[str, Any]:
    """The server checks what it got by its digest, besides reading it back."""
    known = {
        "endpoint": settings.s3_endpoint,
        "access_key_id": settings.s3_access_key.get_secret_value(),
        "secret_access_key": settings.s3_secret_key.get_secret_value(),
    }
    return {
        "region": settings.s3_region,
        "checksum_algorithm": "SHA256",
        **{name: value for name, value in known.items() if value},
    }
