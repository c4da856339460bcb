"""<Wait>: a pause; an unanswered caller goes on hearing ringing (plivo-xml 3.12)."""

import asyncio
import re
from typing import Annotated, Final

from pydantic import AliasChoices, BeforeValidator, Field
from typing_extensions import override

from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import NO_EFFECT_YET, Element, Needs
from voiceplat.xml.values import Flag, whole_number

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
    silence: Annotated[Flag, NO_EFFECT_YET] = False
    """End early once the far end has been silent for minSilence."""
    min_silence: Annotated[int, BeforeValidator(_min_silence), NO_EFFECT_YET] = Field(
        default=MIN_SILENCE_MS,
        validation_alias=AliasChoices("minSilence", "min_silence"),
    )
    """Milliseconds; counts only with silence."""
    beep: Annotated[str, BeforeValidator(_beep), NO_EFFECT_YET] = "false"
    """End early on a voicemail beep; counts only without silence."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        try:
            async with asyncio.timeout(self.length):
                ended = await call.leg.until_ended()
        except TimeoutError:
            return Proceed()
        raise CallEnded(ended)
