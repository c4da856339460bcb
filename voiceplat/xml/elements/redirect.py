"""<Redirect>: go on with another document (plivo-xml 3.11)."""

from typing_extensions import override

from voiceplat.calls.outcome import Goto, Outcome, UrlKind
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import Element, Needs, RequiredText


class Redirect(Element):
    needs = Needs.NOTHING

    text: RequiredText
    """The document's absolute URL."""
    method: str = "POST"
    """GET or POST; judged when the request is made."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        _ = call
        return Goto(self.text, self.method, UrlKind.REDIRECT)
