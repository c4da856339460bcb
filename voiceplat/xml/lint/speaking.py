"""Rules for Speak and its tags: voices, languages, what SSML may say."""

import re
from collections.abc import Iterator
from typing import Final

from voiceplat.calls.voices import is_polly, is_supported, known_voice, wanted
from voiceplat.xml.elements.getinput import GetInput
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.lint import kinds
from voiceplat.xml.lint.finding import Finding, shortened
from voiceplat.xml.lint.page import Page, Seen
from voiceplat.xml.ssml import Content, Sub, Tag

_SECONDS: Final = r"[+]?\d*\.?\d+"
_LOUDNESS: Final = "default|silent|x-soft|soft|medium|loud|x-loud"
_HEIGHT: Final = "default|x-low|low|medium|high|x-high"
_SPEED: Final = "default|x-slow|slow|medium|fast|x-fast"
_ROLES: Final = "VB|VBD|DT|IN|JJ|NN|SENSE_1|DEFAULT"
_READINGS: Final = (
    "characters|spell-out|cardinal|number|ordinal|digits|fraction|unit|date|time"
    "|address|expletive|bleep|telephone"
)

VALUES: Final = {
    ("break", "strength"): "none|x-weak|weak|medium|strong|x-strong",
    ("break", "time"): rf"{_SECONDS}\s*(s|ms)",
    ("emphasis", "level"): "strong|moderate|reduced",
    ("lang", "xml:lang"): r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*",
    ("phoneme", "alphabet"): "ipa|x-sampa",
    ("prosody", "volume"): rf"{_LOUDNESS}|[+-]\d+(\.\d+)?dB",
    ("prosody", "rate"): rf"{_SPEED}|\d+(\.\d+)?%",
    ("prosody", "pitch"): rf"{_HEIGHT}|[+-]?\d+(\.\d+)?%",
    ("say-as", "interpret-as"): _READINGS,
    ("say-as", "format"): "mdy|dmy|ymd|md|dm|ym|my|d|m|y|yyyymmdd",
    ("w", "role"): f"amazon:({_ROLES})",
}
"""The values of plivo-xml 3.2, as patterns."""


def voices(seen: Seen, page: Page) -> Iterator[Finding]:
    """Who is asked to speak, and who will."""
    if not isinstance(seen.made, Speak):
        return
    voice, language = seen.made.voice, seen.made.language
    name, tongue = shortened(voice), shortened(language)
    if wanted(voice, language) is None:
        what = f'nobody is called "{name}": {known_voice(voice, language)} speaks'
        yield kinds.VOICE.at(seen.source, what)
        return
    if not is_polly(voice) and not is_supported(voice, language):
        what = f"there is no {name} for {tongue}; strict_voices refuses it (82)"
        yield kinds.LANGUAGE.at(seen.source, what)
    if why := page.installed.cannot_speak(voice, language):
        what = f"it is skipped: {why}"
        yield kinds.NOT_INSTALLED.at(seen.source, what)


def recognised_language(seen: Seen, page: Page) -> Iterator[Finding]:
    if not isinstance(seen.made, GetInput) or "speech" not in seen.made.input_type:
        return
    if why := page.installed.cannot_hear(seen.made.language):
        yield kinds.NOT_INSTALLED.at(seen.source, f"nothing is understood: {why}")


def tags_without_polly(seen: Seen, page: Page) -> Iterator[Finding]:
    _ = page
    if not isinstance(seen.made, Speak) or is_polly(seen.made.voice):
        return
    tags = sorted({part.name for part in seen.made.content if isinstance(part, Tag)})
    if tags:
        names = ", ".join(f"<{name}>" for name in tags)
        voice = shortened(seen.made.voice)
        what = f'with voice="{voice}" only the text of {names} is spoken'
        yield kinds.SSML_WITHOUT_POLLY.at(seen.source, what)


def ssml_values(seen: Seen, page: Page) -> Iterator[Finding]:
    _ = page
    if not isinstance(seen.made, Tag):
        return
    for name, value in seen.source.attributes.items():
        pattern = VALUES.get((seen.source.tag, name))
        if pattern and not re.fullmatch(pattern, value.strip(), re.IGNORECASE):
            what = f'{name}="{shortened(value)}" is not understood'
            yield kinds.SSML_VALUE.at(seen.source, what)


def length_of_speech(seen: Seen, page: Page) -> Iterator[Finding]:
    if not isinstance(seen.made, Speak):
        return
    text = words_of(seen.made)
    if not text and page.document:  # else what it says may be what failed
        yield kinds.SPEAK_EMPTY.at(
            seen.source, "there is nothing to say: it is skipped"
        )
    if len(text) > page.speak_max_chars:
        what = f"{len(text)} characters are more than {page.speak_max_chars}"
        yield kinds.SPEAK_LONG.at(seen.source, what)


def words_of(speak: Speak) -> str:
    """What is said, whitespace folded."""
    pieces = _pieces(speak.content, ssml=is_polly(speak.voice))
    return " ".join("".join(pieces).split())


def _pieces(content: Content, *, ssml: bool) -> Iterator[str]:
    for part in content:
        match part:
            case str():
                yield part
            case Sub(alias=alias) if ssml and alias:
                yield alias
            case Tag():
                yield from _pieces(part.content, ssml=ssml)
