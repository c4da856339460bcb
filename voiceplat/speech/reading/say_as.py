"""The values of say-as: which reading each has (plivo-xml 3.2)."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from voiceplat.calls.script import SayAs, Words
from voiceplat.speech.reading import moments, numbers
from voiceplat.speech.reading.tables import SIGNS, STREETS

_GROUPS: Final = {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)}
"""How telephone numbers without spaces are grouped, by their length."""
_EXTENSION: Final = re.compile(r"(.*\d)\s*(?:ext\.?|x)\s*(\d+)", re.IGNORECASE)


def read(words: Words, language: str) -> str:
    """What is said for them; words without say-as are said as they stand."""
    if words.say_as is None or not words.text.strip():
        return words.text
    if words.say_as is SayAs.DATE:
        return moments.date(words.text, words.format, language)
    reading = _READINGS.get(words.say_as)
    return reading(words.text.strip(), language) if reading else words.text


def characters(text: str, language: str) -> str:
    """One by one: letters by their names, signs too."""
    signs = SIGNS.get(numbers.primary(language), {})
    spelled = [
        numbers.digits(char, language) if char.isdecimal() else signs.get(char, char)
        for char in text.upper()
        if not char.isspace()
    ]
    return ", ".join(spelled)


def telephone(text: str, language: str) -> str:
    """Digit by digit, with rests where people make them."""
    if extended := _EXTENSION.fullmatch(text):
        number, extension = extended.groups()
        word = "extension" if numbers.primary(language) == "en" else ""
        inner = numbers.digits(extension, language)
        return f"{telephone(number, language)}, {word} {inner}"
    plus = SIGNS.get(numbers.primary(language), {}).get("+", "+")
    lead = f"{plus} " if text.startswith("+") else ""
    groups = re.findall(r"[0-9]+", text)
    if len(groups) == 1:
        groups = _grouped(groups[0])
    return (lead + numbers.digits(" ".join(groups), language)) if groups else text


def address(text: str, language: str) -> str:
    """An American street address; house numbers in pairs, ZIP codes in digits."""
    if numbers.primary(language) != "en":
        return text
    return " ".join(_of_address(word, language) for word in text.split())


def _of_address(word: str, language: str) -> str:
    bare = word.rstrip(".,")
    after = "," if word.endswith(",") else ""
    if bare.isdecimal() and len(bare) == 5:
        return numbers.digits(bare, language) + after
    if bare.isdecimal() and len(bare) in {3, 4}:
        return _in_pairs(bare, language) + after
    return (STREETS[bare.lower()] + after) if bare.lower() in STREETS else word


def _in_pairs(number: str, language: str) -> str:
    """`1234` → twelve thirty-four; round ones as they are."""
    head, tail = number[:-2], number[-2:]
    if tail == "00" or head.endswith("0"):
        return numbers.cardinal(number, language)
    spoken = numbers.cardinal(str(int(tail)), language)
    zero = "oh " if tail.startswith("0") else ""
    return f"{numbers.cardinal(head, language)} {zero}{spoken}"


def _grouped(number: str) -> list[str]:
    sizes = _GROUPS.get(len(number)) or (3,) * (len(number) // 3)
    groups: list[str] = []
    start = 0
    for size in sizes:
        groups.append(number[start : start + size])
        start += size
    return [*groups, number[start:]] if start < len(number) else groups


_READINGS: Final[Mapping[SayAs, Callable[[str, str], str]]] = {
    SayAs.CHARACTERS: characters,
    SayAs.CARDINAL: numbers.cardinal,
    SayAs.ORDINAL: numbers.ordinal,
    SayAs.DIGITS: numbers.digits,
    SayAs.FRACTION: numbers.fraction,
    SayAs.UNIT: numbers.unit,
    SayAs.TIME: moments.time,
    SayAs.ADDRESS: address,
    SayAs.TELEPHONE: telephone,
}
