"""Which installed voice speaks for a voice of the wire contract.

A wanted voice is a language and a gender; among the installed voices the nearest
language wins, then the gender, then the engine's preference. Only a language that no
engine has, or an unknown name, is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

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
