"""<Speak>: text to speech, with SSML tags in its text (plivo-xml 3.2)."""

from functools import partial
from typing import Self

import structlog
from pydantic import ValidationInfo, model_validator
from typing_extensions import override

from voiceplat.calls.outcome import Outcome
from voiceplat.calls.session import CallSession
from voiceplat.calls.voices import (
    DEFAULT_LANGUAGE,
    DEFAULT_VOICE,
    is_polly,
    is_supported,
    known_voice,
)
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.xml.element import Element, Step
from voiceplat.xml.sound import Silence, Sound
from voiceplat.xml.ssml import TAGS, Content, plain_text
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
        voice = known_voice(self.voice, self.language)
        text = plain_text(self.content, ssml=is_polly(voice))
        if not text:
            return Silence()
        speak = partial(call.prompts.speak, text, voice=voice, language=self.language)
        try:
            return Sound(await speak(), speak, self.loop)
        except (SpeechError, MediaError, Unavailable) as error:
            log.warning("speak_skipped", why=str(error))
            return Silence()

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        return await (await self.prepare(call)).execute(call)
