import pytest

from tests.fakes.recogniser import heard
from voiceplat.speech_service.understanding.hints import Hints


def drawn(
    text: str,
    *hints: str,
    fits: dict[str, float] | None = None,
    model: str = "default",
    language: str = "en-US",
) -> str | None:
    """What the hints make of it; None when they make nothing."""
    biased = Hints(hints, language, model).draw(heard(text, (fits or {}).items()))
    return biased.text if biased else None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Sales.", "sales"),
        ("technical support", "Technical Support"),
        ("17.", "seventeen"),
        ("Seventeen.", "17"),
        ("January 21st.", "january twenty first"),
        ("4, 4, 2, 0.", "four four two oh"),
    ],
)
def test_what_is_a_hint_is_written_as_the_hint(text: str, hint: str) -> None:
    assert drawn(text, "operator", hint) == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Technical supports.", "technical support"),
        ("Maria Garsia.", "María García"),
        ("I count balance.", "account balance"),
    ],
)
def test_what_is_nearly_a_hint_becomes_the_hint(text: str, hint: str) -> None:
    assert drawn(text, "operator", "billing", hint) == hint


@pytest.mark.parametrize("text", ["Where is my parcel?", "Good morning.", ""])
def test_what_is_like_no_hint_stays(text: str) -> None:
    assert drawn(text, "sales", "technical support") is None


def test_numbers_are_never_nearly_another_number() -> None:
    assert drawn("555-1213", "555-1212") is None
    assert drawn("room 12 please", "room 13 please") is None


def test_a_hint_that_fits_the_sound_wins_over_what_was_written() -> None:
    fits = {"Number.": -4.0, "no": -7.0, "yes": -20.0}

    assert drawn("Number.", "yes", "no", fits=fits) == "no"


def test_a_hint_that_does_not_fit_the_sound_does_not_win() -> None:
    fits = {"Number.": -1.0, "no": -12.0, "yes": -20.0}

    assert drawn("Number.", "yes", "no", fits=fits) is None


def test_numbers_are_scored_in_words_and_in_digits() -> None:
    fits = {"Sevens.": -5.0, "seventeen": -40.0, "17": -6.0}

    assert drawn("Sevens.", "seventeen", "eleven", fits=fits) == "seventeen"


def test_commands_are_drawn_more_strongly_and_conversation_less() -> None:
    fits = {"Number.": -1.0, "no": -9.5}
    models = ("default", "command_and_search", "phone_call")

    scored = [drawn("Number.", "yes", "no", fits=fits, model=it) for it in models]
    alike = [drawn("bill in", "billing please", "x", model=it) for it in models]
    almost = [drawn("main mean you", "main menu", model=it) for it in models]

    assert scored == [None, "no", None]
    assert alike == [None, None, None]
    assert almost == ["main menu", "main menu", "main menu"]


def test_conversation_is_never_scored_against_hints() -> None:
    fits = {"Number.": -4.0, "no": -4.0}

    assert drawn("Number.", "no", fits=fits, model="phone_call") is None


@pytest.mark.parametrize(
    ("text", "hint", "woven"),
    [
        ("I lost my i phone.", "iPhone", "I lost my iPhone."),
        ("Is Kowalsky, by chance, in?", "Kowalski", "Is Kowalski, by chance, in?"),
        ("To voice platt please, now", "VoicePlat", "To VoicePlat please, now"),
        ("Tell doctor Patell I am late.", "Dr. Patel", "Tell Dr. Patel I am late."),
        ("Wait for me over there", "four", None),
        ("My name is Kovalsky, I think.", "Kowalski", None),
    ],
)
def test_words_of_a_sentence_become_the_hint(
    text: str, hint: str, woven: str | None
) -> None:
    assert drawn(text, hint) == woven


def test_in_a_sentence_the_sound_decides_what_is_less_alike() -> None:
    said, woven = "My name is Kovalsky, I think.", "My name is Kowalski, I think."

    assert drawn(said, "Kowalski", fits={said: -5.0, woven: -8.0}) == woven
    assert drawn(said, "Kowalski", fits={said: -5.0, woven: -30.0}) is None


def test_five_hundred_hints_are_many_but_not_too_many() -> None:
    names = [f"Person Number {word}" for word in map(str, range(100, 599))]
    hints = Hints([*names, "Anna Schmidt"], "en-US", "default")
    sentence = "Well I would like to speak to " + "someone else or " * 15

    first = hints.draw(heard(sentence + "Ana Schmitt please."))

    assert first is not None
    assert first.text.endswith("Anna Schmidt please.")


def test_of_two_hints_that_sound_alike_the_first_is_written() -> None:
    assert drawn("Seventeen", "17", "seventeen") == "17"


def test_a_hint_that_is_sure_has_more_confidence_than_one_that_is_near() -> None:
    hints = Hints(("technical support",), "en-US", "default")

    same = hints.draw(heard("Technical support."))
    near = hints.draw(heard("Technical supporters."))

    assert same is not None
    assert near is not None
    assert same.confidence == pytest.approx(0.9)
    assert 0.5 < near.confidence < same.confidence
