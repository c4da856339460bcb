import pytest

from voiceplat.speech_service.understanding.digits import spoken_digits


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Four, four two oh.", "4420"),
        ("4, 4-2 oh", "4420"),
        ("4,420", "4420"),
        ("555-1212", "5551212"),
        ("Three, six, three, three.", "3633"),
        ("8. 0.", "80"),
        ("8, 6...", "86"),
        ("2 2", "22"),
        ("Seven.", "7"),
        ("0, 8, 3, 1", "0831"),
        ("double four two", "442"),
        ("9 triple 1", "9111"),
        ("one for ate", "148"),
    ],
)
def test_digits_are_written_as_a_number(text: str, digits: str) -> None:
    assert spoken_digits(text, "en-US") == digits


@pytest.mark.parametrize(
    "text",
    [
        *("", "...", "Sales.", "to", "for", "oh", "Oh, for two seconds."),
        *("3.5", "$4.20", "12:30", "50%", "1/2", "Press 1 now", "twenty one"),
        *("double", "four double"),
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert spoken_digits(text, "en-US") is None


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("es-ES", "Cuatro, dos, cero", "420"),
        ("fr-FR", "quatre deux zéro", "420"),
        ("de-DE", "vier zwei null", "420"),
        ("it-IT", "quattro, due, zero.", "420"),
        ("pt-BR", "quatro dois zero", "420"),
    ],
)
def test_other_languages_have_digits_too(language: str, text: str, digits: str) -> None:
    assert spoken_digits(text, language) == digits
