"""The attributes of <GetInput>: ranges, defaults, and who is told of them."""

import pytest

from tests.xml.input_scene import (
    BOTH,
    DTMF,
    SPEECH,
    TELL,
    URL,
    a_scene,
    result,
    saying,
)
from tests.xml.scene import document
from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.core.errors import DocumentError
from voiceplat.xml.elements.getinput import GetInput

approx = pytest.approx


@pytest.mark.statement(129, 130)
@pytest.mark.parametrize(
    ("written", "seconds"), [("5", 5), ("60", 60), ("90", 60), ("1", 5), ("x", 15)]
)
async def test_execution_timeout_is_honoured_within_its_range(
    written: str, seconds: int
) -> None:
    scene = a_scene()

    await result(scene, f'{BOTH} executionTimeout="{written}"')

    assert scene.leg.played[-1].began == approx(seconds)


@pytest.mark.statement(131)
@pytest.mark.parametrize(
    ("written", "gap"), [("2", 2), ("10", 10), ("auto", None), ("1", 2), ("11", 10)]
)
def test_the_end_timeouts_are_2_to_10_or_auto(written: str, gap: int | None) -> None:
    (element,) = document(
        f'<GetInput action="{URL}" {BOTH} digitEndTimeout="{written}" '
        f'speechEndTimeout="{written}"/>'
    ).elements

    assert isinstance(element, GetInput)
    assert element.digit_end_timeout == element.speech_end_timeout == gap


@pytest.mark.statement(131)
def test_the_end_timeouts_are_auto_by_default() -> None:
    element = GetInput(action=URL, input_type="dtmf speech")

    assert element.digit_end_timeout is None
    assert element.speech_end_timeout is None
    assert element.rules.speech == SpeechWanted()


@pytest.mark.statement(132)
async def test_a_gap_as_a_number_is_what_the_sdk_writes() -> None:
    scene = a_scene((1, "1"), (4.5, "2"), (9.5, "3"))

    got = await result(scene, DTMF + ' digitEndTimeout="4"')

    assert got
    assert got["Digits"] == "12"


async def test_the_automatic_gap_between_keys_is_two_seconds() -> None:
    got = await result(a_scene((1, "1"), (2.9, "2"), (5, "3")), DTMF)

    assert got
    assert got["Digits"] == "12"


@pytest.mark.statement(133)
@pytest.mark.parametrize(
    ("written", "most"), [("", 32), ("4", 4), ("40", 32), ("0", 1), ("x", 32)]
)
def test_num_digits_is_at_most_32_which_is_the_default(written: str, most: int) -> None:
    attribute = f'numDigits="{written}"' if written else ""
    (element,) = document(f'<GetInput action="{URL}" {DTMF} {attribute}/>').elements

    assert isinstance(element, GetInput)
    assert element.num_digits == most


@pytest.mark.statement(134)
@pytest.mark.parametrize("model", ["default", "command_and_search", "phone_call"])
async def test_the_recogniser_is_told_the_model(model: str) -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await result(scene, f'{SPEECH} speechModel="{model}"')

    assert scene.ears.wanted[0].model == model


def test_another_model_fails_the_document() -> None:
    with pytest.raises(DocumentError, match="speechModel must be"):
        document(f'<GetInput action="{URL}" {SPEECH} speechModel="best"/>')


@pytest.mark.statement(135)
@pytest.mark.parametrize(
    ("hints", "kept"),
    [
        ("yes, no ,,maybe", ("yes", "no", "maybe")),
        (",".join(map(str, range(600))), tuple(map(str, range(500)))),
        ("yes," + "x" * 101 + ",no", ("yes", "no")),
        (",".join(["y" * 100] * 101), ("y" * 100,) * 100),
    ],
)
async def test_hints_are_phrases_within_their_limits(
    hints: str, kept: tuple[str, ...]
) -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await result(scene, f'{SPEECH} hints="{hints}"')

    assert scene.ears.wanted[0].hints == kept


@pytest.mark.statement(136)
async def test_the_language_is_american_english_unless_it_says_another() -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await scene.obey(
        f'<GetInput action="{URL}" {SPEECH} redirect="false"/>'
        f'<GetInput action="{URL}" {SPEECH} language="fr-FR" executionTimeout="5"/>'
    )

    assert [it.language for it in scene.ears.wanted] == ["en-US", "fr-FR"]


async def test_the_recogniser_is_told_all_that_it_must_know() -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await result(
        scene,
        f'{SPEECH} speechEndTimeout="3" profanityFilter="true" '
        f'interimSpeechResultsCallback="{TELL}"',
    )

    assert scene.ears.wanted == [
        SpeechWanted(end_silence_s=3, profanity_filter=True, interim=True)
    ]


async def test_interim_results_go_by_get_when_asked_to() -> None:
    says: list[tuple[float, Heard]] = [
        (1, SpeechStarted()),
        (2, Interim("", "I", 0.1)),
        (3, Understood("I", 0.9)),
    ]
    scene = a_scene(says=says)

    await result(
        scene,
        f'{SPEECH} interimSpeechResultsCallback="{TELL}" '
        'interimSpeechResultsCallbackMethod="GET"',
    )

    assert scene.documents.told_now[0].method == "GET"


@pytest.mark.statement(139)
async def test_the_profanity_filter_is_asked_for_by_true_alone() -> None:
    scene = a_scene(says=saying("yes", at=1, until=2))

    await scene.obey(
        f'<GetInput action="{URL}" {SPEECH} redirect="false" profanityFilter="true"/>'
        f'<GetInput action="{URL}" {SPEECH} executionTimeout="5"/>'
    )

    assert [it.profanity_filter for it in scene.ears.wanted] == [True, False]


@pytest.mark.statement(144)
@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        (SPEECH, "Field required"),
        (f'action="" {SPEECH}', "action is missing"),
        (f'action="{URL}"', "Field required"),
        (f'action="{URL}" inputType="video"', "inputType must be"),
        (f'action="{URL}" inputType=""', "inputType must be"),
    ],
)
def test_without_action_or_with_another_type_the_document_fails(
    attributes: str, why: str
) -> None:
    with pytest.raises(DocumentError, match=why):
        document(f"<GetInput {attributes}/>")


@pytest.mark.parametrize("kinds", ["speech dtmf", " dtmf  speech "])
def test_both_kinds_may_be_named_in_any_order(kinds: str) -> None:
    (element,) = document(f'<GetInput action="{URL}" inputType="{kinds}"/>').elements

    assert isinstance(element, GetInput)
    assert element.input_type == "dtmf speech"


@pytest.mark.statement(145)
async def test_start_input_timeout_shortens_the_wait() -> None:
    scene = a_scene()

    await result(scene, BOTH + ' startInputTimeout="3"')

    assert scene.leg.played[-1].began == approx(3)
