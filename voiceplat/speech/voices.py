"""Which installed voice speaks for a voice of the wire contract.

A wanted voice is a language and a gender; among the installed voices the nearest
language wins, then the gender, then the engine's preference. Only a language that no
engine has, or an unknown name, is refused.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from voiceplat.calls.script import Manner, Script, Words
from voiceplat.calls.voices import wanted
from voiceplat.core.errors import SpeechError
from voiceplat.speech.engine import SynthesizerInfo

_LISTED_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """The installed voice that speaks, and the engine it belongs to."""

    engine: str
    version: str
    voice: str


Choose = Callable[[str, str], Choice]
"""Who speaks a voice and language; raises SpeechError."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks a script: the voice asked for, and one for each other language."""

    own: Choice
    language: str
    """The own voice's, lower-case."""
    others: tuple[tuple[str, Choice], ...] = ()
    """By language; one that nobody speaks is spoken by the own voice."""

    def speaker(self, manner: Manner) -> Choice:
        return dict(self.others).get(manner.language, self.own)

    def language_of(self, manner: Manner) -> str:
        return (
            manner.language if manner.language in dict(self.others) else self.language
        )

    @property
    def engines(self) -> frozenset[str]:
        return frozenset(
            choice.engine for choice in (self.own, *dict(self.others).values())
        )


def cast(script: Script, voice: str, language: str, choose_: Choose) -> Cast:
    """The voices of a script. Raises SpeechError when nobody has the own voice."""
    own = choose_(voice, language)
    person = wanted(voice, language)
    if person is None:
        return Cast(own, language.casefold())
    tags = {it.manner.language for it in script.parts if isinstance(it, Words)}
    others: list[tuple[str, Choice]] = []
    for tag in sorted(tags - {""}):
        with suppress(SpeechError):
            others.append((tag, choose_(person.gender, tag)))
    return Cast(own, person.language, tuple(others))


def choose(voice: str, language: str, installed: Iterable[SynthesizerInfo]) -> Choice:
    """The installed voice nearest to what a document asks for.

    Raises SpeechError, which names what is installed, when there is none.
    """
    engines = tuple(installed)
    person = wanted(voice, language)
    if person is None:
        raise SpeechError(f"no voice is called {voice!r}; {_offer(engines)}")
    ranked = [
        (
            (_nearness(own.language, person.language), own.gender == person.gender),
            own,
            e,
        )
        for e in engines
        for own in e.voices
    ]
    best = max(ranked, key=lambda entry: (entry[0], entry[2].preference), default=None)
    if best is None or best[0][0] == 0:
        raise SpeechError(f"no voice speaks {person.language}; {_offer(engines)}")
    return Choice(best[2].name, best[2].version, best[1].id)


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
