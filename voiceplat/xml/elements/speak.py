"""<Speak>: text to speech, with SSML tags in its text (plivo-xml 3.2)."""

from functools import partial
from typing import Self

import structlog
from pydantic import ValidationInfo, model_validator
from typing_extensions import override

from voiceplat.calls.outcome import Outcome
from voiceplat.calls.script import Script
from voiceplat.calls.session import CallSession
from voiceplat.calls.splitting import cut, split
from voiceplat.calls.voices import (
    DEFAULT_LANGUAGE,
    DEFAULT_VOICE,
    is_polly,
    is_supported,
    known_voice,
)
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.xml.element import Element, Step
from voiceplat.xml.scripting import script_of
from voiceplat.xml.sound import Silence, Sound
from voiceplat.xml.ssml import TAGS, Content
from voiceplat.xml.values import Loop

log = structlog.get_logger()


class Speak(Element):
    holds = frozenset(TAGS)

    content: Content = ()
    voice: str = DEFAULT_VOICE
    """`WOMAN`, `MAN` or `Polly.<Name>`; SSML tags have a meaning only with Polly."""
    language: str = DEFAULT_LANGUAGE
    """Language of the basic voices; a Polly voice has its own."""
    loop: Loop = 1
    """How many times it is spoken; 0 repeats it until the call ends."""
    legs: str = ""
    """Of the Java SDK; ignored."""

    @model_validator(mode="after")
    def _somebody_speaks_it(self, info: ValidationInfo) -> Self:
        strict = bool(info.context and info.context.get("strict_voices"))
        if strict and not is_supported(self.voice, self.language):
            raise ValueError(f"no voice {self.voice!r} for language {self.language!r}")
        return self

    @override
    async def prepare(self, call: CallSession) -> Step:
        voice, scripts = self.spoken(call.prompts.longest_text)
        parts = tuple(
            partial(call.prompts.speak, part, voice=voice, language=self.language)
            for part in scripts
        )
        if not parts:
            return Silence()
        try:
            return Sound(await parts[0](), parts, self.loop)
        except (SpeechError, MediaError, Unavailable) as error:
            log.warning("speak_skipped", why=str(error))
            return Silence()

    def spoken(self, longest_text: int) -> tuple[str, tuple[Script, ...]]:
        """The voice, and the parts that are made one after the other."""
        voice = known_voice(self.voice, self.language)
        script = script_of(self.content, ssml=is_polly(voice))
        return voice, tuple(split(_of_length(script, longest_text)))

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        return await (await self.prepare(call)).execute(call)


def _of_length(script: Script, most: int) -> Script:
    """A longer text is spoken as far as it goes."""
    if len(script.text) <= most:
        return script
    log.warning("speak_cut", characters=len(script.text), most=most)
    return cut(script, most)
