"""Speech as input, from the worker's end: how right, how soon, at what cost.

People's recorded voices, G.711 coded, go through the speech service's `/listen`. How
right is measured as fast as the machine decodes; how soon, at the pace of speech.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bench.figures import Figure, median, percentile
from bench.processes import Part, PlatformProcesses
from tests.servers.speech import speech_service
from tests.speech import people
from tests.speech.people import Said
from voiceplat.calls.hearing import Listening, SpeechWanted, Understood
from voiceplat.core.settings import Settings, SpeechSettings
from voiceplat.speech.client import SpeechClient

PHRASES: Final = 124
HINTED: Final = 60
HINTS: Final = 20
DIGIT_STRINGS: Final = 40
SPEAKERS: Final = (1, 2, 4, 8)
UTTERANCES: Final = {1: 20, 2: 10, 4: 8, 8: 6}
"""That each speaker says."""
LISTENERS: Final = 8
IDLE_S: Final = 8

FRAME_BYTES: Final = 320
FRAME_S: Final = 0.02
BEFORE_S: Final = 0.5
AT_ONCE: Final = 2
"""Phrases that are measured side by side, as many as there are decodes."""
GIVEN_UP_S: Final = 30.0
PATIENT_MS: Final = 600_000
"""Sound the worker keeps, where it is sent faster than it is spoken."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    said: Said
    text: str
    late_s: float
    """From the end of speech to the result."""


async def recognition(folder: Path) -> list[Figure]:
    with speech_service(folder) as socket:
        patient = SpeechSettings(socket=socket, unheard_max_ms=PATIENT_MS)
        usual = SpeechSettings(socket=socket)
        async with SpeechClient(Settings(data=folder, speech=patient)) as client:
            right = [
                await _word_errors(client),
                await _hints(client),
                await _digits(client),
            ]
        async with SpeechClient(Settings(data=folder, speech=usual)) as client:
            soon = [
                figure
                for speakers in SPEAKERS
                for figure in await _delays(client, speakers)
            ]
            return [*right, *soon, *await _costs(client)]


async def _word_errors(client: SpeechClient) -> Figure:
    said = people.every_second(people.phrases(), PHRASES)
    results = await _side_by_side(said, lambda one: _understood(client, one))
    errors = sum(people.word_errors(it.said.text, it.text) for it in results)
    words = sum(len(people.words(one.text)) for one in said)
    return Figure(
        f"word error rate, {len(said)} prompts that people spoke, 8 kHz",
        errors / words * 100,
        "%",
        4,
    )


async def _hints(client: SpeechClient) -> Figure:
    chance = random.Random(3)  # noqa: S311 - the same hints each time
    said = people.every_second(people.phrases(2, 6), HINTED)
    texts = [one.text for one in said]

    async def chosen(one: Said) -> bool:
        others = [text for text in texts if text != one.text]
        hints = [*chance.sample(others, HINTS - 1), one.text]
        result = await _understood(client, one, SpeechWanted(hints=tuple(hints)))
        return result.text == one.text

    right = await _side_by_side(said, chosen)
    return Figure(
        f"right choices among {HINTS} hints, {len(said)} phrases",
        sum(right) / len(right) * 100,
        "%",
        97,
        at_least=True,
    )


async def _digits(client: SpeechClient) -> Figure:
    said = list(people.digit_strings(DIGIT_STRINGS))
    results = await _side_by_side(said, lambda one: _understood(client, one))
    right = sum(it.text == it.said.text for it in results)
    return Figure(
        f"digit strings right, of {DIGIT_STRINGS}",
        right,
        "strings",
        DIGIT_STRINGS,
        at_least=True,
    )


async def _delays(client: SpeechClient, speakers: int) -> list[Figure]:
    """Each speaker says one phrase after another, at the pace of speech."""
    phrases = people.phrases(2, 8)
    rounds = [
        phrases[speaker :: max(SPEAKERS)][: UTTERANCES[speakers]]
        for speaker in range(speakers)
    ]

    async def speaker(said: Sequence[Said], number: int) -> list[Result]:
        await asyncio.sleep(number * 0.37)
        return [await _understood(client, one, paced=True) for one in said]

    spoken = await asyncio.gather(
        *(speaker(said, number) for number, said in enumerate(rounds))
    )
    late = [it.late_s * 1000 for results in spoken for it in results]
    name = f"end of speech → understood, {speakers} at once"
    p50, p95 = (800, 1200) if speakers == 1 else (None, None)
    return [
        Figure(f"{name}, p50", median(late), "ms", p50, samples=len(late)),
        Figure("  the same, p95", percentile(late, 95), "ms", p95),
    ]


async def _costs(client: SpeechClient) -> list[Figure]:
    """Of listening to silence: every leg that waits for somebody to speak."""
    processes = PlatformProcesses(os.getpid())
    silence = bytes(FRAME_BYTES)

    async def listen() -> None:
        async with client.listen(SpeechWanted()) as listening:
            async for _ in _paced(range(int(IDLE_S / FRAME_S))):
                listening.hear(silence)

    service, worker = processes.cpu_s()[Part.SPEECH], time.process_time()
    await asyncio.gather(*(listen() for _ in range(LISTENERS)))
    service = processes.cpu_s()[Part.SPEECH] - service
    worker = time.process_time() - worker
    share = 100 / IDLE_S / LISTENERS
    name = f"CPU of listening, {LISTENERS} at once, each"
    return [
        Figure(f"{name}: speech service", service * share, "% of a core"),
        Figure("  the same, in the worker", worker * share, "% of a core"),
    ]


async def _understood(
    client: SpeechClient,
    said: Said,
    wanted: SpeechWanted | None = None,
    *,
    paced: bool = False,
) -> Result:
    loop = asyncio.get_running_loop()
    sound = people.pcm(said, BEFORE_S)
    ended_s = BEFORE_S + people.speech_ends_s(said)
    texts: list[str] = []
    async with client.listen(wanted or SpeechWanted()) as listening:
        began = loop.time()
        speaking = asyncio.create_task(_speak(listening, sound, paced=paced))
        try:
            while not texts or loop.time() < began + (ended_s if paced else 0):
                async with asyncio.timeout(GIVEN_UP_S):
                    heard = await listening.next_heard()
                if isinstance(heard, Understood):
                    texts.append(heard.text)
        except TimeoutError:
            texts.append("")
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
        return Result(said, " ".join(texts), loop.time() - began - ended_s)


async def _speak(listening: Listening, sound: bytes, *, paced: bool) -> None:
    starts = range(0, len(sound), FRAME_BYTES)
    async for start in _paced(starts) if paced else _at_once(starts):
        listening.hear(sound[start : start + FRAME_BYTES])


async def _paced(steps: Iterable[int]) -> AsyncIterator[int]:
    """One every 20 ms; a late one does not make the next ones late."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, step in enumerate(steps, start=1):
        await asyncio.sleep(began + number * FRAME_S - loop.time())
        yield step


async def _at_once(steps: Iterable[int]) -> AsyncIterator[int]:
    for step in steps:
        yield step


async def _side_by_side(
    said: Sequence[Said], work: Callable[[Said], Awaitable[T]]
) -> list[T]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(it: Said) -> T:
        async with places:
            return await work(it)

    return list(await asyncio.gather(*(one(it) for it in said)))
