"""Voices and their languages, against the tables of the specification."""

import re
from pathlib import Path

import pytest

from voiceplat.calls.voices import (
    BASIC,
    POLLY,
    Gender,
    Wanted,
    is_supported,
    known_voice,
    wanted,
)

SPEC = Path(__file__).parents[2] / "docs/spec/plivo-xml.md"


def section(title: str) -> str:
    text = SPEC.read_text().split(f"**{title}**")[1]
    return text.split("\n\n")[1]


def test_the_basic_voices_are_those_of_the_specification() -> None:
    rows = re.findall(r"([a-z]{2}-[A-Z]{2}) \| (\S) \| (\S)", section("Basic voices"))

    told = {
        language: {
            gender for gender, mark in zip(Gender, marks, strict=True) if mark == "✓"
        }
        for language, *marks in rows
    }
    assert told == BASIC


def test_the_polly_voices_are_those_of_the_specification() -> None:
    told = set()
    for row in section("Polly voices").splitlines()[2:]:
        language, women, men = (cell.strip() for cell in row.strip("|").split("|"))
        names = re.sub(r"\(.*\)", "", f"{women}, {men}").split(",")
        told |= {
            (name.strip().removesuffix("-Standard"), language)
            for name in names
            if name.strip(" \u2013")
        }

    assert told == {
        (name, language)
        for language, people in POLLY.items()
        for names in people.values()
        for name in names.split()
    }


def test_a_polly_voice_brings_its_own_language() -> None:
    person = wanted("Polly.Mizuki", "en-US")

    assert person == Wanted("ja-jp", Gender.WOMAN)


@pytest.mark.parametrize("voice", ["alice", "Polly.", "Polly.A.B", "Polly"])
def test_a_voice_that_nobody_is_called_becomes_the_default(voice: str) -> None:
    assert known_voice(voice, "fr-FR") == "WOMAN"


@pytest.mark.statement(81)
def test_some_languages_have_one_basic_voice_only() -> None:
    assert is_supported("MAN", "pt-PT")
    assert not is_supported("WOMAN", "pt-PT")
    assert is_supported("WOMAN", "sv-SE")
    assert not is_supported("MAN", "sv-SE")
