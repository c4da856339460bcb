"""<Wait>: a pause; an unanswered caller goes on hearing ringing (plivo-xml 3.12)."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Final

import structlog
from pydantic import AliasChoices, BeforeValidator, Field
from typing_extensions import override

from voiceplat.calls.leg import CallEnded, Leg
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError
from voiceplat.core.settings import MediaSettings
from voiceplat.signals.beep import BeepDetector, BeepShape
from voiceplat.signals.silence import SilenceWatch
from voiceplat.xml.element import Element, Needs
from voiceplat.xml.values import Flag, whole_number

log = structlog.get_logger()

Awaited = Callable[[bytes], bool]

MIN_SILENCE_MS: Final = 2000

_TUNED_BEEP: Final = re.compile(
    r"(?:duration|inter_silence|intra_silence|threshold)=[0-9]+"
)


def _length(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    if number is None or number < 1:
        raise ValueError("length must be a whole number of seconds, 1 or more")
    return number


def _min_silence(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    return number if number and number > 0 else MIN_SILENCE_MS


def _beep(value: object) -> str:
    """`true`, a tuned detector as it was written, or `false` for all else."""
    items = [item.strip() for item in str(value).split(",")]
    if items == ["true"] or all(_TUNED_BEEP.fullmatch(item) for item in items):
        return ",".join(items)
    return "false"


class Wait(Element):
    needs = Needs.NOTHING

    length: Annotated[int, BeforeValidator(_length)] = 1
    """Seconds."""
    silence: Flag = False
    """End early once the far end has been silent for minSilence."""
    min_silence: Annotated[int, BeforeValidator(_min_silence)] = Field(
        default=MIN_SILENCE_MS,
        validation_alias=AliasChoices("minSilence", "min_silence"),
    )
    """Milliseconds; counts only with silence."""
    beep: Annotated[str, BeforeValidator(_beep)] = "false"
    """End early on a voicemail beep; counts only without silence."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        awaited = self._awaited(call.settings.media)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.length) as limit:
                if awaited and call.leg.has_media:
                    await _listen(call.leg, awaited, limit)
                raise CallEnded(await call.leg.until_ended())
        return Proceed()

    def _awaited(self, media: MediaSettings) -> Awaited | None:
        """What is listened for: whether it came, frame by frame."""
        if self.silence:
            return SilenceWatch(self.min_silence, media.silence_below_dbfs).hear
        if self.beep != "false":
            return BeepDetector(BeepShape.of(self.beep), media.clock_rate_hz).hear
        return None


async def _listen(leg: Leg, awaited: Awaited, limit: asyncio.Timeout) -> None:
    """Once it came, time is up."""

    def hear(frame: bytes) -> None:
        if not limit.expired() and awaited(frame):
            limit.reschedule(asyncio.get_running_loop().time())

    try:
        await leg.listen(hear)
    except MediaError as error:
        log.warning("wait_hears_nothing", why=str(error))
