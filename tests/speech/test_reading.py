"""Text that is said to be something, as the words people say for it."""

import pytest

from voiceplat.calls.script import SayAs, Words
from voiceplat.calls.voices import BASIC, POLLY
from voiceplat.speech.reading.say_as import read
from voiceplat.speech.reading.tables import EAST_ASIAN_DATES, MONTHS

OAK_STREET = "twelve thirty-four North Oak Street, Apartment 5"


def said(kind: str, text: str, language: str = "en-US", form: str = "") -> str:
    return read(Words(text, say_as=SayAs(kind), format=form), language)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("characters", "AB-3", "A, B, dash, three"),
        ("characters", "a@b.c", "A, at, B, dot, C"),
        ("cardinal", "1,234", "one thousand two hundred and thirty-four"),
        ("cardinal", "-7", "minus seven"),
        ("cardinal", "3.14", "three point one four"),
        ("cardinal", "about 5", "about 5"),
        ("ordinal", "3", "third"),
        ("ordinal", "21st", "twenty-first"),
        ("digits", "4021", "four zero two one"),
        ("digits", "40-21", "four zero, two one"),
        ("fraction", "1/2", "one half"),
        ("fraction", "2 1/2", "two and a half"),
        ("fraction", "2+3/4", "two and three quarters"),
        ("fraction", "5/32", "five thirty-seconds"),
        ("fraction", "1/0", "1/0"),
        ("unit", "10km", "ten kilometers"),
        ("unit", "1 kg", "one kilogram"),
        ("unit", "1/2inch", "one half inch"),
        ("unit", "20°C", "twenty degrees Celsius"),
        ("unit", "3 zorkmids", "3 zorkmids"),
        ("time", "2:30pm", "two thirty PM"),
        ("time", "9:05 a.m.", "nine oh five AM"),
        ("time", "9:00", "nine o'clock"),
        ("time", "14:30", "fourteen thirty"),
        ("time", "1'21\"", "one minute twenty-one seconds"),
        ("time", "5'", "five minutes"),
        ("time", "25:99", "25:99"),
        ("telephone", "2125551212", "two one two, five five five, one two one two"),
        ("telephone", "555-1212", "five five five, one two one two"),
        ("telephone", "+1 212 555", "plus one, two one two, five five five"),
        ("telephone", "12 x3", "one two, extension three"),
        ("telephone", "112", "one one two"),
        ("address", "1234 N Oak St., Apt 5", OAK_STREET),
        ("address", "Springfield 01234", "Springfield zero one two three four"),
        ("expletive", "darn", "darn"),
        ("cardinal", "", ""),
    ],
)
def test_english(kind: str, text: str, words: str) -> None:
    assert said(kind, text) == words


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("mdy", "10/12/2026", "October twelfth, twenty twenty-six"),
        ("dmy", "3-4-99", "April third, nineteen ninety-nine"),
        ("ymd", "2026/01/31", "January thirty-first, twenty twenty-six"),
        ("md", "12/25", "December twenty-fifth"),
        ("dm", "25.12.", "December twenty-fifth"),
        ("ym", "2026-5", "May twenty twenty-six"),
        ("my", "5/26", "May twenty twenty-six"),
        ("d", "3", "third"),
        ("m", "7", "July"),
        ("y", "1984", "nineteen eighty-four"),
        ("yyyymmdd", "20260301", "March first, twenty twenty-six"),
        ("yyyymmdd", "????0925", "September twenty-fifth"),
        ("", "20260301", "March first, twenty twenty-six"),
        ("", "2026-03-01", "March first, twenty twenty-six"),
        ("", "3/1/2026", "March first, twenty twenty-six"),
        ("mdy", "13/45/2026", "13/45/2026"),
        ("mdy", "soon", "soon"),
        ("mdy", "1/2", "1/2"),
    ],
)
def test_dates_in_every_format(form: str, text: str, words: str) -> None:
    assert said("date", text, form=form) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-GB", "the first of March, twenty twenty-six"),
        ("de-DE", "erster März 2026"),
        ("es-ES", "primero de marzo de 2026"),
        ("fr-FR", "premier mars 2026"),
        ("it-IT", "primo marzo 2026"),
        ("pt-BR", "primeiro de março de 2026"),
        ("sv-SE", "första mars 2026"),
        ("pl-PL", "1 marca 2026"),
        ("cmn-CN", "2026年3月1日"),
    ],
)
def test_dates_in_other_languages(language: str, words: str) -> None:
    assert said("date", "01/03/2026", language, "dmy") == words


@pytest.mark.parametrize(
    ("kind", "text", "language", "words"),
    [
        ("digits", "40", "de-DE", "vier null"),
        ("digits", "40", "hi-IN", "4 0"),
        ("characters", "A-1", "fr-FR", "A, tiret, un"),
        ("cardinal", "1.234", "de-DE", "eintausendzweihundertvierunddreißig"),
        ("cardinal", "-5", "es-ES", "menos cinco"),
        ("ordinal", "21", "fr-FR", "vingt et unième"),
        ("ordinal", "21", "cmn-CN", "21"),
        ("fraction", "3/4", "de-DE", "drei viertel"),
        ("fraction", "2/3", "fr-FR", "deux tiers"),
        ("fraction", "3/4", "it-IT", "tre quarti"),
        ("fraction", "3/4", "pl-PL", "3/4"),
        ("unit", "10km", "es-ES", "diez kilómetros"),
        ("unit", "1 km", "de-DE", "ein Kilometer"),
        ("time", "14:30", "de-DE", "14 Uhr 30"),
        ("time", "1'21\"", "fr-FR", "une minute vingt et un secondes"),
        ("telephone", "112", "nb-NO", "en en to"),
        ("address", "1234 Main St", "de-DE", "1234 Main St"),
    ],
)
def test_other_languages(kind: str, text: str, language: str, words: str) -> None:
    assert said(kind, text, language) == words


def test_every_language_of_the_contract_can_read_a_date() -> None:
    languages = {tag.partition("-")[0] for tag in (*BASIC, *POLLY)}

    assert languages <= MONTHS.keys() | EAST_ASIAN_DATES.keys()
    assert {len(months) for months in MONTHS.values()} == {12}


@pytest.mark.parametrize("kind", list(SayAs))
@pytest.mark.parametrize("text", ["9" * 400, "?", "1/2/3/4", "\u200b", "-", "½", "٣"])
@pytest.mark.parametrize("language", ["en-US", "de-DE", "zh-CN", "xx"])
def test_nothing_that_is_said_is_too_odd(kind: SayAs, text: str, language: str) -> None:
    assert isinstance(said(kind, text, language), str)
