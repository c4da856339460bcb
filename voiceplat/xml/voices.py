"""Which voices speak which languages (plivo-xml 3.2): the basic two, and Polly's."""

import re
from typing import Final

DEFAULT_VOICE: Final = "WOMAN"
DEFAULT_LANGUAGE: Final = "en-US"

_POLLY: Final = re.compile(r"Polly\.([^.]+)")

_WOMAN_ONLY: Final = ("da-DK", "fr-CA", "ru-RU", "sv-SE")
_MAN_ONLY: Final = ("pt-PT",)
_BOTH: Final = (
    *("de-DE", "en-AU", "en-GB", "en-US", "es-ES", "es-US", "fr-FR", "it-IT"),
    *("nl-NL", "pl-PL", "pt-BR"),
)
BASIC_LANGUAGES: Final = {
    "WOMAN": frozenset({*_WOMAN_ONLY, *_BOTH}),
    "MAN": frozenset({*_MAN_ONLY, *_BOTH}),
}

_POLLY_NAMES: Final = {
    "cmn-CN": "Zhiyu",
    "cy-GB": "Gwyneth",
    "da-DK": "Naja Mads",
    "de-DE": "Vicki Marlene Hans",
    "en-AU": "Nicole Russell",
    "en-GB": "Amy Emma Brian",
    "en-GB-WLS": "Geraint",
    "en-IN": "Raveena Aditi",
    "en-US": "Joanna Salli Kendra Kimberly Ivy Matthew Justin Joey",
    "es-ES": "Conchita Enrique",
    "es-MX": "Mia",
    "es-US": "Penelope Lupe-Standard Miguel",
    "fr-CA": "Chantal",
    "fr-FR": "Lea Celine Mathieu",
    "hi-IN": "Aditi",
    "is-IS": "Dora Karl",
    "it-IT": "Carla Giorgio",
    "ja-JP": "Mizuki Takumi",
    "ko-KR": "Seoyeon",
    "nb-NO": "Liv",
    "nl-NL": "Lotte Ruben",
    "pl-PL": "Ewa Maja Jacek Jan",
    "pt-BR": "Vitória Ricardo",
    "pt-PT": "Ines Cristiano",
    "ro-RO": "Carmen",
    "ru-RU": "Tatyana Maxim",
    "sv-SE": "Astrid",
    "tr-TR": "Filiz",
}


def _by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, names in _POLLY_NAMES.items():
        for name in names.split():
            found[name] = (*found.get(name, ()), language)
    return found


POLLY_LANGUAGES: Final = _by_name()
"""Most voices have one language; Aditi has two."""


def is_polly(voice: str) -> bool:
    return _POLLY.fullmatch(voice) is not None


def is_spoken(voice: str, language: str) -> bool:
    """Whether the documented service has this voice, in this language if it is basic.

    A Polly voice has a language of its own: the attribute is not looked at.
    """
    return is_polly(voice) or language in BASIC_LANGUAGES.get(voice, frozenset())


def choose(voice: str, language: str) -> tuple[str, str]:
    """Voice and language to speak with; what nobody has becomes WOMAN, en-US."""
    if match := _POLLY.fullmatch(voice):
        own = POLLY_LANGUAGES.get(match[1], (language,))
        return voice, language if language in own else own[0]
    if voice not in BASIC_LANGUAGES:
        voice = DEFAULT_VOICE
    return voice, language if is_spoken(voice, language) else DEFAULT_LANGUAGE
