"""<Hangup>: end or refuse the call, now or later (plivo-xml 3.10)."""

from typing import Annotated, Literal

import structlog
from pydantic import BeforeValidator
from typing_extensions import override

from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.outcome import End, Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import Element, Needs
from voiceplat.xml.values import whole_number

log = structlog.get_logger()

Reason = Literal["rejected", "busy", ""]


def _reason(value: object) -> object:
    return value if value in ("rejected", "busy") else ""


class Hangup(Element):
    needs = Needs.NOTHING

    reason: Annotated[Reason, BeforeValidator(_reason)] = ""
    """`rejected` or `busy`: how an unanswered call is refused."""
    schedule: str = ""
    """Seconds from now, while the next elements run; not given means at once."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        seconds = whole_number(self.schedule or "0")
        if seconds is None:
            log.warning("hangup_skipped", why="its schedule is no number")
            return Proceed()
        if seconds > 0:
            call.hang_up_after(seconds)
            return Proceed()
        return End(CAUSES[self._cause(call)], HangupSource.ANSWER_XML)

    def _cause(self, call: CallSession) -> int:
        if call.leg.answered:
            return 4000
        return 3010 if self.reason == "busy" else 3020
