"""The voices of the wire contract: who they are, not who speaks for them.

Source: docs/spec/plivo-xml.md 3.2.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Gender(StrEnum):
    WOMAN = "woman"
    MAN = "man"


W, M = Gender.WOMAN, Gender.MAN

DEFAULT_VOICE: Final = "WOMAN"
DEFAULT_LANGUAGE: Final = "en-US"

BASIC: Final[Mapping[str, frozenset[Gender]]] = {
    "da-DK": frozenset({W}),
    "nl-NL": frozenset({W, M}),
    "en-AU": frozenset({W, M}),
    "en-GB": frozenset({W, M}),
    "en-US": frozenset({W, M}),
    "fr-FR": frozenset({W, M}),
    "fr-CA": frozenset({W}),
    "de-DE": frozenset({W, M}),
    "it-IT": frozenset({W, M}),
    "pl-PL": frozenset({W, M}),
    "pt-PT": frozenset({M}),
    "pt-BR": frozenset({W, M}),
    "ru-RU": frozenset({W}),
    "es-ES": frozenset({W, M}),
    "es-US": frozenset({W, M}),
    "sv-SE": frozenset({W}),
}
"""The languages of `voice="WOMAN"` and `voice="MAN"`."""

POLLY: Final[Mapping[str, Mapping[Gender, str]]] = {
    "en-US": {W: "Joanna Salli Kendra Kimberly Ivy", M: "Matthew Justin Joey"},
    "en-GB": {W: "Amy Emma", M: "Brian"},
    "en-GB-WLS": {M: "Geraint"},
    "en-AU": {W: "Nicole", M: "Russell"},
    "en-IN": {W: "Raveena Aditi"},
    "cy-GB": {W: "Gwyneth"},
    "da-DK": {W: "Naja", M: "Mads"},
    "nl-NL": {W: "Lotte", M: "Ruben"},
    "fr-FR": {W: "Lea Celine", M: "Mathieu"},
    "fr-CA": {W: "Chantal"},
    "de-DE": {W: "Vicki Marlene", M: "Hans"},
    "hi-IN": {W: "Aditi"},
    "is-IS": {W: "Dora", M: "Karl"},
    "it-IT": {W: "Carla", M: "Giorgio"},
    "ja-JP": {W: "Mizuki", M: "Takumi"},
    "ko-KR": {W: "Seoyeon"},
    "cmn-CN": {W: "Zhiyu"},
    "nb-NO": {W: "Liv"},
    "pl-PL": {W: "Ewa Maja", M: "Jacek Jan"},
    "pt-BR": {W: "Vitória", M: "Ricardo"},
    "pt-PT": {W: "Ines", M: "Cristiano"},
    "ro-RO": {W: "Carmen"},
    "ru-RU": {W: "Tatyana", M: "Maxim"},
    "es-ES": {W: "Conchita", M: "Enrique"},
    "es-MX": {W: "Mia"},
    "es-US": {W: "Penelope Lupe", M: "Miguel"},
    "sv-SE": {W: "Astrid"},
    "tr-TR": {W: "Filiz"},
}
"""The names of `voice="Polly.<Name>"`; a name fixes its language."""

_POLLY_ENGINES = ("-standard", "-neural")
"""Suffixes of a Polly name that say how it is made, not who speaks."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a document asks for; `language` is lower-case."""

    language: str
    gender: Gender


def is_supported(voice: str, language: str) -> bool:
    """Whether the contract's tables have this voice, for strict mode (statement 82)."""
    gender = _basic_gender(voice)
    if gender is None:
        return wanted(voice, language) is not None
    return gender in _BASIC_BY_TAG.get(language.casefold(), frozenset())


def wanted(voice: str, language: str) -> Wanted | None:
    """Language and gender of a voice; None when nobody is called so."""
    if gender := _basic_gender(voice):
        return Wanted(language.casefold(), gender)
    family, _, name = _plain(voice).partition(".")
    for suffix in _POLLY_ENGINES:
        name = name.removesuffix(suffix)
    people = _POLLY_BY_NAME.get(name, ()) if family == "polly" else ()
    same = [person for person in people if person.language == language.casefold()]
    return next(iter((*same, *people)), None)


def known_voice(voice: str, language: str) -> str:
    """`voice`, or the default one when nobody is called so."""
    return voice if wanted(voice, language) else DEFAULT_VOICE


def is_polly(voice: str) -> bool:
    """Only Polly voices give SSML tags a meaning (statement 84)."""
    return _plain(voice).startswith("polly.")


def _basic_gender(voice: str) -> Gender | None:
    return {"WOMAN": W, "MAN": M}.get(voice.upper())


def _plain(name: str) -> str:
    """Without case and accents: Vitória is Vitoria."""
    spelled = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in spelled if not unicodedata.combining(char))


def _polly_by_name() -> dict[str, tuple[Wanted, ...]]:
    people: dict[str, tuple[Wanted, ...]] = {}
    for language, genders in POLLY.items():
        for gender, names in genders.items():
            for name in map(_plain, names.split()):
                person = Wanted(language.casefold(), gender)
                people[name] = (*people.get(name, ()), person)
    return people


_BASIC_BY_TAG: Final = {tag.casefold(): genders for tag, genders in BASIC.items()}
_POLLY_BY_NAME: Final = _polly_by_name()
