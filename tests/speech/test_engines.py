"""The installed synthesizers themselves, in this process."""

import numpy as np
import pytest

from voiceplat.calls.voices import BASIC, POLLY, Gender
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import Samples, Span, SynthesizerInfo, Utterance
from voiceplat.speech.engines.espeak import Espeak
from voiceplat.speech.engines.hibari import Hibari
from voiceplat.speech.engines.kokoro import COMPLETE
from voiceplat.speech.registry import recognisers, synthesizers
from voiceplat.speech.voices import choose


@pytest.fixture(scope="module")
def hibari() -> Hibari:
    return Hibari.load(SpeechSettings())


@pytest.fixture(scope="module")
def robot() -> SynthesizerInfo:
    info = Espeak.describe()
    assert info is not None
    return info


def test_the_built_in_engines_come_through_their_entry_points() -> None:
    names = [info.name for info in synthesizers().values()]
    ears = [info.name for info in recognisers().values()]

    assert [it for it in names if it != "kokoro"] == ["hibari", "espeak"]
    assert ears == ["whisper-base", "whisper-tiny.en"]


def test_every_voice_of_the_contract_finds_an_engine() -> None:
    installed = (*synthesizers().values(), COMPLETE)
    polly = [
        (f"Polly.{name}", tag)
        for tag, genders in POLLY.items()
        for names in genders.values()
        for name in names.split()
    ]
    basic = [(str(g), tag) for tag, genders in BASIC.items() for g in genders]

    chosen = {wanted: choose(*wanted, installed) for wanted in (*basic, *polly)}

    assert chosen["woman", "en-US"].engine == "hibari"
    assert chosen["man", "en-US"].voice == "am_michael"
    assert chosen["woman", "fr-CA"].voice == "ff_siwis"
    assert chosen["man", "fr-FR"].voice == "fr-fr+m3"
    assert chosen["woman", "es-US"].voice == "ef_dora+es-419"
    assert chosen["Polly.Zhiyu", "cmn-CN"].voice == "cmn+f3"


def test_espeak_offers_each_language_as_a_woman_and_as_a_man(
    robot: SynthesizerInfo,
) -> None:
    assert {"de", "fr-fr", "hi", "ja", "pt-br"} <= robot.languages
    assert robot.genders == set(Gender)
    assert len(robot.voices) == 2 * len(robot.languages)


@pytest.mark.parametrize("language", ["de", "fr-fr", "hi", "cmn"])
def test_espeak_speaks_other_languages(language: str) -> None:
    text = {
        "de": "Guten Tag, bitte warten Sie einen Augenblick.",
        "fr-fr": "Bonjour, veuillez patienter un instant.",
        "hi": "नमस्ते, कृपया एक क्षण प्रतीक्षा करें।",
        "cmn": "你好,请稍等片刻。",
    }[language]

    (sound,) = Espeak(10).say(words(text, language))

    assert 1.5 < len(sound.samples) / sound.rate_hz < 6
    assert loudness(sound.samples) > 0.02


@pytest.mark.parametrize("text", ["-v xx", "--help", "$(reboot)", "[[foo", "<b>no"])
def test_espeak_takes_no_text_for_an_option(text: str) -> None:
    (sound,) = Espeak(10).say(words(text, "en-us"))

    assert len(sound.samples) / sound.rate_hz < 4
    assert loudness(sound.samples) > 0.01


def test_an_espeak_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(SpeechError, match="timed out"):
        list(Espeak(0.0001).say(words("hello", "en-us")))


def test_hibari_gives_one_sound_for_each_sentence(hibari: Hibari) -> None:
    sounds = list(
        hibari.say(words("Hello. Doctor Miller is in. Please wait.", "heart"))
    )

    assert len(sounds) == 3
    assert all(loudness(sound.samples) > 0.02 for sound in sounds)


@pytest.mark.parametrize("text", ["Hello there.", "She sells sea shells."])
def test_nobody_waits_for_hibari_to_begin(hibari: Hibari, text: str) -> None:
    (sound,) = hibari.say(words(text, "heart"))

    first = int(np.argmax(np.abs(sound.samples) > 0.01))
    assert 0 < first / sound.rate_hz < 0.06


def test_hibari_is_given_endless_sentences_in_pieces(hibari: Hibari) -> None:
    sounds = list(hibari.say(words("word " * 200, "heart")))

    assert len(sounds) == 4


def test_hibari_says_a_text_the_same_way_each_time(hibari: Hibari) -> None:
    first, again = (list(hibari.say(words("Good morning.", "heart"))) for _ in range(2))

    assert np.array_equal(first[0].samples, again[0].samples)


def words(text: str, voice: str) -> Utterance:
    return Utterance((Span(text),), voice)


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))
