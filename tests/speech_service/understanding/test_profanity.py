import pytest

from voiceplat.speech_service.understanding.profanity import mask


@pytest.mark.statement(139)
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Oh shit.", "Oh s***."),
        ("What the FUCK is this?", "What the F*** is this?"),
        ("fucking damned assholes!", "f****** d***** a*******!"),
        ("Motherfucker", "M***********"),
        ("¡Mierda, coño!", "¡M*****, c***!"),
        ("Putain de merde", "P***** de m****"),
        ("So eine Scheiße, Arschloch", "So eine S******, A********"),
        ("che cazzo", "che c****"),
        ("que porra", "que p****"),
    ],
)
def test_the_first_letter_stays(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        *("Scunthorpe", "a classic class", "assistant", "Dickens", "the cockpit"),
        *("pass the glass", "my passport", "peacock", "shiitake", "computer"),
    ],
)
def test_words_that_only_contain_one_stay(text: str) -> None:
    assert mask(text) == text
