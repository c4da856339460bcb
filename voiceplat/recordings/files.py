"""Where bytes lie under a name: what a store asks of a folder or an object storage."""

from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Names have `/` between their parts; every method raises Unavailable."""

    async def put(self, name: str, source: Path) -> None:
        """Readers find the whole of it or what was there before."""

    async def get(self, name: str, first: int, end: int) -> bytes:
        """Fewer bytes only when it ends before `end`. Raises NotFound."""
        ...

    async def delete(self, name: str) -> None:
        """One that is not there is deleted."""
