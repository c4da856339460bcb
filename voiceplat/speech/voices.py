"""The voices of the wire contract, and which installed voice speaks for each.

Source: docs/spec/plivo-xml.md 3.2. A wanted voice is a language and a gender; among
the installed voices the nearest language wins, then the gender, then the engine's
preference. Only a language that no engine has, or an unknown name, is refused.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from voiceplat.core.errors import SpeechError
from voiceplat.speech.engine import Gender, SynthesizerInfo

W, M = Gender.WOMAN, Gender.MAN

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


_LISTED_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    language: str
    gender: Gender


@dataclass(frozen=True, slots=True)
class Choice:
    """The installed voice that speaks, and the engine it belongs to."""

    engine: str
    version: str
    voice: str


def choose(voice: str, language: str, installed: Iterable[SynthesizerInfo]) -> Choice:
    """The installed voice nearest to what a document asks for.

    Raises SpeechError, which names what is installed, when there is none.
    """
    engines = tuple(installed)
    wanted = _wanted(voice, language)
    if wanted is None:
        raise SpeechError(f"no voice is called {voice!r}; {_offer(engines)}")
    ranked = [
        (
            (_nearness(own.language, wanted.language), own.gender == wanted.gender),
            own,
            e,
        )
        for e in engines
        for own in e.voices
    ]
    best = max(ranked, key=lambda entry: (entry[0], entry[2].preference), default=None)
    if best is None or best[0][0] == 0:
        raise SpeechError(f"no voice speaks {wanted.language}; {_offer(engines)}")
    return Choice(best[2].name, best[2].version, best[1].id)


def is_supported(voice: str, language: str) -> bool:
    """Whether the contract's tables have this voice, for strict mode (statement 82)."""
    gender = _basic_gender(voice)
    if gender is None:
        return _wanted(voice, language) is not None
    return gender in _BASIC_BY_TAG.get(language.casefold(), frozenset())


def _wanted(voice: str, language: str) -> Wanted | None:
    if gender := _basic_gender(voice):
        return Wanted(language.casefold(), gender)
    family, _, name = _plain(voice).partition(".")
    for suffix in _POLLY_ENGINES:
        name = name.removesuffix(suffix)
    people = _POLLY_BY_NAME.get(name, ()) if family == "polly" else ()
    same = [person for person in people if person.language == language.casefold()]
    return next(iter((*same, *people)), None)


def _basic_gender(voice: str) -> Gender | None:
    return {"WOMAN": W, "MAN": M}.get(voice.upper())


def _nearness(have: str, want: str) -> int:
    """3 the same tag, 2 one of them names no region, 1 the same language, 0 another."""
    have, want = have.casefold(), want.casefold()
    if have == want:
        return 3
    if have.partition("-")[0] != want.partition("-")[0]:
        return 0
    return 1 if "-" in have and "-" in want else 2


def _offer(engines: Iterable[SynthesizerInfo]) -> str:
    """What is installed, in one line: the languages of each engine."""
    parts = [f"{engine.name} ({_some(engine.languages)})" for engine in engines]
    return "installed: " + ("; ".join(parts) or "no engine at all")


def _some(languages: frozenset[str]) -> str:
    if len(languages) > _LISTED_MAX:
        return f"{len(languages)} languages"
    return ", ".join(sorted(languages))


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
