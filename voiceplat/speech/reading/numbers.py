"""Numbers as words: cardinal, ordinal, years, digits, fractions, with their units."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import Final

from num2words import CONVERTER_CLASSES, num2words

from voiceplat.speech.reading.tables import UNITS

_MOST_DIGITS: Final = 15
_NAMES: Final = {"nb": "no", "no": "no", "pt-br": "pt_BR"}
"""Languages that the library calls otherwise."""

_WHOLE: Final = re.compile(r"([+-]?)([0-9]+)")
_GROUPED: Final = {
    True: re.compile(r"[+-]?[0-9]{1,3}(?:[,\s][0-9]{3})+(?:\.[0-9]+)?"),
    False: re.compile(r"[+-]?[0-9]{1,3}(?:[.'\s][0-9]{3})+(?:,[0-9]+)?"),
}
"""With thousands marked; whether it is English."""
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]+)[.,]([0-9]+)")
_FRACTION: Final = re.compile(
    r"(?:([0-9]{1,9})\s*[+\s]\s*)?([0-9]{1,9})\s*[/\u2044]\s*([0-9]{1,9})"
)
_QUANTITY: Final = re.compile(
    r"(.*?[0-9])\s*([^\W\d_/]+(?:/h)?|%|°\s?[CF]?)", re.IGNORECASE
)
_ORDINAL: Final = re.compile(
    r"([0-9]+)\s*(?:st|nd|rd|th|er|re|e|ème|\.|º|ª|o|a)?", re.IGNORECASE
)


def primary(language: str) -> str:
    return language.casefold().partition("-")[0]


def cardinal(text: str, language: str) -> str:
    """`1,234` → one thousand two hundred and thirty-four."""
    number = _ungrouped(text.strip(), language)
    if whole := _WHOLE.fullmatch(number):
        sign, value = whole.groups()
        return _minus(sign, language) + _words(value, language)
    if primary(language) == "en" and (parts := _DECIMAL.fullmatch(number)):
        sign, value, decimals = parts.groups()
        point = f"{_words(value, language)} point {digits(decimals, language)}"
        return _minus(sign, language) + point
    return text


def ordinal(text: str, language: str) -> str:
    """`3` or `3rd` → third."""
    found = _ORDINAL.fullmatch(_ungrouped(text.strip(), language))
    return (found and _converted(found[1], "ordinal", language)) or text


def year(number: int, language: str) -> str:
    """`2026` → twenty twenty-six; in most languages a number like any other."""
    if primary(language) == "en":
        return _converted(str(number), "year", language) or str(number)
    return str(number)


def digits(text: str, language: str) -> str:
    """Each digit on its own; what stands between them is a short rest."""
    groups = [
        " ".join(_words(digit, language) for digit in group)
        for group in re.findall(r"[0-9]+", text)
    ]
    return ", ".join(groups) or text


def fraction(text: str, language: str) -> str:
    """`2 3/4` → two and three quarters."""
    found = _FRACTION.fullmatch(text.strip())
    if not found or int(found[3]) < 2 or primary(language) not in _PARTS:
        return text
    whole, over, under = found.groups()
    one, joint, and_a_half = _PARTS[primary(language)]
    if whole and (int(over), int(under)) == (1, 2):
        return f"{_words(whole, language)} {and_a_half}"
    name = _part(int(under), int(over), language)
    if name is None:
        return text
    part = f"{one if int(over) == 1 else _words(over, language)} {name}"
    return f"{_words(whole, language)} {joint} {part}" if whole else part


def unit(text: str, language: str) -> str:
    """`1/2inch`, `10 km`: how many of what."""
    found = _QUANTITY.fullmatch(text.strip())
    names = UNITS.get(primary(language), {})
    if not found or (sign := found[2].replace(" ", "").lower()) not in names:
        return text
    amount = found[1].strip()
    one, several = names[sign]
    if "/" in amount:
        is_one = not re.search(r"[+\s]", amount)
        return f"{fraction(amount, language)} {one if is_one else several}"
    if amount == "1":
        return f"{_PARTS[primary(language)][0]} {one}"
    return f"{cardinal(amount, language)} {several}"


_PARTS: Final = {
    "en": ("one", "and", "and a half"),
    "de": ("ein", "und", "einhalb"),
    "es": ("un", "y", "y medio"),
    "fr": ("un", "et", "et demi"),
    "it": ("un", "e", "e mezzo"),
    "pt": ("um", "e", "e meio"),
}
"""One of a part; what stands between a whole number and its part; half of one more."""

_HALVES: Final = {
    "en": ("half", "halves"),
    "de": ("halb", "halbe"),
    "es": ("medio", "medios"),
    "fr": ("demi", "demis"),
    "it": ("mezzo", "mezzi"),
    "pt": ("meio", "meios"),
}
_OWN_PARTS: Final = {
    ("en", 4): ("quarter", "quarters"),
    ("de", 3): ("drittel", "drittel"),
    ("de", 7): ("siebtel", "siebtel"),
    ("de", 8): ("achtel", "achtel"),
    ("es", 3): ("tercio", "tercios"),
    ("fr", 3): ("tiers", "tiers"),
    ("fr", 4): ("quart", "quarts"),
    ("pt", 3): ("terço", "terços"),
}


def _part(under: int, over: int, language: str) -> str | None:
    """The name of one part of `under`, or of `over` of them."""
    spoken = primary(language)
    if under == 2:
        return _HALVES[spoken][over != 1]
    if own := _OWN_PARTS.get((spoken, under)):
        return own[over != 1]
    if spoken == "de":
        return f"{_words(str(under), language)}{'tel' if under < 20 else 'stel'}"
    if spoken in {"es", "pt"} and under > 10:
        return None
    name = _converted(str(under), "ordinal", language)
    if name and over != 1:
        return f"{name[:-1]}i" if spoken == "it" else f"{name}s"
    return name


def _ungrouped(text: str, language: str) -> str:
    english = primary(language) == "en"
    if _GROUPED[english].fullmatch(text):
        return re.sub(r"[,\s]" if english else r"[.'\s]", "", text)
    return text


def _minus(sign: str, language: str) -> str:
    words = {"fr": "moins ", "es": "menos ", "it": "meno ", "pt": "menos "}
    return words.get(primary(language), "minus ") if sign == "-" else ""


def _words(number: str, language: str) -> str:
    """Cardinal; what is too long for one is read digit by digit."""
    if len(number) > _MOST_DIGITS:
        return " ".join(_words(digit, language) for digit in number)
    return _converted(number, "cardinal", language) or number


@lru_cache(maxsize=1024)
def _converted(number: str, to: str, language: str) -> str | None:
    """None when the library cannot."""
    name = _NAMES.get(language.casefold()) or _NAMES.get(primary(language))
    name = name or primary(language)
    if name not in CONVERTER_CLASSES or len(number) > _MOST_DIGITS:
        return None
    with suppress(NotImplementedError, ValueError, TypeError, OverflowError):
        said = str(num2words(int(number), lang=name, to=to))
        return said.replace(",", "")
    return None
