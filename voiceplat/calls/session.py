"""What a running element may touch of its call, and the ports behind it."""

from collections.abc import Coroutine, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from voiceplat.calls.call import Call
from voiceplat.calls.conference import Conferences
from voiceplat.calls.dialling import Dialler
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Leg
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import Goto, UrlKind
from voiceplat.calls.script import Script
from voiceplat.calls.status import CallStatus
from voiceplat.calls.taking import CallRecorder
from voiceplat.core.settings import Settings


class Tone(StrEnum):
    BEEP = "beep"
    """Says: now."""
    RINGBACK = "ringback"
    """What a caller hears while the called phone rings; one period of it."""


class Prompts(Protocol):
    """Audio made ready to play: WAV files in the host's cache, 16-bit mono."""

    @property
    def longest_text(self) -> int:
        """Characters of one Speak that are spoken."""
        ...

    async def speak(self, script: Script, *, voice: str, language: str) -> Path:
        """Raises SpeechError when no installed engine has the voice or language."""
        ...

    async def fetch(self, url: str) -> Path:
        """Raises MediaError when the URL gives no playable audio."""
        ...

    async def tone(self, tone: Tone) -> Path:
        """A sound that needs no words. Raises MediaError."""
        ...

    def still_there(self, audio: Path) -> bool:
        """Whether audio given before can be played again; it is kept a while longer."""
        ...


class Documents(Protocol):
    """The customer's server, as the interpreter sees it."""

    async def request(
        self, kind: UrlKind, url: str, method: str, params: Mapping[str, str]
    ) -> bytes:
        """Ask for a document with `params` and the call's standard ones; its body.

        Signs, retries as the URL's fragment says. Raises FetchError.
        """
        ...

    def tell(
        self, url: str, method: str, params: Mapping[str, str], *, once: str = ""
    ) -> None:
        """Make a request whose answer nobody waits for (`redirect="false"`).

        It is never lost: it goes through the outbox, in the order of the call's others.
        Of those with the same mark `once`, whoever tells them, one is made.
        """
        ...

    async def tell_now(self, url: str, method: str, params: Mapping[str, str]) -> None:
        """Make a request that is worth nothing later (interim results)."""
        ...


class CallSession(Protocol):
    """A call under a document's control. Elements read it; none writes an attribute."""

    @property
    def call(self) -> Call: ...

    @property
    def leg(self) -> Leg: ...

    @property
    def status(self) -> CallStatus: ...

    @property
    def prompts(self) -> Prompts: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def ears(self) -> Ears: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def dialler(self) -> Dialler: ...

    @property
    def recorder(self) -> CallRecorder: ...

    @property
    def conferences(self) -> Conferences: ...

    @property
    def notes(self) -> CallNotes: ...

    async def answer(self) -> None:
        """Answer an inbound call once, and tell the platform; else do nothing."""
        ...

    def hang_up_after(self, seconds: int) -> None:
        """End the call that many seconds from now, whatever runs then (6000)."""
        ...

    def meanwhile(self, deed: Coroutine[Any, Any, None]) -> None:
        """Run it beside the elements that follow; the call's end cancels it."""
        ...

    async def until_transferred(self) -> Goto:
        """The API sends the call to another document; each transfer is taken once."""
        ...

    async def until_quiet(self) -> None:
        """Returns when all that runs meanwhile is done."""
        ...
