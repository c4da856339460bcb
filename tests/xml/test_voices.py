"""Voices and their languages, against the tables of the specification."""

import re
from pathlib import Path

import pytest

from voiceplat.xml.voices import (
    BASIC_LANGUAGES,
    POLLY_LANGUAGES,
    choose,
    is_spoken,
)

SPEC = Path(__file__).parents[2] / "docs/spec/plivo-xml.md"


def section(title: str) -> str:
    text = SPEC.read_text().split(f"**{title}**")[1]
    return text.split("\n\n")[1]


def test_the_basic_voices_are_those_of_the_specification() -> None:
    rows = re.findall(r"([a-z]{2}-[A-Z]{2}) \| (\S) \| (\S)", section("Basic voices"))

    told = {
        "WOMAN": {language for language, woman, _ in rows if woman == "✓"},
        "MAN": {language for language, _, man in rows if man == "✓"},
    }
    assert told == BASIC_LANGUAGES


def test_the_polly_voices_are_those_of_the_specification() -> None:
    told = set()
    for row in section("Polly voices").splitlines()[2:]:
        language, women, men = (cell.strip() for cell in row.strip("|").split("|"))
        names = re.sub(r"\(.*\)", "", f"{women}, {men}").split(",")
        told |= {(name.strip(), language) for name in names if name.strip(" \u2013")}

    assert told == {
        (name, language)
        for name, languages in POLLY_LANGUAGES.items()
        for language in languages
    }


@pytest.mark.statement(81)
def test_some_languages_have_one_basic_voice_only() -> None:
    assert is_spoken("MAN", "pt-PT")
    assert not is_spoken("WOMAN", "pt-PT")
    assert is_spoken("WOMAN", "sv-SE")
    assert not is_spoken("MAN", "sv-SE")


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (("WOMAN", "sv-SE"), ("WOMAN", "sv-SE")),
        (("MAN", "sv-SE"), ("MAN", "en-US")),
        (("alice", "de-DE"), ("WOMAN", "de-DE")),
        (("Polly.Amy", "en-US"), ("Polly.Amy", "en-GB")),
        (("Polly.Aditi", "hi-IN"), ("Polly.Aditi", "hi-IN")),
        (("Polly.Aditi", "en-US"), ("Polly.Aditi", "en-IN")),
        (("Polly.Nobody", "fr-FR"), ("Polly.Nobody", "fr-FR")),
    ],
)
def test_what_nobody_has_becomes_something_that_can_be_spoken(
    asked: tuple[str, str], chosen: tuple[str, str]
) -> None:
    assert choose(*asked) == chosen
