"""Who decodes, and when; the engines are gates that a test opens."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Self

import numpy as np
import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Recogniser,
    RecogniserInfo,
    Recognition,
    Spoken,
)
from voiceplat.speech_service.recognising import Recognisers

pytestmark = pytest.mark.real_time

WITHIN_S = 30


class Gate(Recogniser):
    """Says its name when it is let; counts who is inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open = threading.Event()
        self.inside = 0
        self.most_inside = 0
        self.fails = False
        self.order: list[str] = []
        self._lock = threading.Lock()

    @classmethod
    @override
    def describe(cls) -> RecogniserInfo | None:
        return None

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        return cls("")

    @override
    def recognise(self, said: Spoken) -> Recognition:
        with self._counted():
            self.order.append(said.language)
            assert self.open.wait(WITHIN_S)
            if self.fails:
                raise SpeechError(f"{self.name} is away")
            return Recognition(self.name, 1.0, 0.0)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        yield
        with self._lock:
            self.inside -= 1


def info(name: str, *languages: str) -> RecogniserInfo:
    return RecogniserInfo(name, "1", frozenset(languages or {"en"}), preference=50)


GOOD = info("good", "en", "de")
QUICK = replace(info("quick"), preference=40, effort=0.5)


@asynccontextmanager
async def recognisers(
    *engines: tuple[RecogniserInfo, Gate], patience_ms: int = 60_000, at_once: int = 2
) -> AsyncIterator[Recognisers]:
    settings = SpeechSettings(patience_ms=patience_ms, decodes_at_once=at_once)
    with Recognisers(settings, engines) as ready:
        try:
            yield ready
        finally:
            for _, engine in engines:
                engine.open.set()


def utterance(language: str = "en-US") -> Spoken:
    return Spoken(np.zeros(16000, np.float32), language)


def text(heard: Recognition) -> str:
    return heard.text


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - threads tell nobody
            await asyncio.sleep(0.005)


async def test_no_more_decode_at_once_than_the_setting_says() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=2) as ready:
        decodes = [
            asyncio.create_task(ready.decode(utterance(), text)) for _ in range(6)
        ]
        await until(lambda: good.inside == 2)
        good.open.set()

        assert await asyncio.gather(*decodes) == ["good"] * 6
        assert good.most_inside == 2


async def test_who_waited_too_long_is_given_to_the_quickest_engine() -> None:
    good, quick = Gate("good"), Gate("quick")
    quick.open.set()
    engines = ((GOOD, good), (QUICK, quick))
    async with recognisers(*engines, patience_ms=50, at_once=1) as ready:
        first = asyncio.create_task(ready.decode(utterance(), text))
        await until(lambda: good.inside == 1)
        second = asyncio.create_task(ready.decode(utterance(), text))
        in_german = asyncio.create_task(ready.decode(utterance("de-DE"), text))
        await asyncio.sleep(0.2)
        good.open.set()

        assert [await first, await second] == ["good", "quick"]
        assert await in_german == "good"


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=1) as ready:
        first = asyncio.create_task(ready.decode(utterance(), text))
        await until(lambda: good.inside == 1)
        second = asyncio.create_task(ready.decode(utterance(), text))
        third = asyncio.create_task(ready.decode(utterance(), text))
        await asyncio.sleep(0)
        second.cancel()
        good.open.set()

        assert [await first, await third] == ["good", "good"]
        assert second.cancelled()


async def test_a_decode_that_nobody_wants_keeps_its_place_until_it_is_done() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=1) as ready:
        first = asyncio.create_task(ready.decode(utterance(), text))
        await until(lambda: good.inside == 1)
        first.cancel()
        second = asyncio.create_task(ready.decode(utterance(), text))
        await asyncio.sleep(0.05)

        assert good.most_inside == 1
        good.open.set()
        assert await second == "good"


async def test_partial_results_are_made_only_of_free_places() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=2) as ready:
        free = ready.gives_partials("en")
        running = [
            asyncio.create_task(ready.decode(utterance(), text)) for _ in range(2)
        ]
        await until(lambda: good.inside == 2)
        busy = ready.gives_partials("en")
        good.open.set()
        await asyncio.gather(*running)

        assert (free, busy, ready.gives_partials("en")) == (True, False, True)


async def test_an_engine_may_give_no_partial_results() -> None:
    async with recognisers(
        (replace(info("bills"), partials=False), Gate("bills"))
    ) as ready:
        assert not ready.gives_partials("en")


async def test_an_engine_that_fails_rests_and_the_next_one_listens() -> None:
    good, quick = Gate("good"), Gate("quick")
    good.fails = True
    good.open.set()
    quick.open.set()
    async with recognisers((QUICK, quick), (GOOD, good)) as ready:
        with capture_logs() as logs:
            first = await ready.decode(utterance(), text)
            second = await ready.decode(utterance(), text)

        assert (first, second) == ("quick", "quick")
        assert [log["engine"] for log in logs] == ["good"]


async def test_when_all_fail_the_last_failure_is_told() -> None:
    good = Gate("good")
    good.fails = True
    good.open.set()
    async with recognisers((GOOD, good)) as ready:
        with pytest.raises(SpeechError, match="good is away"):
            await ready.decode(utterance(), text)


async def test_an_engine_elsewhere_has_places_of_its_own() -> None:
    here, cloud = Gate("here"), Gate("cloud")
    engines = (
        (info("here", "de"), here),
        (replace(info("cloud"), at_once=4), cloud),
    )
    async with recognisers(*engines, at_once=1) as ready:
        in_german = asyncio.create_task(ready.decode(utterance("de"), text))
        decodes = [
            asyncio.create_task(ready.decode(utterance(), text)) for _ in range(6)
        ]
        await until(lambda: (here.inside, cloud.inside) == (1, 4))
        here.open.set()
        cloud.open.set()

        assert await asyncio.gather(in_german, *decodes) == ["here"] + ["cloud"] * 6
        assert cloud.most_inside == 4


async def test_an_engine_that_came_later_takes_its_turn_by_preference() -> None:
    good, quick = Gate("good"), Gate("quick")
    good.open.set()
    quick.open.set()
    async with recognisers((QUICK, quick)) as ready:
        ready.add(GOOD, good)

        assert await ready.decode(utterance(), text) == "good"
        assert ready.names == ("good", "quick")


async def test_a_language_that_nobody_understands_is_refused() -> None:
    async with recognisers((GOOD, Gate("good"))) as ready:
        with pytest.raises(
            SpeechError, match=r"no recogniser understands tlh; loaded: good \(de, en\)"
        ):
            ready.require("tlh")


async def test_without_an_engine_it_is_said_what_to_do() -> None:
    async with recognisers() as ready:
        with pytest.raises(SpeechError, match=r"python -m voiceplat\.speech\.models"):
            ready.require("en-US")


async def test_who_is_in_no_hurry_waits_until_nobody_is_in_one() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=1) as ready:
        caller = asyncio.create_task(ready.decode(utterance(), text))
        await until(lambda: good.inside == 1)
        unhurried = asyncio.create_task(
            ready.decode_when_quiet(utterance("de-DE"), text)
        )
        await asyncio.sleep(0)
        next_caller = asyncio.create_task(ready.decode(utterance(), text))
        good.open.set()

        done, _ = await asyncio.wait(
            {caller, unhurried, next_caller}, return_when=asyncio.ALL_COMPLETED
        )

    assert len(done) == 3
    assert good.order == ["en-US", "en-US", "de-DE"]


async def test_those_in_no_hurry_take_one_place_of_several() -> None:
    good = Gate("good")
    async with recognisers((GOOD, good), at_once=3) as ready:
        unhurried = [
            asyncio.create_task(ready.decode_when_quiet(utterance(), text))
            for _ in range(4)
        ]
        await until(lambda: good.inside == 1)
        callers = [
            asyncio.create_task(ready.decode(utterance(), text)) for _ in range(2)
        ]
        await until(lambda: good.inside == 3)
        good.open.set()

        assert await asyncio.gather(*unhurried, *callers) == ["good"] * 6
