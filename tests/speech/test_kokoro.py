"""Kokoro itself: few words, for it is slow."""

import os

import numpy as np
import pytest

from tests.speech.sounds import voice_hz
from voiceplat.calls.voices import Gender
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.audio import resample
from voiceplat.speech.engine import (
    RECOGNISER_RATE_HZ,
    Samples,
    Span,
    Spoken,
    Utterance,
)
from voiceplat.speech.engines.kokoro import COMPLETE, VOICES, Kokoro
from voiceplat.speech.engines.whisper import WhisperBase
from voiceplat.speech.voice_packs import VOICE_PACKS
from voiceplat.speech.voices import choose

VOICED = "Good morning, Mary. You are well."
LANGUAGES = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "p": "pt"}
"""What the voices speak, by the first letters of their names."""


@pytest.fixture(scope="module")
def kokoro() -> Kokoro:
    """Where set-up could not fetch the voices, the tests go without, but not in CI."""
    if Kokoro.describe() is None:
        missing = "Kokoro's voices are missing (python -m voiceplat.speech.models)"
        (pytest.fail if os.getenv("CI") else pytest.skip)(missing)
    return Kokoro.load(SpeechSettings())


@pytest.fixture(scope="module")
def whisper() -> WhisperBase:
    return WhisperBase.load(SpeechSettings())


def spoken(kokoro: Kokoro, voice: str, *spans: Span, rate: float = 1.0) -> Samples:
    sounds = list(kokoro.say(Utterance(spans, voice, rate)))
    assert {sound.rate_hz for sound in sounds} == {24000}
    return np.concatenate([sound.samples for sound in sounds])


@pytest.mark.parametrize(
    ("voice", "text", "word"),
    [
        ("am_michael", "Please hold the line.", "hold the line"),
        ("bf_emma", "Please hold the line.", "hold the line"),
        ("ef_dora", "Su cita es el martes.", "martes"),
        ("ff_siwis", "Merci pour votre appel.", "merci"),
        ("im_nicola", "Buongiorno, attenda in linea.", "giorno"),
        ("pf_dora", "A consulta é na terça-feira.", "consulta"),
    ],
)
def test_each_language_is_understood_on_the_telephone(
    kokoro: Kokoro, whisper: WhisperBase, voice: str, text: str, word: str
) -> None:
    sound = resample(spoken(kokoro, voice, Span(text)), 24000, 8000)

    heard = whisper.recognise(
        Spoken(resample(sound, 8000, RECOGNISER_RATE_HZ), LANGUAGES[voice[0]])
    )

    assert word in heard.text.lower()


def test_it_says_a_pronunciation_that_is_given(
    kokoro: Kokoro, whisper: WhisperBase
) -> None:
    sound = spoken(
        kokoro, "am_michael", Span("I like "), Span("xyz", "təˈmeɪtoʊ"), Span(" pie.")
    )

    heard = whisper.recognise(Spoken(resample(sound, 24000, RECOGNISER_RATE_HZ), "en"))

    assert "tomato" in heard.text.lower()


def test_the_american_man_sounds_like_a_man(kokoro: Kokoro) -> None:
    chosen = choose("MAN", "en-US", [COMPLETE])

    man, woman = (
        voice_hz(resample(spoken(kokoro, voice, Span(VOICED)), 24000, 8000))
        for voice in (chosen.voice, "bf_emma")
    )

    assert 80 < man < 150 < woman


def test_rate_changes_the_length(kokoro: Kokoro) -> None:
    plainly, fast = (
        spoken(kokoro, "bm_george", Span("Hello there."), rate=rate)
        for rate in (1.0, 1.8)
    )

    assert len(fast) < 0.75 * len(plainly)


def test_what_has_no_words_is_no_sound(kokoro: Kokoro) -> None:
    assert list(kokoro.say(Utterance((Span("\u200b"),), "am_michael"))) == []


def test_it_offers_both_genders_and_only_voices_that_set_up_fetches() -> None:
    assert COMPLETE.slow
    assert COMPLETE.genders == set(Gender)
    assert {it.id.partition("+")[0] for it in VOICES} == VOICE_PACKS.keys()


def test_without_its_model_it_is_not_there(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    nowhere = SpeechSettings(models=tmp_path_factory.mktemp("models"))

    with pytest.raises(SpeechError, match=r"has no kokoro-v1\.0\.int8\.onnx"):
        Kokoro.load(nowhere)
