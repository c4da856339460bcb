"""Pronunciations in the alphabets of the engines."""

import pytest

from voiceplat.calls.script import Alphabet
from voiceplat.speech.phonemes import english, from_espeak, ipa


@pytest.mark.parametrize(
    ("x_sampa", "expected"),
    [
        ('pI"kA:n', "pɪˈkɑːn"),
        ("t@%meItoU", "təˌmeɪtoʊ"),
        ("Ti:S", "θiːʃ"),
        (r"r\Ed", "ɹɛd"),
        ("bO~", "bɔ̃"),
        ("n@`", "nɚ"),
    ],
)
def test_x_sampa_is_put_into_ipa(x_sampa: str, expected: str) -> None:
    assert ipa(x_sampa, Alphabet.X_SAMPA) == expected
    assert ipa(expected, Alphabet.IPA) == expected


@pytest.mark.parametrize(
    ("pronunciation", "american", "british"),
    [
        ("pɪˈkɑːn", "pɪˈkɑn", "pɪˈkɑːn"),
        ("təˈmeɪ.toʊ", "təˈmAtO", "təˈmAtQ"),
        ("dʒɜːni", "ʤɜɹni", "ʤɜːni"),
        ("t͡ʃɛk", "ʧɛk", "ʧɛk"),
        ("bɒt", "bɑt", "bɒt"),
    ],
)
def test_ipa_is_put_into_the_alphabet_of_the_english_voices(
    pronunciation: str, american: str, british: str
) -> None:
    assert english(pronunciation, british=False) == american
    assert english(pronunciation, british=True) == british


def test_what_espeak_writes_is_put_into_the_alphabet_of_the_others() -> None:
    assert from_espeak("(en)t^ʃˈa^ɪ(es) lˈe^ɪ-") == "ʧˈI lˈA"
