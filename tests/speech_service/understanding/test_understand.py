import pytest

from tests.fakes.recogniser import heard
from voiceplat.calls.hearing import SpeechWanted, Understood
from voiceplat.speech_service.understanding.understand import understanding


def understood(text: str, **wanted: object) -> Understood:
    return understanding(SpeechWanted(**wanted))(heard(text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sales.", "Sales"),
        ("Yes, please.", "Yes, please"),
        ("Is anybody there?", "Is anybody there?"),
        ("I want to pay. How much is it?", "I want to pay. How much is it?"),
        ("Hello. I want to pay.", "Hello. I want to pay."),
        ("Four, four two oh.", "4420"),
        ("It is 3.5.", "It is 3.5."),
        ("你好。", "你好"),
    ],
)
def test_the_words_are_the_recognisers(text: str, told: str) -> None:
    assert understood(text).text == told


def test_nothing_said_is_nothing_understood() -> None:
    assert understood("", hints=("sales",)) == Understood("", 0.0)


def test_a_hint_comes_before_digits() -> None:
    assert understood("Four, two.", hints=("four two",)).text == "four two"


@pytest.mark.statement(139)
def test_the_filter_masks_only_when_it_is_asked_for() -> None:
    assert understood("Oh shit.").text == "Oh shit"
    assert understood("Oh shit.", profanity_filter=True).text == "Oh s***"


def test_a_hint_is_masked_too() -> None:
    told = understood("Shit happens.", hints=("shit happens",), profanity_filter=True)

    assert told.text == "s*** happens"
