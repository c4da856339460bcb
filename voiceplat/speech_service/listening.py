"""One leg that is listened to: from its sound to what was said.

Decoding begins while the caller may still go on, `decode_after_ms` into a silence, and
is dropped if they do; so the result is there when the silence is long enough to be the
end. Sound that comes while an end is being decoded waits for it, so what is told is in
order: started, interim, understood, and again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import numpy as np

from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.metrics.speech import SpeechFigures
from voiceplat.speech.audio import resample
from voiceplat.speech.engine import (
    RECOGNISER_RATE_HZ,
    Recognition,
    Samples,
    Spoken,
)
from voiceplat.speech_service.endpointing import Endpointer, Patience, Turn
from voiceplat.speech_service.interim import Agreement
from voiceplat.speech_service.recognising import Decoding
from voiceplat.speech_service.understanding.profanity import mask
from voiceplat.speech_service.understanding.understand import understanding
from voiceplat.speech_service.voice_activity import (
    MOMENT_MS,
    VoiceDetector,
    moment_samples,
)

_INTERIM_MAX_S: Final = 28
"""Of speech: one window of a recogniser. Longer speech gets no more interim results."""

Tell = Callable[[Heard], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Means:
    """What every listening of the service works with."""

    settings: SpeechSettings
    decoding: Decoding
    detector: VoiceDetector
    figures: SpeechFigures = field(default_factory=SpeechFigures)


class Listener:
    """An async context manager; leaving it drops what is being decoded."""

    def __init__(
        self,
        wanted: SpeechWanted,
        rate_hz: int,
        means: Means,
        tell: Tell,
    ) -> None:
        settings = means.settings
        self._wanted = wanted
        self._rate_hz = rate_hz
        self._interim_every_ms = settings.interim_every_ms
        self._decode_after_s = settings.decode_after_ms / 1000
        self._quiet_since = 0.0
        self._decoding = means.decoding
        self._figures = means.figures.recognition
        self._tell = tell
        self._understand = understanding(wanted)
        self._activity = means.detector.follow(rate_hz)
        self._endpointer = Endpointer(Patience.of(settings, wanted.end_silence_s))
        self._in_prompt = False
        self._odd = b""
        """Sound that is not yet a moment."""
        kept_ms = settings.pre_roll_ms + max(
            settings.speech_start_ms, settings.speech_start_in_prompt_ms
        )
        self._before: deque[Samples] = deque(maxlen=-(-kept_ms // MOMENT_MS))
        self._said: list[Samples] = []
        self._final: asyncio.Task[Understood] | None = None
        self._partial: asyncio.Task[None] | None = None
        self._agreement = Agreement()
        self._since_partial = 0

    async def __aenter__(self) -> Self:
        self._decoding.require(self._wanted.language)
        self._figures.listenings.inc()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._figures.listenings.dec()
        await _drop(self._final)
        await _drop(self._partial)

    def prompt_plays(self, *, plays: bool) -> None:
        self._in_prompt = plays

    async def hear(self, pcm: bytes) -> None:
        """Takes as long as a decode when somebody is done. Raises SpeechError."""
        sound = self._odd + pcm
        size = 2 * moment_samples(self._rate_hz)
        for start in range(0, len(sound) - size + 1, size):
            moment = np.frombuffer(sound, "<i2", size // 2, start)
            await self._hear_moment(moment.astype(np.float32) / np.float32(32768))
        self._odd = sound[len(sound) // size * size :]

    async def hear_nothing(self) -> None:
        """No sound comes any more: who spoke is done. Raises SpeechError."""
        for turn in self._endpointer.finish():
            await self._take(turn)

    async def _hear_moment(self, moment: Samples) -> None:
        probability = self._activity.probability(moment)
        turns = self._endpointer.hear(probability, in_prompt=self._in_prompt)
        (self._said if self._endpointer.speaks else self._before).append(moment)
        for turn in turns:
            await self._take(turn)
        if self._wanted.interim and self._endpointer.speaks:
            self._consider_partial()

    async def _take(self, turn: Turn) -> None:
        match turn:
            case Turn.STARTED:
                self._said = [*self._before, *self._said]
                self._before.clear()
                self._agreement = Agreement()
                self._since_partial = 0
                await self._tell(SpeechStarted())
            case Turn.PAUSED:
                self._quiet_since = _now() - self._decode_after_s
                self._final = asyncio.create_task(self._decode(self._spoken()))
            case Turn.RESUMED:
                await _drop(self._final)
                self._final = None
            case Turn.ENDED:
                await self._end()

    async def _end(self) -> None:
        await _drop(self._partial)
        self._partial = None
        final, self._final = self._final, None
        self._said = []
        if final:
            understood = await final
            self._figures.result.observe(_now() - self._quiet_since)
            await self._tell(understood)

    async def _decode(self, said: Spoken) -> Understood:
        return await self._decoding.decode(said, self._understand)

    def _spoken(self) -> Spoken:
        sound = resample(np.concatenate(self._said), self._rate_hz, RECOGNISER_RATE_HZ)
        wanted = self._wanted
        return Spoken(sound, wanted.language, wanted.hints, wanted.model)

    def _consider_partial(self) -> None:
        """Interim results are made of time that nobody else needs."""
        self._since_partial += MOMENT_MS
        if (
            self._since_partial < self._interim_every_ms
            or (self._partial and not self._partial.done())
            or self._final
            or len(self._said) * MOMENT_MS > _INTERIM_MAX_S * 1000
            or not self._decoding.gives_partials(self._wanted.language)
        ):
            return
        self._since_partial = 0
        self._partial = asyncio.create_task(self._tell_partial(self._spoken()))

    async def _tell_partial(self, said: Spoken) -> None:
        with suppress(SpeechError):  # the final decode says so, if it lasts
            text = await self._decoding.decode(said, _text)
            if text:
                interim = self._agreement.agree(text)
                await self._tell(self._masked(interim))

    def _masked(self, interim: Interim) -> Interim:
        if not self._wanted.profanity_filter:
            return interim
        return Interim(mask(interim.stable), mask(interim.unstable), interim.stability)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _text(heard: Recognition) -> str:
    return heard.text


async def _drop(task: asyncio.Task[Understood] | asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
