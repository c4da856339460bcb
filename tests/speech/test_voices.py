"""Which installed voice speaks for the voices of the wire contract."""

import pytest

from voiceplat.calls.voices import BASIC, POLLY, Gender, is_supported
from voiceplat.core.errors import SpeechError
from voiceplat.speech.engine import SynthesizerInfo, Voice
from voiceplat.speech.voices import choose


def engine(name: str, preference: int, *voices: tuple[str, Gender]) -> SynthesizerInfo:
    return SynthesizerInfo(
        name,
        "1.0",
        tuple(Voice(f"{tag}/{gender}", tag, gender) for tag, gender in voices),
        streaming=False,
        preference=preference,
    )


NATURAL = engine("natural", 50, ("en-US", Gender.WOMAN))
ROBOT = engine(
    "robot",
    10,
    *(
        (tag, gender)
        for tag in ("en-gb", "en-us", "de", "pt", "pt-br", "es", "es-419")
        for gender in Gender
    ),
)


@pytest.mark.parametrize(
    ("voice", "language", "speaks"),
    [
        ("WOMAN", "en-US", "natural en-US/woman"),
        ("woman", "EN-us", "natural en-US/woman"),
        ("MAN", "en-US", "robot en-us/man"),
        ("WOMAN", "en", "natural en-US/woman"),
        ("WOMAN", "en-GB", "robot en-gb/woman"),
        ("WOMAN", "en-AU", "natural en-US/woman"),
        ("MAN", "en-AU", "robot en-gb/man"),
        ("WOMAN", "de-DE", "robot de/woman"),
        ("MAN", "pt-BR", "robot pt-br/man"),
        ("WOMAN", "pt-PT", "robot pt/woman"),
        ("Polly.Joanna", "en-US", "natural en-US/woman"),
        ("Polly.Joanna-Neural", "en-US", "natural en-US/woman"),
        ("Polly.Matthew", "en-US", "robot en-us/man"),
        ("Polly.Brian", "de-DE", "robot en-gb/man"),
        ("Polly.Vitória", "pt-BR", "robot pt-br/woman"),
        ("Polly.Vitoria", "pt-BR", "robot pt-br/woman"),
        ("polly.lupe-standard", "es-US", "robot es/woman"),
        ("Polly.Aditi", "en-IN", "natural en-US/woman"),
    ],
)
def test_the_nearest_language_wins_then_the_gender_then_the_better_engine(
    voice: str, language: str, speaks: str
) -> None:
    choice = choose(voice, language, [ROBOT, NATURAL])

    assert f"{choice.engine} {choice.voice}" == speaks


def test_a_voice_with_two_languages_speaks_the_one_asked_for() -> None:
    hindi = engine("hindi", 1, ("hi", Gender.WOMAN))

    assert choose("Polly.Aditi", "hi-IN", [NATURAL, hindi]).engine == "hindi"
    assert choose("Polly.Aditi", "en-IN", [NATURAL, hindi]).engine == "natural"


def test_a_gender_that_nobody_has_is_spoken_by_the_other() -> None:
    assert choose("MAN", "en-US", [NATURAL]).voice == "en-US/woman"


def test_a_language_that_nobody_has_is_refused_with_what_is_installed() -> None:
    with pytest.raises(
        SpeechError, match=r"no voice speaks fr-fr; installed: natural \(en-US\)"
    ):
        choose("WOMAN", "fr-FR", [NATURAL])


def test_an_unknown_name_is_refused_with_what_is_installed() -> None:
    with pytest.raises(SpeechError, match=r"'Polly\.Nobody'; installed: natural"):
        choose("Polly.Nobody", "en-US", [NATURAL])


def test_a_host_without_engines_says_so() -> None:
    with pytest.raises(SpeechError, match="installed: no engine at all"):
        choose("WOMAN", "en-US", [])


@pytest.mark.statement(81, 82)
@pytest.mark.parametrize(
    ("voice", "language", "supported"),
    [
        ("WOMAN", "en-US", True),
        ("MAN", "pt-PT", True),
        ("WOMAN", "pt-PT", False),
        ("WOMAN", "sv-SE", True),
        ("MAN", "sv-SE", False),
        ("WOMAN", "hi-IN", False),
        ("Polly.Aditi", "hi-IN", True),
        ("Polly.Nobody", "en-US", False),
        ("Joanna", "en-US", False),
        ("", "en-US", False),
    ],
)
def test_the_tables_of_the_contract_say_what_is_supported(
    voice: str, language: str, *, supported: bool
) -> None:
    assert is_supported(voice, language) is supported


@pytest.mark.statement(79)
def test_every_voice_of_the_contract_is_supported() -> None:
    basic = [(gender, tag) for tag, genders in BASIC.items() for gender in genders]
    polly = [
        (f"Polly.{name}", tag)
        for tag, genders in POLLY.items()
        for names in genders.values()
        for name in names.split()
    ]

    unsupported = [it for it in (*basic, *polly) if not is_supported(*it)]

    assert len(polly) > 50
    assert unsupported == []
