"""A recogniser that hears what a test wrote, on the loop's time; with memory.

    ears = FakeEars([(2, SpeechStarted()), (4, Understood("sales", 0.9))])

Times are seconds after the first listening began; what lies before a listening began
is not heard by it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from typing_extensions import override

from voiceplat.calls.hearing import Ears, Heard, Listening, SpeechWanted
from voiceplat.core.errors import SpeechError


class FakeEars(Ears):
    def __init__(
        self,
        says: Iterable[tuple[float, Heard]] = (),
        *,
        deaf: bool = False,
        breaks_at: float | None = None,
    ) -> None:
        self.wanted: list[SpeechWanted] = []
        self.guarded: list[tuple[float, bool]] = []
        """When a prompt began and ended to play."""
        self.frames = 0
        self.open = 0
        """How many listen now."""
        self._says = sorted(says, key=lambda it: it[0])
        self._deaf = deaf
        self._breaks_at = breaks_at
        self._began: float | None = None

    @override
    def listen(self, wanted: SpeechWanted) -> AbstractAsyncContextManager[Listening]:
        return self._listen(wanted)

    @asynccontextmanager
    async def _listen(self, wanted: SpeechWanted) -> AsyncIterator[Listening]:
        if self._deaf:
            raise SpeechError("no recogniser is loaded")
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        self.wanted.append(wanted)
        self.open += 1
        try:
            yield FakeListening(self, self._began, self._says, self._breaks_at)
        finally:
            self.open -= 1


class FakeListening(Listening):
    def __init__(
        self,
        ears: FakeEars,
        began: float,
        says: list[tuple[float, Heard]],
        breaks_at: float | None,
    ) -> None:
        self._ears = ears
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._says = [(began + at, it) for at, it in says if began + at >= now]
        self._breaks_at = None if breaks_at is None else began + breaks_at

    @override
    def hear(self, frame: bytes) -> None:
        self._ears.frames += 1

    @override
    def prompt_plays(self, *, plays: bool) -> None:
        self._ears.guarded.append((self._loop.time(), plays))

    @override
    async def next_heard(self) -> Heard:
        due = self._says[0][0] if self._says else float("inf")
        if self._breaks_at is not None and self._breaks_at <= due:
            await self._sleep_until(self._breaks_at)
            raise SpeechError("the recogniser is gone")
        await self._sleep_until(due)
        return self._says.pop(0)[1]

    async def _sleep_until(self, when: float) -> None:
        if when == float("inf"):
            await asyncio.Event().wait()
        await asyncio.sleep(max(0.0, when - self._loop.time()))
