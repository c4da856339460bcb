from voiceplat.calls.hearing import Interim
from voiceplat.speech_service.interim import Agreement


def agreed(*texts: str) -> list[Interim]:
    agreement = Agreement()
    return [agreement.agree(text) for text in texts]


def test_words_that_two_decodes_agree_on_are_stable() -> None:
    assert agreed("I would", "I would like", "I would like to") == [
        Interim("", "I would", 0.0),
        Interim("I would", "like", 2 / 3),
        Interim("I would like", "to", 3 / 4),
    ]


def test_what_was_stable_is_never_taken_back() -> None:
    told = agreed("dial two", "Dial two now", "dial 2 now please", "Dial 2 now please")

    assert [it.stable for it in told] == ["", "Dial two", "Dial two", "Dial two"]


def test_marks_and_capitals_are_no_disagreement() -> None:
    assert agreed("hello there", "Hello, there I")[1].stable == "Hello, there"
