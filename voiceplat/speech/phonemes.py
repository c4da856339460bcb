"""Pronunciations: X-SAMPA to IPA, IPA to the alphabet of the neural voices.

That alphabet (misaki's) writes diphthongs and affricates as one letter each and marks
no syllables; British vowels keep their length, American ones have none.
"""

import re
from collections.abc import Mapping
from typing import Final

from voiceplat.calls.script import Alphabet


def _pairs(written: str) -> dict[str, str]:
    """`a b c d` → a becomes b, c becomes d; a dot becomes nothing."""
    signs = written.split()
    into = ("" if sign == "." else sign for sign in signs[1::2])
    return dict(zip(signs[::2], into, strict=True))


_X_SAMPA: Final = _pairs(
    "A ɑ B β D ð E ɛ I ɪ M ɯ N ŋ O ɔ Q ɒ R ʁ S ʃ T θ U ʊ V ʌ Y ʏ Z ʒ C ç F ɱ G ɣ H ɥ "
    "J ɲ K ɬ L ʎ P ʋ W ʍ X χ @ ə { æ } ʉ & ɶ 1 ɨ 2 ø 3 ɜ 4 ɾ 5 ɫ 6 ɐ 7 ɤ 8 ɵ 9 œ ? ʔ "
    "\" ˈ % ˌ : ː :\\ ˑ _ . ' ʲ ` ˞ g ɡ ~ ̃ = ̩ _~ ̃ _= ̩ _h ʰ _j ʲ "
    "r\\ ɹ r\\` ɻ R\\ ʀ h\\ ɦ j\\ ʝ v\\ ʋ @\\ ɘ @` ɚ 3\\ ɞ 3` ɝ I\\ ᵻ U\\ ᵿ "
    "t` ʈ d` ɖ n` ɳ s` ʂ z` ʐ l` ɭ r` ɽ J\\ ɟ G\\ ɢ N\\ ɴ B\\ ʙ p\\ ɸ s\\ ɕ z\\ ʑ "
    "x\\ ɧ H\\ ʜ K\\ ɮ L\\ ʟ M\\ ɰ X\\ ħ ?\\ ʕ"
)
_IN_ENGLISH: Final = _pairs(
    "d͡ʒ ʤ t͡ʃ ʧ d͡z ʣ t͡s ʦ dʒ ʤ tʃ ʧ eɪ A aɪ I aʊ W ɔɪ Y g ɡ r ɹ ɝ ɜɹ ɚ əɹ e ɛ a æ "
    "ɫ l ʲ . ̩ . ͡ ."
) | {".": ""}
_AMERICAN: Final = _pairs("oʊ O əʊ O ɜː ɜɹ ɒ ɑ ɐ ʌ ɾ T ː .")
_BRITISH: Final = _pairs("oʊ Q əʊ Q eə ɛː ɾ t")
_FROM_ESPEAK: Final = _pairs(
    "a^ɪ I a^ʊ W d^z ʣ d^ʒ ʤ e^ɪ A o^ʊ O ə^ʊ Q s^s S t^s ʦ t^ʃ ʧ ɔ^ɪ Y "
    "^ . - . _ . ͡ . \u200d . ̩ . ʲ . g ɡ"
)
_LANGUAGE_MARK: Final = re.compile(r"\([a-z-]+\)")
"""espeak notes so where it changes its language for a foreign word."""


def ipa(phonemes: str, alphabet: Alphabet) -> str:
    """The pronunciation in IPA; what is no sign of the alphabet stays as it is."""
    if alphabet is Alphabet.IPA:
        return phonemes
    return _put_in(phonemes, _X_SAMPA)


def english(pronunciation: str, *, british: bool) -> str:
    """IPA in the alphabet of the English voices."""
    own = _BRITISH if british else _AMERICAN
    return _put_in(pronunciation, {**_IN_ENGLISH, **own})


def from_espeak(pronunciation: str) -> str:
    """IPA as espeak writes it, ties as `^`, in the alphabet of the other voices."""
    return _put_in(_LANGUAGE_MARK.sub("", pronunciation), _FROM_ESPEAK)


def _put_in(phonemes: str, signs: Mapping[str, str]) -> str:
    """The longest sign wins."""
    longest_first = sorted(signs, key=len, reverse=True)
    parts = re.compile("|".join(map(re.escape, longest_first)))
    return parts.sub(lambda found: signs[found[0]], phonemes)
