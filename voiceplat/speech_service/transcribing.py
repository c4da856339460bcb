"""Files put into words: each channel by itself, where somebody speaks in it.

Live callers come first: a passage is decoded when nobody else is, one at a time, and
the file is read in blocks on a thread, so that hours of it take little memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import soundfile
import soxr

from voiceplat.core.errors import MediaError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import RECOGNISER_RATE_HZ, Recognition, Samples, Spoken
from voiceplat.speech.transcript import Channel, Passage, Transcript
from voiceplat.speech_service.endpointing import Endpointer, Patience, Turn
from voiceplat.speech_service.voice_activity import (
    MOMENT_MS,
    VoiceActivity,
    VoiceDetector,
    moment_samples,
)

T = TypeVar("T")

_BLOCK_S: Final = 5
_LONGEST_S: Final = 28
"""Of a passage: one window of a recogniser."""
_MOMENT: Final = moment_samples(RECOGNISER_RATE_HZ)
_VOICED_FROM: Final = 0.5


class QuietDecoding(Protocol):
    """What it needs of the engines."""

    def require(self, language: str) -> None: ...

    async def decode_when_quiet(
        self, said: Spoken, understand: Callable[[Recognition], T]
    ) -> T: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound in which somebody speaks."""

    channel: Channel
    start_ms: int
    end_ms: int
    samples: Samples


class Transcriber:
    def __init__(
        self, settings: SpeechSettings, decoding: QuietDecoding, detector: VoiceDetector
    ) -> None:
        longest = settings.model_copy(update={"utterance_max_s": _LONGEST_S})
        self._patience = Patience.of(longest, None)
        self._before = settings.pre_roll_ms // MOMENT_MS + self._patience.start
        self._decoding = decoding
        self._detector = detector

    async def transcribe(self, descriptor: int, language: str) -> Transcript:
        """Of an open file. Raises MediaError, SpeechError."""
        self._decoding.require(language)
        passages: list[Passage] = []
        with _opened(descriptor) as sound:
            stretches = self._stretches(sound)
            while (found := await asyncio.to_thread(next, stretches, None)) is not None:
                heard = [await self._heard(stretch, language) for stretch in found]
                passages += [passage for passage in heard if passage]
        passages.sort(key=lambda passage: passage.start_ms)
        return Transcript(passages=passages)

    async def _heard(self, stretch: Stretch, language: str) -> Passage | None:
        said = Spoken(stretch.samples, language)
        heard = await self._decoding.decode_when_quiet(said, lambda it: it)
        if not heard.text:
            return None
        return Passage(
            channel=stretch.channel,
            start_ms=stretch.start_ms,
            end_ms=stretch.end_ms,
            text=heard.text,
            confidence=round(heard.confidence, 2),
        )

    def _stretches(self, sound: Any) -> Iterator[list[Stretch]]:  # noqa: ANN401
        """What is found in each block, which may be nothing; then what is left."""
        names: tuple[Channel, ...] = ("mono",)
        if sound.channels == 2:
            names = ("left", "right")
        ears = [self._ear(name, sound.samplerate) for name in names]
        for block in sound.blocks(
            sound.samplerate * _BLOCK_S, dtype="float32", always_2d=True
        ):
            channels = block.T if len(ears) == block.shape[1] else [block.mean(axis=1)]
            yield [
                stretch
                for ear, samples in zip(ears, channels, strict=True)
                for stretch in ear.hear(samples)
            ]
        yield [stretch for ear in ears for stretch in ear.finish()]

    def _ear(self, channel: Channel, rate_hz: int) -> "_Ear":
        activity = self._detector.follow(RECOGNISER_RATE_HZ)
        endpointer = Endpointer(self._patience)
        return _Ear(channel, rate_hz, activity, endpointer, self._before)


class _Ear:
    """Follows one channel from its first sample to its last."""

    def __init__(
        self,
        channel: Channel,
        rate_hz: int,
        activity: VoiceActivity,
        endpointer: Endpointer,
        before: int,
    ) -> None:
        self._channel = channel
        self._resampler = soxr.ResampleStream(
            rate_hz, RECOGNISER_RATE_HZ, 1, dtype="float32"
        )
        self._activity = activity
        self._endpointer = endpointer
        self._odd = np.zeros(0, np.float32)
        self._before: deque[Samples] = deque(maxlen=before)
        self._said: list[Samples] = []
        self._moments = 0
        self._voiced_until = 0

    def hear(self, samples: Samples) -> list[Stretch]:
        return self._take(self._resampler.resample_chunk(samples))

    def finish(self) -> list[Stretch]:
        rest = self._resampler.resample_chunk(np.zeros(0, np.float32), last=True)
        found = self._take(np.concatenate((rest, np.zeros(_MOMENT, np.float32))))
        if self._endpointer.finish():
            found.append(self._stretch())
        return found

    def _take(self, samples: Samples) -> list[Stretch]:
        sound = np.concatenate((self._odd, samples))
        whole = len(sound) // _MOMENT * _MOMENT
        self._odd = sound[whole:]
        found: list[Stretch] = []
        for moment in sound[:whole].reshape(-1, _MOMENT):
            found += self._hear_moment(moment)
        return found

    def _hear_moment(self, moment: Samples) -> list[Stretch]:
        probability = self._activity.probability(moment)
        turns = self._endpointer.hear(probability, in_prompt=False)
        self._moments += 1
        if probability >= _VOICED_FROM:
            self._voiced_until = self._moments
        if Turn.STARTED in turns:
            self._said = list(self._before)
            self._before.clear()
        if Turn.ENDED in turns:
            self._said.append(moment)
            return [self._stretch()]
        (self._said if self._endpointer.speaks else self._before).append(moment)
        return []

    def _stretch(self) -> Stretch:
        began = self._moments - len(self._said)
        samples, self._said = np.concatenate(self._said), []
        return Stretch(
            self._channel,
            start_ms=began * MOMENT_MS,
            end_ms=self._voiced_until * MOMENT_MS,
            samples=samples,
        )


@contextmanager
def _opened(descriptor: int) -> Iterator[Any]:
    try:
        with soundfile.SoundFile(descriptor, closefd=False) as sound:
            yield sound
    except soundfile.SoundFileError as error:
        raise MediaError(f"the file cannot be decoded: {error}") from error
