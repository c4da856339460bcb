"""<Play>: an audio file, mp3 or wav (plivo-xml 3.3)."""

from functools import partial

import structlog
from typing_extensions import override

from voiceplat.calls.outcome import Outcome
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError, Unavailable
from voiceplat.xml.element import Element, RequiredText, Step
from voiceplat.xml.sound import Silence, Sound
from voiceplat.xml.values import Loop, is_web_url

log = structlog.get_logger()


class Play(Element):
    text: RequiredText
    """The file's absolute URL."""
    loop: Loop = 1
    """How many times it is played; 0 plays it until the call ends."""

    @override
    async def prepare(self, call: CallSession) -> Step:
        if not is_web_url(self.text):
            log.warning("play_skipped", why="its body is no http:// or https:// URL")
            return Silence()
        fetch = partial(call.prompts.fetch, self.text)
        try:
            return Sound(await fetch(), (fetch,), self.loop)
        except (MediaError, Unavailable) as error:
            log.warning("play_skipped", why=str(error))
            return Silence()

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        return await (await self.prepare(call)).execute(call)
