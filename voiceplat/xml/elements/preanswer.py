"""<PreAnswer>: media before the call is answered (plivo-xml 3.13)."""

from typing_extensions import override

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import Element, Needs


class PreAnswer(Element):
    needs = Needs.EARLY_MEDIA
    holds = frozenset(
        {"Play", "Speak", "Wait", "Redirect", "GetDigits", "Message", "DTMF"}
    )

    children: tuple[Element, ...] = ()

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """Run the children in order; one that does not proceed ends the block."""
        for child in self.children:
            outcome = await child.execute(call)
            if outcome != Proceed():
                return outcome
        return Proceed()
