"""Dates and times of day as words."""

import re
from collections.abc import Mapping
from typing import Final

from voiceplat.speech.reading.numbers import cardinal, ordinal, primary, year
from voiceplat.speech.reading.tables import (
    CLOCKS,
    DATES,
    DAY_IS_ORDINAL,
    EAST_ASIAN_DATES,
    FIRST_OF_MONTH,
    MONTHS,
)

_ORDERS: Final = frozenset(["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y"])
_FIELD: Final = re.compile(r"[0-9]+|[^\W\d_]+|\?+")
_COMPACT: Final = re.compile(r"([0-9]{4}|\?{4})([0-9]{2}|\?\?)([0-9]{2}|\?\?)")
_CLOCK: Final = re.compile(
    r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?::([0-9]{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE
)
_DURATION: Final = re.compile(r"([0-9]{1,4})['′](?:\s*([0-9]{1,2})(?:''|[\"″]))?")
_CENTURY_TURNS: Final = 69
"""Years of two digits from here on are of the twentieth century."""


def date(text: str, order: str, language: str) -> str:
    """`10/12/2026` as `mdy` → October twelfth, twenty twenty-six."""
    fields = _fields(text.strip(), order, language)
    if not fields:
        return text
    month = fields.get("m", "")
    number = int(month) if month.isdecimal() else 0
    day = int(fields["d"]) if fields.get("d", "").isdecimal() else 0
    if number > 12 or day > 31 or (month.isdecimal() and not number):
        return text
    of_year = _whole_year(fields.get("y", ""))
    if marks := EAST_ASIAN_DATES.get(primary(language)):
        parts = zip((of_year, number, day), marks, strict=True)
        return "".join(f"{value}{mark}" for value, mark in parts if value).strip()
    names = MONTHS.get(primary(language))
    if names is None:
        return text
    name = names[number - 1] if number else month
    if primary(language) == "en":
        return _english(name, day, of_year, language)
    return _elsewhere(name, day, of_year, language)


def time(text: str, language: str) -> str:
    """`2:30pm` → two thirty PM; `1'21"` → one minute twenty-one seconds."""
    said = text.strip().replace("&quot;", '"')
    if found := _DURATION.fullmatch(said):
        return _duration(found[1], found[2] or "", language)
    clock = _CLOCK.fullmatch(said)
    if not clock or primary(language) not in CLOCKS:
        return text
    hour, minute, second, half = clock.groups()
    if int(hour) > 24 or int(minute or 0) > 59 or not (minute or half):
        return text
    if primary(language) == "en":
        return _english_clock(hour, minute or "00", second or "", half or "", language)
    return _clock(hour, minute or "00", language)


def _fields(text: str, order: str, language: str) -> Mapping[str, str]:
    """What is written in the places of `order`; empty when it does not fit."""
    if found := _COMPACT.fullmatch(text):
        written, order = list(found.groups()), "ymd"
    else:
        written = _FIELD.findall(text)
        if order not in _ORDERS:
            order = _usual_order(written, language)
    if len(written) != len(order):
        return {}
    return {
        place: field
        for place, field in zip(order, written, strict=True)
        if not field.startswith("?")
    }


def _usual_order(written: list[str], language: str) -> str:
    if written and len(written[0]) == 4:
        return "ymd"[: len(written)]
    months_first = language.casefold() in {"en-us", "en"}
    return ("mdy" if months_first else "dmy")[: len(written)]


def _whole_year(written: str) -> int:
    if not written.isdecimal():
        return 0
    number = int(written)
    if len(written) != 2:
        return number if number < 10000 else 0
    return number + (1900 if number >= _CENTURY_TURNS else 2000)


def _english(month: str, day: int, of_year: int, language: str) -> str:
    spoken_day = ordinal(str(day), language) if day else ""
    if month and spoken_day and language.casefold() not in {"en-us", "en"}:
        said = f"the {spoken_day} of {month}"
    else:
        said = f"{month} {spoken_day}".strip()
    if not of_year:
        return said
    joint = ", " if spoken_day else " "
    return f"{said}{joint}{year(of_year, language)}".strip()


def _elsewhere(month: str, day: int, of_year: int, language: str) -> str:
    spoken = primary(language)
    if not (month and day):
        joint = " de " if spoken in {"es", "pt"} else " "
        return joint.join(str(it) for it in (day, month, of_year) if it)
    form = DATES.get(spoken, "{d} {m} {y}")
    words = {"d": str(day), "m": month, "y": str(of_year)}
    if day == 1 and spoken in FIRST_OF_MONTH:
        words["d"] = FIRST_OF_MONTH[spoken]
    elif spoken in DAY_IS_ORDINAL:
        form = form.replace("{d}.", "{d}")
        words["d"] = ordinal(str(day), language) + ("r" if spoken == "de" else "")
    if not of_year:
        form = form.partition("{m}")[0] + "{m}"
    return form.format(**words)


def _english_clock(
    hour: str, minute: str, second: str, half: str, language: str
) -> str:
    words = [cardinal(hour, language)]
    if minute == "00":
        words += [] if half else ["o'clock" if int(hour) <= 12 else "hundred"]
    elif minute.startswith("0"):
        words += ["oh", cardinal(minute[1], language)]
    else:
        words.append(cardinal(minute, language))
    if second:
        words += ["and", cardinal(str(int(second)), language), "seconds"]
    return " ".join([*words, f"{half.upper()}M"] if half else words)


def _clock(hour: str, minute: str, language: str) -> str:
    """Hour and minute with the language's word between; engines read the numbers."""
    between = CLOCKS[primary(language)].hour
    parts = [str(int(hour)), between, str(int(minute))]
    if minute == "00":
        parts = [str(int(hour)), between if between in {"Uhr", "uur", "heures"} else ""]
    return " ".join(part for part in parts if part)


def _duration(minutes: str, seconds: str, language: str) -> str:
    words = CLOCKS.get(primary(language))
    if words is None:
        return f"{minutes} {seconds}".strip()
    parts = [(minutes, words.minute, words.minutes)]
    if seconds:
        parts.append((seconds, words.second, words.seconds))
    return " ".join(
        f"{words.one} {one}"
        if int(number) == 1
        else f"{cardinal(str(int(number)), language)} {several}"
        for number, one, several in parts
    )
