"""Who decodes an utterance, and when: the engines, preferred first, and their places.

Engines that compute here share `speech.decodes_at_once` places, so that decodes never
slow one another down, whatever the number of callers; an engine elsewhere has places
of its own. Who waited too long is given to the quickest engine of the language. An
engine that fails rests a while, and the next one is asked. What is in no hurry waits
until nobody is: it has no place in the queue.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

import structlog
from typing_extensions import override

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.metrics.speech import SpeechFigures
from voiceplat.speech.engine import (
    RECOGNISER_RATE_HZ,
    Recogniser,
    RecogniserInfo,
    Recognition,
    Spoken,
)

T = TypeVar("T")

_LISTED_MAX: Final = 12

log = structlog.get_logger()


class Decoding(Protocol):
    """What a listening needs of the engines."""

    def require(self, language: str) -> None:
        """Raises SpeechError when nobody understands it."""
        ...

    def gives_partials(self, language: str) -> bool:
        """Whether decoding while somebody speaks is possible, and nobody waits."""
        ...

    async def decode(self, said: Spoken, understand: Callable[[Recognition], T]) -> T:
        """What `understand`, run beside the decode, makes of it. Raises SpeechError.

        Cancelling it gives the place in the queue away.
        """
        ...


class _Places:
    """Threads for decodes; one who stops waiting does not free a busy thread."""

    def __init__(self, number: int, name: str) -> None:
        self._free = asyncio.Semaphore(number)
        self._number = number
        self._threads = ThreadPoolExecutor(number, name)
        self._taken = 0
        """By those who decode and those who wait."""
        self._quiet = asyncio.Event()
        self._quiet.set()

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def has_room(self) -> bool:
        return self._taken < self._number

    async def run(self, work: Callable[[float], Callable[[], T]]) -> T:
        """Run on a thread what `work` gives, who is told how long it waited."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._count(1)
        try:
            await self._free.acquire()
        except BaseException:
            self._count(-1)
            raise
        running = loop.run_in_executor(self._threads, work(loop.time() - began))
        running.add_done_callback(self._leave)
        return await asyncio.shield(running)

    async def quiet(self) -> None:
        """Returns when nobody decodes or waits to."""
        await self._quiet.wait()

    def _leave(self, _: object) -> None:
        self._count(-1)
        self._free.release()

    def _count(self, more: int) -> None:
        self._taken += more
        (self._quiet.clear if self._taken else self._quiet.set)()


class Recognisers(Decoding):
    """A context manager, of the running loop."""

    def __init__(
        self,
        settings: SpeechSettings,
        engines: Iterable[tuple[RecogniserInfo, Recogniser]],
        figures: SpeechFigures | None = None,
    ) -> None:
        self._settings = settings
        self._figures = (figures or SpeechFigures()).recognition
        self._engines: list[tuple[RecogniserInfo, Recogniser]] = []
        self._here = _Places(settings.decodes_at_once, "decode")
        self._elsewhere: dict[str, _Places] = {}
        self._rests_until: dict[str, float] = {}
        self._unhurried = asyncio.Lock()
        for info, engine in engines:
            self.add(info, engine)

    def add(self, info: RecogniserInfo, engine: Recogniser) -> None:
        self._engines.append((info, engine))
        self._engines.sort(key=lambda it: -it[0].preference)
        if info.at_once:
            self._elsewhere[info.name] = _Places(info.at_once, info.name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(info.name for info, _ in self._engines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for places in (self._here, *self._elsewhere.values()):
            places.close()

    @override
    def require(self, language: str) -> None:
        self._of(language)

    @override
    def gives_partials(self, language: str) -> bool:
        info, _ = self._of(language)[0]
        return info.partials and self._places(info).has_room

    @override
    async def decode(self, said: Spoken, understand: Callable[[Recognition], T]) -> T:
        failure: SpeechError | None = None
        for info, engine in self._of(said.language):
            try:
                return await self._decode(info, engine, said, understand)
            except SpeechError as error:
                log.warning("recogniser_failed", engine=info.name, why=str(error))
                self._figures.failures.labels(info.name).inc()
                self._rest(info)
                failure = error
        raise failure or SpeechError("no recogniser is loaded")

    async def decode_when_quiet(
        self, said: Spoken, understand: Callable[[Recognition], T]
    ) -> T:
        """As `decode`, but one at a time, and only when no caller needs a place."""
        async with self._unhurried:
            await self._here.quiet()
            return await self.decode(said, understand)

    async def _decode(
        self,
        info: RecogniserInfo,
        engine: Recogniser,
        said: Spoken,
        understand: Callable[[Recognition], T],
    ) -> T:
        by = info

        def work(waited_s: float) -> Callable[[], T]:
            nonlocal by
            chosen = engine
            if not info.at_once and waited_s * 1000 > self._settings.patience_ms:
                by, chosen = self._quickest(said.language) or (info, engine)
            return lambda: understand(chosen.recognise(said))

        loop = asyncio.get_running_loop()
        began = loop.time()
        understood = await self._places(info).run(work)
        self._decoded(by, said, loop.time() - began)
        return understood

    def _decoded(self, by: RecogniserInfo, said: Spoken, took_s: float) -> None:
        self._figures.decode.labels(by.name).observe(took_s)
        if length_s := len(said.samples) / RECOGNISER_RATE_HZ:
            self._figures.factor.labels(by.name).observe(took_s / length_s)

    def _places(self, info: RecogniserInfo) -> _Places:
        return self._elsewhere.get(info.name, self._here)

    def _quickest(self, language: str) -> tuple[RecogniserInfo, Recogniser] | None:
        here = [entry for entry in self._of(language) if not entry[0].at_once]
        return min(here, key=lambda entry: entry[0].effort) if here else None

    def _rest(self, info: RecogniserInfo) -> None:
        now = asyncio.get_running_loop().time()
        self._rests_until[info.name] = now + self._settings.engine_rest_s

    def _of(self, language: str) -> list[tuple[RecogniserInfo, Recogniser]]:
        """Those who understand it, the preferred one first, those who rest last."""
        primary = language.casefold().partition("-")[0]
        able = [it for it in self._engines if primary in it[0].languages]
        if not able:
            raise SpeechError(self._nobody(language))
        now = asyncio.get_running_loop().time()
        return sorted(able, key=lambda it: self._rests_until.get(it[0].name, 0) > now)

    def _nobody(self, language: str) -> str:
        if not self._engines:
            return (
                "no recogniser is loaded: run python -m voiceplat.speech.models "
                "and start the speech service again"
            )
        offer = "; ".join(
            f"{info.name} ({_some(info.languages)})" for info, _ in self._engines
        )
        return f"no recogniser understands {language}; loaded: {offer}"


def _some(languages: frozenset[str]) -> str:
    if len(languages) > _LISTED_MAX:
        return f"{len(languages)} languages"
    return ", ".join(sorted(languages))
