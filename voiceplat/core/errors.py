"""Every error of our own, drawn once.

VoiceplatError
├── Unavailable            a part we need is away: Redis, the database, speech
├── BadRequest             the caller of our API sent something wrong        400
├── Unauthorized           unknown credentials                               401
│   └── NotLoggedIn        the console wants a log-in; no browser may ask for it
├── Forbidden              the account may not do this                       403
│   └── OutOfCredits       a prepaid account has nothing left
├── NotFound               no such thing in this account                     404
├── Conflict               it exists already, or is in use                   409
├── RateLimited            too many requests                                 429
├── CallError
│   ├── CallEnded          the far end is gone; carries how it ended
│   ├── CallNotLive        a command reached for a call that is over
│   ├── CommandRefused     the call's worker could not do what a command asked
│   ├── NoLegFree          this worker has no leg left
│   └── RoomFull           a conference room takes nobody in any more
├── FetchError             an HTTP request of ours failed; carries why
│   └── NotADocument       it was answered, with something that is no XML document
├── DocumentError          the XML is not a valid document; carries where
├── NoRoom                 the disk is too full to record
├── MediaError             audio could not be fetched, decoded or played
└── SpeechError            no engine can do what was asked

Each error carries what its catcher needs; nobody matches on message text.
"""

from datetime import timedelta


class VoiceplatError(Exception):
    """Base of all errors that this package raises on purpose."""


class Unavailable(VoiceplatError):
    """A server that we depend on does not answer."""

    def __init__(self, part: str, why: str = "") -> None:
        super().__init__(f"{part} is not reachable" + (f": {why}" if why else ""))
        self.part = part


class BadRequest(VoiceplatError):
    """`message` is shown to the API's caller as it is."""


class Unauthorized(VoiceplatError):
    pass


class NotLoggedIn(Unauthorized):
    pass


class Forbidden(VoiceplatError):
    """`message` is shown to the API's caller as it is."""


class OutOfCredits(Forbidden):
    def __init__(self, account: str) -> None:
        super().__init__(f"account {account} is out of credits")


class NotFound(VoiceplatError):
    pass


class Conflict(VoiceplatError):
    pass


class RateLimited(VoiceplatError):
    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("429 Too Many Requests")
        self.retry_after = retry_after


class CallError(VoiceplatError):
    pass


class CallNotLive(CallError):
    def __init__(self, call_uuid: str) -> None:
        super().__init__("call not found")
        self.call_uuid = call_uuid


class CommandRefused(CallError):
    """`message` is the worker's, fit for the API's caller."""


class NoLegFree(CallError):
    def __init__(self) -> None:
        super().__init__("no worker has a leg free")


class RoomFull(CallError):
    def __init__(self) -> None:
        super().__init__("the room takes nobody in any more")


class FetchError(VoiceplatError):
    """An HTTP request of ours got no usable answer.

    `status` is the HTTP status, or None when there was no whole answer.
    """

    def __init__(self, url: str, why: str, *, status: int | None = None) -> None:
        super().__init__(f"{url}: {why}")
        self.url = url
        self.why = why
        self.status = status


class UnusableUrl(FetchError):
    """Nobody may be asked there, now or later."""


class NotADocument(FetchError):
    """The answer's size or content type is not a document's."""


class DocumentError(VoiceplatError):
    """The text is not a document that may run; `line` is 1-based, 0 if unknown.

    `fault` is the rule it breaks, one of voiceplat.xml.faults; `element` and
    `attribute` say where, as they are written, and are empty where there is none.
    """

    def __init__(
        self,
        why: str,
        *,
        line: int = 0,
        fault: str = "",
        element: str = "",
        attribute: str = "",
    ) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.why = why
        self.line = line
        self.fault = fault
        self.element = element
        self.attribute = attribute


class NoRoom(VoiceplatError):
    pass


class MediaError(VoiceplatError):
    pass


class SpeechError(VoiceplatError):
    pass
