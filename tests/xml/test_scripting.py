"""SSML to a script: what each tag means (plivo-xml 3.2)."""

import pytest
from structlog.testing import capture_logs

from tests.xml.scene import Scene, document
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
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.scripting import script_of


def script(inside: str) -> Script:
    (speak,) = document(f"<Speak voice='Polly.Amy'>{inside}</Speak>").elements
    assert isinstance(speak, Speak)
    return script_of(speak.content, ssml=True)


def manner(attribute: str, tag: str = "prosody") -> Manner:
    (words,) = script(f"<{tag} {attribute}>word</{tag}>").parts
    assert isinstance(words, Words)
    return words.manner


def pause(attributes: str) -> float:
    pauses = [
        it for it in script(f"a<break {attributes}/>b").parts if type(it) is Pause
    ]
    return sum(it.seconds for it in pauses)


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ('time="700ms"', 0.7),
        ('time="1.5s"', 1.5),
        ('time=" 2S "', 2),
        ('time="0s"', 0),
        ('time="10s"', 10),
        ('time="11s"', 10),
        ('time="700ms" strength="x-strong"', 0.7),
        ('strength="none"', 0),
        ('strength="x-weak"', 0),
        ('strength="weak"', 0.25),
        ('strength="medium"', 0.25),
        ('strength="strong"', 0.5),
        ('strength="x-strong"', 0.8),
        ("", 0.25),
    ],
)
def test_a_break_pauses_by_its_time_or_else_its_strength(
    attributes: str, seconds: float
) -> None:
    assert pause(attributes) == seconds


@pytest.mark.parametrize(
    ("attribute", "rate"),
    [
        ('rate="x-slow"', 0.5),
        ('rate="slow"', 0.75),
        ('rate="medium"', 1),
        ('rate="fast"', 1.3),
        ('rate="x-fast"', 1.7),
        ('rate="85%"', 0.85),
        ('rate="10%"', 0.2),
        ('rate="300%"', 2),
    ],
)
def test_prosody_sets_the_rate(attribute: str, rate: float) -> None:
    assert manner(attribute).rate == rate


@pytest.mark.parametrize(
    ("attribute", "pitch"),
    [
        ('pitch="x-low"', 0.75),
        ('pitch="low"', 0.87),
        ('pitch="default"', 1),
        ('pitch="high"', 1.15),
        ('pitch="x-high"', 1.3),
        ('pitch="+20%"', 1.2),
        ('pitch="-20%"', 0.8),
    ],
)
def test_prosody_sets_the_pitch(attribute: str, pitch: float) -> None:
    assert manner(attribute).pitch == pytest.approx(pitch)


@pytest.mark.parametrize(
    ("attribute", "volume_db"),
    [
        ('volume="silent"', SILENT_DB),
        ('volume="x-soft"', -12),
        ('volume="soft"', -6),
        ('volume="medium"', 0),
        ('volume="loud"', 4),
        ('volume="x-loud"', 8),
        ('volume="+6dB"', 6),
        ('volume="-3.5dB"', -3.5),
    ],
)
def test_prosody_sets_the_volume(attribute: str, volume_db: float) -> None:
    assert manner(attribute).volume_db == volume_db


def test_what_is_relative_is_to_the_tag_around_it() -> None:
    inner = '<prosody volume="-3dB" pitch="+10%" rate="120%">b</prosody>'
    (_, words) = script(
        f'<prosody volume="-6dB" pitch="+10%" rate="slow">a {inner}</prosody>'
    ).parts

    assert isinstance(words, Words)
    assert words.manner.volume_db == -9
    assert words.manner.pitch == pytest.approx(1.21)
    assert words.manner.rate == 1.2


def test_silence_is_not_made_louder() -> None:
    inner = '<prosody volume="+6dB">a</prosody>'
    (words,) = script(f'<prosody volume="silent">{inner}</prosody>').parts

    assert isinstance(words, Words)
    assert words.manner.volume_db == SILENT_DB


@pytest.mark.parametrize("level", list(Emphasis))
def test_emphasis_has_three_levels(level: Emphasis) -> None:
    assert manner(f'level="{level}"', "emphasis").emphasis is level


def test_emphasis_is_moderate_when_nothing_is_said() -> None:
    assert manner("", "emphasis").emphasis is Emphasis.MODERATE


def test_lang_is_the_language_of_the_text_inside() -> None:
    assert manner('xml:lang="fr-FR"', "lang").language == "fr-FR"


@pytest.mark.parametrize(
    ("interpret_as", "kind"),
    [
        *((it.value, it) for it in SayAs),
        ("spell-out", SayAs.CHARACTERS),
        ("number", SayAs.CARDINAL),
    ],
)
def test_say_as_says_what_its_text_is(interpret_as: str, kind: SayAs) -> None:
    said = script(f'<say-as interpret-as="{interpret_as}"> 12 </say-as>')

    assert said == Script((Words("12", say_as=kind),))


def test_a_date_has_the_order_of_its_fields() -> None:
    said = script('<say-as interpret-as="date" format="DMY">1/2/2026</say-as>')

    assert said == Script((Words("1/2/2026", say_as=SayAs.DATE, format="dmy"),))


@pytest.mark.parametrize("alphabet", list(Alphabet))
def test_a_phoneme_has_its_pronunciation(alphabet: Alphabet) -> None:
    said = script(f'<phoneme alphabet="{alphabet}" ph="pI">pie</phoneme>')

    assert said == Script((Words("pie", phonemes="pI", alphabet=alphabet),))


def test_paragraphs_and_sentences_are_rests_that_do_not_add_up() -> None:
    said = script("<p><s>a</s><s>b</s></p> <p>c</p>")

    assert said == Script(
        (Words("a"), Pause(0.4), Words("b"), Pause(0.8), Words("c")),
    )


def test_a_break_between_paragraphs_counts_as_their_rest() -> None:
    assert script('<p>a</p><break time="3s"/><p>b</p>').parts[1] == Pause(3)
    assert script('<p>a</p><break time="100ms"/><p>b</p>').parts[1] == Pause(0.8)


@pytest.mark.parametrize("role", ["amazon:VB", "amazon:SENSE_1", "anything"])
def test_a_role_changes_nothing(role: str) -> None:
    assert script(f'<w role="{role}">read</w>') == plain("read")


def test_tags_that_change_nothing_leave_one_text() -> None:
    said = script("speak <amazon:effect name='whispered'>soft<w>ly</w></amazon:effect>")

    assert said == plain("speak softly")


@pytest.mark.parametrize(
    "inside",
    [
        '<break time="soon"/>word',
        '<break time="-1s"/>word',
        '<break strength="huge"/>word',
        '<emphasis level="extreme">word</emphasis>',
        '<prosody rate="quick">word</prosody>',
        '<prosody rate="1e999%">word</prosody>',
        '<prosody volume="11">word</prosody>',
        '<prosody pitch="squeaky">word</prosody>',
        '<say-as interpret-as="song">word</say-as>',
        "<say-as>word</say-as>",
        '<phoneme alphabet="morse" ph=".-">word</phoneme>',
        '<phoneme alphabet="ipa">word</phoneme>',
    ],
)
def test_a_value_that_nobody_can_read_is_ignored_and_said_so(inside: str) -> None:
    with capture_logs() as logs:
        said = script(inside)

    assert said.text == "word"
    assert [log["event"] for log in logs] == ["ssml_value_ignored"]


@pytest.mark.statement(84)
@pytest.mark.parametrize("voice", ["WOMAN", "MAN"])
async def test_with_a_basic_voice_no_tag_has_a_meaning(voice: str) -> None:
    scene = Scene()

    await scene.obey(
        f'<Speak voice="{voice}"><p>a</p><break time="9s"/>'
        '<prosody volume="silent" rate="bad">b</prosody></Speak>'
    )

    assert scene.prompts.scripts == [plain("a b")]
