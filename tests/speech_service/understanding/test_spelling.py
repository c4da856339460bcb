import pytest

from voiceplat.speech_service.understanding.spelling import canonical


@pytest.mark.parametrize(
    ("language", "alike"),
    [
        ("en-US", ["17", "seventeen", "Seventeen!", " 17."]),
        ("en-US", ["January twenty-first", "january 21st.", "January 21 st"]),
        ("en-US", ["4420", "four four two oh", "4, 4-2 oh", "4,420", "44 20"]),
        ("en-US", ["three thirty PM", "3:30 p.m.", "3 30 pm"]),
        ("en-US", ["Dr. O'Brien", "doctor o\u2019brien"]),
        ("en-US", ["press 1 & 2", "Press one and two."]),
        ("en-GB", ["ninety nine", "99"]),
        ("es-ES", ["veintiuno", "21", "Veintiuno."]),
        ("es-ES", ["sí, mañana", "Si manana"]),
        ("fr-FR", ["quatre-vingt-dix-sept", "97"]),
        ("fr-FR", ["où êtes-vous ?", "Ou etes vous"]),
        ("de-DE", ["einundzwanzig", "21"]),
        ("hi-IN", ["नमस्ते, कृपया", "नमस्ते कृपया।"]),
    ],
)
def test_what_sounds_alike_is_spelled_alike(language: str, alike: list[str]) -> None:
    assert len({canonical(text, language) for text in alike}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("17", "70"), ("21st", "21"), ("no", "number"), ("to", "two")]
)
def test_what_sounds_different_is_not(one: str, other: str) -> None:
    assert canonical(one, "en-US") != canonical(other, "en-US")


def test_a_language_without_known_numbers_keeps_its_words() -> None:
    assert canonical("fil isa dalawa 3", "fil-PH") == "fil isa dalawa 3"
