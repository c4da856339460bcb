"""A folder: what is put there survives a loss of power as soon as `put` returns."""

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from typing_extensions import override

from voiceplat.core.errors import NotFound, Unavailable
from voiceplat.recordings.files import Files

_PARTIAL: Final = ".partial"
"""Folder of what is being written, beside what is whole: to look for what was left
behind is as quick in a folder of a million recordings as in an empty one."""
_LEFT_BEHIND_S: Final = 24 * 3600
"""A partial file this old was left by a process that died."""


class LocalFiles(Files):
    def __init__(self, root: Path) -> None:
        self._root = root

    @override
    async def put(self, name: str, source: Path) -> None:
        await asyncio.to_thread(self._put, name, source)

    @override
    async def get(self, name: str, first: int, end: int) -> bytes:
        return await asyncio.to_thread(self._get, name, first, end)

    @override
    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._delete, name)

    def _put(self, name: str, source: Path) -> None:
        target = self._root / name
        unfinished = target.parent / _PARTIAL
        partial = unfinished / f"{target.name}.{secrets.token_hex(4)}"
        with _translated():
            _make_folder(unfinished)
            _forget_left_behind(unfinished)
            try:
                with source.open("rb") as inp, partial.open("xb") as out:
                    partial.chmod(0o600)
                    shutil.copyfileobj(inp, out, 1 << 20)
                    out.flush()
                    os.fsync(out.fileno())
                partial.replace(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)

    def _get(self, name: str, first: int, end: int) -> bytes:
        with _translated(), (self._root / name).open("rb") as file:
            file.seek(first)
            return file.read(end - first)

    def _delete(self, name: str) -> None:
        with _translated():
            (self._root / name).unlink(missing_ok=True)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"{error.filename} is not there") from error
    except OSError as error:
        raise Unavailable("the recordings folder", str(error)) from error


def _make_folder(folder: Path) -> None:
    """With its parents, each entry safe on the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _forget_left_behind(unfinished: Path) -> None:
    for partial in unfinished.iterdir():
        try:
            age_s = time.clock_gettime(time.CLOCK_REALTIME) - partial.stat().st_mtime
            if age_s > _LEFT_BEHIND_S:
                partial.unlink()
        except FileNotFoundError:
            continue  # its writer has just finished


def _sync_folder(folder: Path) -> None:
    """A renamed file is only safe when its folder is written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
