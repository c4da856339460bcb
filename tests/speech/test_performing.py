"""Scripts to sound, by an engine whose sound is known: what is asked, what is heard."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import pytest
from typing_extensions import override

from voiceplat.calls.script import (
    SILENT_DB,
    Alphabet,
    Emphasis,
    Manner,
    Pause,
    SayAs,
    Script,
    Words,
    plain,
)
from voiceplat.calls.voices import Gender
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Samples,
    Sound,
    Span,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
    Voice,
)
from voiceplat.speech.performing import perform
from voiceplat.speech.voices import Cast, Choice

RATE_HZ = 8000
EDGE_S = 0.3
"""Silence before and after the second of tone that the engine makes."""
VOICE = Choice("tone", "1", "anna")
FRENCH = Choice("tone", "1", "amélie")


class Tone(Synthesizer):
    """Says everything as a second of 440 Hz, faster or slower as it is asked."""

    def __init__(self, *, shifts_pitch: bool) -> None:
        self.asked: list[Utterance] = []
        voice = Voice("anna", "en-US", Gender.WOMAN)
        self.info = SynthesizerInfo(
            "tone",
            "1",
            (voice,),
            streaming=False,
            preference=1,
            shifts_pitch=shifts_pitch,
        )

    @classmethod
    @override
    def describe(cls) -> SynthesizerInfo | None:
        return None

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        return cls(shifts_pitch=False)

    @override
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        self.asked.append(utterance)
        moments = np.arange(int(RATE_HZ / utterance.rate)) / RATE_HZ
        edge = np.zeros(int(EDGE_S * RATE_HZ), np.float32)
        tone = 0.25 * np.sin(2 * np.pi * 440 * moments)
        yield Sound(np.concatenate([edge, tone, edge]).astype(np.float32), RATE_HZ)


class Stage:
    def __init__(self, *, shifts_pitch: bool = False) -> None:
        self.engine = Tone(shifts_pitch=shifts_pitch)
        self._cast = Cast(VOICE, "en-us", (("fr-FR", FRENCH),))

    def heard(self, *parts: Words | Pause) -> Samples:
        engines = {"tone": (self.engine.info, self.engine)}
        sounds = perform(Script(parts), self._cast, engines, RATE_HZ)
        return np.concatenate([*sounds, np.zeros(0, np.float32)])

    @property
    def texts(self) -> list[str]:
        return [utterance.text for utterance in self.engine.asked]


def level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def loudest_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()])


def test_a_plain_text_is_said_in_one_go() -> None:
    stage = Stage()

    heard = stage.heard(*plain("Hello there.").parts)

    assert stage.engine.asked == [Utterance((Span("Hello there."),), "anna")]
    assert len(heard) == int((1 + 2 * EDGE_S) * RATE_HZ)


def test_words_read_as_something_stay_in_their_sentence() -> None:
    stage = Stage()

    stage.heard(Words("Press "), Words("12", say_as=SayAs.DIGITS), Words(" . Now."))

    assert stage.texts == ["Press one two. Now."]


def test_a_pronunciation_goes_to_the_engine_in_ipa() -> None:
    stage = Stage()
    pie = Words("pie", phonemes='p"aI', alphabet=Alphabet.X_SAMPA)

    stage.heard(Words("I like "), pie, Words("."))

    assert stage.engine.asked[0].spans == (
        Span("I like "),
        Span("pie", "pˈaɪ"),
        Span("."),
    )


def test_a_pause_is_as_much_silence_as_it_says() -> None:
    quiet = Stage().heard(Words("one"), Pause(0.7), Words("two"))
    loud = np.flatnonzero(np.abs(quiet) > 0.01)

    gap_s = np.diff(loud).max() / RATE_HZ
    assert gap_s == pytest.approx(0.7 + 2 * 0.03, abs=0.01)


@pytest.mark.parametrize(("volume_db", "factor"), [(-6, 0.501), (6, 1.995), (0, 1)])
def test_volume_is_that_many_decibels(volume_db: float, factor: float) -> None:
    plainly = Stage().heard(Words("one"))

    heard = Stage().heard(Words("one", Manner(volume_db=volume_db)))

    assert level(heard) / level(plainly) == pytest.approx(factor, rel=0.01)


def test_silent_is_silent_and_takes_its_time() -> None:
    heard = Stage().heard(Words("one", Manner(volume_db=SILENT_DB)))

    assert len(heard) > RATE_HZ
    assert np.abs(heard).max() < 1 / 32768 / 2


def test_rate_is_the_engines_own() -> None:
    stage = Stage()

    stage.heard(Words("one", Manner(rate=0.5)))

    assert stage.engine.asked[0].rate == 0.5


@pytest.mark.parametrize("pitch", [0.8, 1.25])
def test_pitch_is_shifted_and_the_length_stays(pitch: float) -> None:
    heard = Stage().heard(Words("one", Manner(pitch=pitch)), Pause(0.1))

    assert loudest_hz(heard) == pytest.approx(440 * pitch, rel=0.01)
    loud = np.flatnonzero(np.abs(heard) > 0.01)
    assert (loud[-1] - loud[0]) / RATE_HZ == pytest.approx(1, abs=0.02)


def test_an_engine_that_shifts_pitch_does_it_itself() -> None:
    stage = Stage(shifts_pitch=True)

    heard = stage.heard(Words("one", Manner(pitch=1.25)))

    assert stage.engine.asked[0].pitch == 1.25
    assert loudest_hz(heard) == pytest.approx(440, rel=0.01)


def test_emphasis_is_slower_and_louder_or_the_contrary() -> None:
    stage = Stage()

    strong, reduced = (
        stage.heard(Words("one", Manner(emphasis=emphasis)))
        for emphasis in (Emphasis.STRONG, Emphasis.REDUCED)
    )

    assert level(strong) > 1.5 * level(reduced)
    assert [asked.rate for asked in stage.engine.asked] == [0.8, 1.1]


def test_another_language_has_another_voice_and_its_own_numbers() -> None:
    stage = Stage()
    french = Manner(language="fr-FR")

    stage.heard(Words("Number "), Words("4", french, say_as=SayAs.DIGITS))

    assert [it.voice for it in stage.engine.asked] == ["anna", "amélie"]
    assert stage.texts[1].strip() == "quatre"


def test_a_language_that_nobody_speaks_is_spoken_by_the_own_voice() -> None:
    stage = Stage()

    stage.heard(Words("hello", Manner(language="tlh")))

    assert [it.voice for it in stage.engine.asked] == ["anna"]


def test_an_expletive_is_a_tone_instead() -> None:
    stage = Stage()

    heard = stage.heard(Words("darn", say_as=SayAs.EXPLETIVE))

    assert stage.engine.asked == []
    assert loudest_hz(heard) == pytest.approx(1000, abs=5)
    assert 0.25 < len(heard) / RATE_HZ < 1.5


def test_a_full_stop_after_a_tag_ends_the_sentence_before_it() -> None:
    stage = Stage()

    stage.heard(Words("Now", Manner(rate=0.5)), Words(". Then."))

    assert stage.texts == ["Now.", " Then."]


@pytest.mark.parametrize("nothing", ["", " ", "...", "\u200b"])
def test_what_has_no_words_is_not_said(nothing: str) -> None:
    stage = Stage()

    stage.heard(Words(nothing), Pause(0.1))

    assert stage.engine.asked == []
