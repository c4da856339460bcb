"""Keeps the cache of prepared audio below its bound: the least recently used goes.

A file's modification time is its last use (voiceplat/speech/cache.py). Only this
process writes there, so a running total tells when the folder must be looked at; a
file used a moment ago stays, because a call may be about to open it.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from voiceplat.core.clock import utc_now

_ABOUT_TO_BE_OPENED_S: Final = 120
_LEFTOVER_AFTER_S: Final = 3600
_ROOM_AFTER_SWEEP: Final = 0.9

log = structlog.get_logger()


class Kept(NamedTuple):
    used_at: float
    size: int
    path: Path


class Shelf:
    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._sweep_above = max_bytes
        self._total = 0

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return self._total

    def open(self) -> None:
        """Count what is there, and remove files that a crash left half written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        long_ago = utc_now().timestamp() - _LEFTOVER_AFTER_S
        for file in _files(self.folder):
            if file.path.name.startswith(".") and file.used_at < long_ago:
                file.path.unlink(missing_ok=True)
            else:
                self._total += file.size

    async def added(self, path: Path) -> None:
        """Count a new file; make room when the bound is passed."""
        self._total += _size(path)
        if self._total > self._sweep_above:
            self._sweep_above = self._total + self._max_bytes  # one sweep at a time
            self._total = await asyncio.to_thread(self._sweep)
            # what is in use may be more than fits: look again when it has grown
            self._sweep_above = max(
                self._max_bytes, self._total + self._max_bytes // 20
            )

    def _sweep(self) -> int:
        """Remove the oldest files down to a little below the bound; what is left."""
        kept = sorted(_files(self.folder))
        total = sum(file.size for file in kept)
        young = utc_now().timestamp() - _ABOUT_TO_BE_OPENED_S
        removed = 0
        for file in kept:
            if total <= self._max_bytes * _ROOM_AFTER_SWEEP or file.used_at > young:
                break
            file.path.unlink(missing_ok=True)
            total -= file.size
            removed += 1
        log.info("speech_cache_swept", removed=removed, bytes_left=total)
        return total


def _size(path: Path) -> int:
    return path.stat().st_size


def _files(folder: Path) -> Iterator[Kept]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                facts = path.stat()
            except OSError:
                continue  # swept or renamed meanwhile
            yield Kept(facts.st_mtime, facts.st_size, path)
