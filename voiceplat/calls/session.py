"""What a running element may touch of its call, and the ports behind it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from voiceplat.calls.call import Call
from voiceplat.calls.leg import Leg
from voiceplat.calls.outcome import UrlKind
from voiceplat.calls.status import CallStatus


class Prompts(Protocol):
    """Audio made ready to play: WAV files in the host's cache, 16-bit mono."""

    async def speak(self, text: str, *, voice: str, language: str) -> Path:
        """Raises SpeechError when no installed engine has the voice or language."""
        ...

    async def fetch(self, url: str) -> Path:
        """Raises MediaError when the URL gives no playable audio."""
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

    async def answer(self) -> None:
        """Answer an inbound call once, and tell the platform; else do nothing."""
        ...

    def hang_up_after(self, seconds: int) -> None:
        """End the call that many seconds from now, whatever runs then (6000)."""
        ...
