"""SSML to a script: what the tags of a Speak mean (plivo-xml 3.2).

A value that cannot be read is ignored, and said so in the log; the words are spoken.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from voiceplat.calls.script import Emphasis, Manner, Pause, SayAs, Script, Words, plain
from voiceplat.xml import ssml
from voiceplat.xml import ssml_values as values
from voiceplat.xml.ssml import Content, Tag

log = structlog.get_logger()

_SPACE: Final = re.compile(r"\s+")


def script_of(content: Content, *, ssml: bool) -> Script:
    """What a Speak says; without `ssml` its tags are only their text."""
    if not ssml:
        return plain("".join(_texts(content)))
    writing = _Writing()
    _write(content, Manner(), writing)
    return writing.script()


def _texts(content: Content) -> list[str]:
    texts: list[str] = []
    for part in content:
        match part:
            case str():
                texts.append(part)
            case Tag(pause_s=None):
                texts += _texts(part.content)
            case Tag():
                texts += [" ", *_texts(part.content), " "]
    return texts


@dataclass(slots=True)
class _Writing:
    """A script as it grows: spaces are folded over its words, rests do not add up."""

    _parts: list[Words | Pause] = field(default_factory=list)
    _rest_s: float = 0.0
    """How long the voice rests before the next words, pauses counted in."""

    def say(self, words: Words) -> None:
        text = _SPACE.sub(" ", words.text)
        last = self._last_words()
        if last is None or self._rest_s or last.text.endswith(" "):
            text = text.lstrip()
        if not text:
            return
        self._take_rest()
        last = self._last_words()
        if last and _is_mere_text(last) and _continues(last, words, text):
            self._parts[-1] = replace(last, text=last.text + text)
        else:
            self._parts.append(replace(words, text=text))

    def pause(self, seconds: float, manner: Manner) -> None:
        self.say(Words(" ", manner))
        if seconds:
            self._end_words()
            self._parts.append(Pause(seconds))

    def rest(self, seconds: float) -> None:
        """A boundary; at the beginning and the end of all there is nothing to rest."""
        self._rest_s = max(self._rest_s, seconds)

    def script(self) -> Script:
        self._end_words()
        return Script(tuple(self._parts))

    def _take_rest(self) -> None:
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Pause):
            self._parts[-1] = Pause(max(last.seconds, self._rest_s))
        elif last and self._rest_s:
            self._end_words()
            self._parts.append(Pause(self._rest_s))
        self._rest_s = 0.0

    def _last_words(self) -> Words | None:
        last = self._parts[-1] if self._parts else None
        return last if isinstance(last, Words) else None

    def _end_words(self) -> None:
        if last := self._last_words():
            self._parts[-1] = replace(last, text=last.text.rstrip())


def _is_mere_text(words: Words) -> bool:
    return not (words.say_as or words.phonemes)


def _continues(last: Words, words: Words, text: str) -> bool:
    """Whether a text may join the last words; a space joins any."""
    return text == " " or (_is_mere_text(words) and words.manner == last.manner)


def _write(content: Content, manner: Manner, writing: _Writing) -> None:
    for part in content:
        match part:
            case str():
                writing.say(Words(part, manner))
            case ssml.Break():
                writing.pause(_break_s(part), manner)
            case ssml.Sub(alias=alias) if alias.strip():
                writing.say(Words(alias, manner))
            case ssml.SayAs():
                writing.say(_said_as(part, manner))
            case ssml.Phoneme():
                writing.say(_pronounced(part, manner))
            case Tag(pause_s=None):
                _write(part.content, _changed(manner, part), writing)
            case Tag(pause_s=seconds):
                writing.rest(seconds or 0)
                _write(part.content, manner, writing)
                writing.rest(seconds or 0)


def _break_s(tag: ssml.Break) -> float:
    if tag.time:
        seconds = values.break_s(tag.time)
        if seconds is not None:
            return seconds
        _ignored("break", "time")
    seconds = values.strength_s(tag.strength)
    if seconds is None:
        _ignored("break", "strength")
        seconds = values.STRENGTHS_S["medium"]
    return seconds


def _said_as(tag: ssml.SayAs, manner: Manner) -> Words:
    kind = values.say_as(tag.interpret_as)
    if kind is None:
        _ignored("say-as", "interpret-as")
    form = tag.format.strip().lower() if kind is SayAs.DATE else ""
    text = "".join(_texts(tag.content)).strip()
    return Words(text, manner, say_as=kind, format=form)


def _pronounced(tag: ssml.Phoneme, manner: Manner) -> Words:
    text = "".join(_texts(tag.content)).strip()
    alphabet = values.alphabet(tag.alphabet)
    phonemes = tag.ph.strip()
    if alphabet is None or not phonemes:
        _ignored("phoneme", "ph" if alphabet else "alphabet")
        return Words(text, manner)
    # the text may be left out: then the phonemes are all there is to say
    return Words(text or "…", manner, phonemes=phonemes, alphabet=alphabet)


def _changed(manner: Manner, tag: Tag) -> Manner:
    """The manner inside a tag."""
    match tag:
        case ssml.Lang(xml_lang=language) if language.strip():
            return replace(manner, language=language.strip())
        case ssml.Emphasis(level=level):
            found = values.emphasis(level)
            if found is None:
                _ignored("emphasis", "level")
            return replace(manner, emphasis=found or Emphasis.MODERATE)
        case ssml.Prosody():
            return _with_prosody(manner, tag)
        case _:
            return manner


def _with_prosody(manner: Manner, tag: ssml.Prosody) -> Manner:
    read = {
        "rate": (tag.rate, values.rate(tag.rate)),
        "pitch": (tag.pitch, values.pitch(tag.pitch, manner.pitch)),
        "volume": (tag.volume, values.volume_db(tag.volume, manner.volume_db)),
    }
    for name, (written, value) in read.items():
        if written and value is None:
            _ignored("prosody", name)
    rate, pitch, volume_db = (value for _, value in read.values())
    return replace(
        manner,
        rate=manner.rate if rate is None else rate,
        pitch=manner.pitch if pitch is None else pitch,
        volume_db=manner.volume_db if volume_db is None else volume_db,
    )


def _ignored(tag: str, attribute: str) -> None:
    log.warning("ssml_value_ignored", tag=tag, attribute=attribute)
