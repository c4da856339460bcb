"""<DTMF>: keys that the far end hears (plivo-xml 3.14)."""

import asyncio
import re
from typing import Annotated, Final

import structlog
from pydantic import BeforeValidator, Field
from typing_extensions import override

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError
from voiceplat.xml.element import Element
from voiceplat.xml.values import Flag

log = structlog.get_logger()

_NO_DIGITS: Final = re.compile(r"[^0-9*#wW]")


def _digits(value: object) -> str:
    return _NO_DIGITS.sub("", str(value))


Digits = Annotated[str, BeforeValidator(_digits)]


class DTMF(Element):
    text: Digits = ""
    """The keys; `w` waits half a second, `W` a second, anything else is ignored."""
    digits: Digits = ""
    """The keys, when there is no body (node SDK)."""
    asynchronous: Flag = Field(default=True, alias="async")
    """Go on after the first key while the rest is sent."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        digits = self.text or self.digits
        pauses = len(digits) - len(digits.lstrip("wW"))
        now = digits[: pauses + 1] if self.asynchronous else digits
        try:
            await call.leg.send_digits(now)
        except MediaError as error:
            log.warning("digits_not_sent", why=str(error))
            return Proceed()
        if rest := digits[len(now) :]:
            call.meanwhile(call.leg.send_digits(rest))
            # it must be first in line when the next element sends keys
            await asyncio.sleep(0)
        return Proceed()
