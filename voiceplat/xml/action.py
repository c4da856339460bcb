"""What elements with an `action` do when they are done (plivo-xml 2.7).

With `redirect` the document that the action URL returns replaces the rest of this one;
without it the URL is told and the next element runs.
"""

from collections.abc import Mapping

import structlog

from voiceplat.calls.call import Hook
from voiceplat.calls.outcome import Goto, Outcome, Proceed, UrlKind
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import Element
from voiceplat.xml.values import METHODS, Flag, is_web_url

log = structlog.get_logger()


class ActionElement(Element):
    """An element that reports its result to a URL, which is judged when it is used."""

    action: str = ""
    """Absolute URL that gets the result."""
    method: str = "POST"
    """GET or POST, for action."""
    redirect: Flag = True
    """Whether the document that action returns is run instead of the rest."""

    def reported(self, call: CallSession, result: Mapping[str, str]) -> Outcome:
        """Tell `result` to the action URL, if there is one; what runs next."""
        if not self.action:
            return Proceed()
        if self.redirect:
            return Goto(self.action, self.method, UrlKind.ACTION, result)
        tell(call, self.action, self.method, result)
        return Proceed()


def hook_of(url: str, method: str) -> Hook | None:
    """Somebody to tell; None, and a line in the log, when that is no URL or method."""
    method = method.strip().upper()
    if is_web_url(url) and method in METHODS:
        return Hook(url=url, method=method)
    if url:
        log.warning("request_skipped", why="invalid URL or method")
    return None


def tell(call: CallSession, url: str, method: str, result: Mapping[str, str]) -> None:
    """Make a request whose answer nobody waits for; one that cannot be is logged."""
    if hook := hook_of(url, method):
        call.documents.tell(hook.url, hook.method, result)
