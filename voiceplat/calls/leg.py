"""A leg: one SIP dialog with its audio, as the domain sees it.

Implementations: the pjsua2 leg (`telephony`), the scripted fake (`tests/fakes`); one
contract suite (`tests/contracts`) runs on all. Cancelling an awaited operation stops it
on the wire. Once the far end is gone every operation raises CallEnded.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn, Protocol

from voiceplat.core.errors import CallError

NOBODY: Final = "anonymous"
NOBODYS_DOMAIN: Final = "anonymous.invalid"
"""From of a caller who is withheld (RFC 3323 4.1.1.3)."""


class Sound(StrEnum):
    """What there is to be recorded at a leg."""

    SAID = "said"
    """By the far end."""
    HEARD = "heard"
    """By the far end: prompts, and whom it is bridged with."""
    BOTH = "both"


class Party(StrEnum):
    FAR = "far"
    """The phone or carrier at the other end."""
    US = "us"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a leg ended; `sip_status` is an unanswered leg's final status, else 200."""

    by: Party
    sip_status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the message that ended it, names as received."""
    challenged: bool = False
    """The far end asked for a password (401, 407)."""


class CallEnded(CallError):
    def __init__(self, ended: Ended) -> None:
        super().__init__(f"the call ended ({ended.by}, {ended.sip_status})")
        self.ended = ended


@dataclass(frozen=True, slots=True)
class Quality:
    """RTCP's view at the end of the leg."""

    packets_sent: int = 0
    packets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Invite:
    """What an INVITE said; `headers` has each header's first value, name lower-case."""

    request_user: str
    from_uri: str
    """`sip:user@host`, without display name or parameters."""
    from_name: str
    to_uri: str
    call_id: str
    headers: Mapping[str, str]
    custom: Mapping[str, str] = field(default_factory=dict)
    """`X-PH-*` headers by the name as received, without the prefix."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Digest credentials for the far end's challenge."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an outbound leg goes. `uri` is a SIP URI that the edge routes."""

    uri: str
    from_user: str
    from_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Extra headers of the INVITE, complete names (`X-VP-Call`, `X-PH-a`)."""
    diversion: str = ""
    """Digits of the number that forwarded the call; the edge tells it on (RFC 5806)."""
    asserted_identity: str = ""
    """Digits that we vouch for as the caller's, to trusted trunks alone (RFC 3325)."""
    privacy: bool = False
    """The caller is withheld: From is anonymous, whatever `from_user` says."""
    credentials: Credentials | None = None
    """For whoever answers the INVITE with a challenge."""


@dataclass(frozen=True, slots=True)
class Referral:
    """The far end asks that whom it talks to be connected to somebody else (REFER)."""

    to: str
    """A SIP or tel URI, as it was written."""
    number: str = ""
    """Tells it from others of the same leg."""


class KeysBy(StrEnum):
    """How keys are sent."""

    ANY = "any"
    """RFC 4733, or SIP INFO to a far end that takes no such packets."""
    PACKETS = "packets"
    """RFC 4733 or not at all."""


KeyWatch = Callable[[str, Party], None]
"""Is told of a key, and of who pressed it; returns at once."""


def no_watch(key: str, by: Party) -> None:
    """Watches nothing."""
    _ = key, by


class Leg(Protocol):
    """One end of a call. Waiting methods may be awaited by several tasks at once."""

    @property
    def ended(self) -> Ended | None: ...

    @property
    def answered(self) -> bool: ...

    @property
    def has_media(self) -> bool:
        """Audio can be played: answered, or early media was opened."""
        ...

    def claim(self) -> None:
        """Inbound: a refusal from now on is the call's answer, not only this worker's.

        Until then, or until it rings, the edge asks another worker.
        """
        ...

    async def ring(self) -> None:
        """Inbound: 180. Does nothing after this, early media or an answer."""
        ...

    async def open_early_media(self) -> None:
        """Inbound: 183 with SDP; returns when audio can be played."""
        ...

    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        """Inbound: 200; returns when audio can be played. Does nothing if answered."""
        ...

    async def hang_up(self, sip_status: int = 0) -> None:
        """End the leg: BYE or CANCEL, or refuse an unanswered inbound INVITE.

        Returns when the leg has ended; never raises CallEnded.
        """
        ...

    async def until_ringing(self) -> None:
        """Outbound: returns at the first 180 or 183, or when it is answered."""
        ...

    async def until_media(self) -> None:
        """Returns when audio can be played, by early media or the answer."""
        ...

    async def until_answered(self) -> None:
        """Outbound: returns when audio can be played after the 200."""
        ...

    async def until_ended(self) -> Ended:
        """Returns how the leg ended; never raises CallEnded."""
        ...

    async def play(self, audio: Path) -> None:
        """Play a WAV file (16-bit mono) to the far end; returns when it has ended.

        Raises MediaError when the file cannot be played or there is no media yet.
        """
        ...

    async def next_digit(self) -> str:
        """The next key that the far end pressed: one of `0-9*#A-D`."""
        ...

    async def send_digits(
        self, digits: str, *, tone_ms: int = 160, by: KeysBy = KeysBy.ANY
    ) -> None:
        """Send keys; `w` waits 0.5 s, `W` 1 s. Returns after the last.

        Raises MediaError when the far end takes none in that way.
        """
        ...

    async def record(self, tracks: Mapping[Path, Sound]) -> None:
        """Record into WAV files, all in step, until cancelled.

        What nobody hears because another one has the floor is not in them. Headers
        are right when this returns.
        """
        ...

    async def listen(self, hear: Callable[[bytes], None]) -> None:
        """Give what the far end says to `hear` until cancelled, as it comes in.

        Frames of 20 ms: 16-bit mono, little-endian, at `media.clock_rate_hz`. On hold,
        and while nothing arrives, they are silent. `hear` must not block.
        """
        ...

    async def bridge(self, other: "Leg") -> None:
        """Let the two far ends hear each other until cancelled.

        Returns when `other` has ended; raises CallEnded when this leg has. Either may
        be unanswered: then its early media is heard. Keys are not passed on. Raises
        Conflict when one of them is bridged already.
        """
        ...

    def hushed(self, *, hush: bool = True) -> AbstractContextManager[None]:
        """Only what this task plays is heard meanwhile; all else goes on unheard.

        That holds for what others begin meanwhile too. Without `hush` nothing is
        different.
        """
        ...

    async def next_referral(self) -> Referral:
        """The next one that comes; while nobody waits they are declined."""
        ...

    def report_referral(self, referral: Referral, sip_status: int) -> None:
        """Tell the far end how it goes (100, 180) or went (200, 486); then no more."""
        ...

    def forget_digits(self) -> None:
        """Keys that were pressed and not taken yet are dropped."""
        ...

    def watch_keys(self, watch: KeyWatch) -> None:
        """Have `watch` told of each key that the far end presses or is sent, at once.

        There is one watch; the latest counts.
        """
        ...

    def quality(self) -> Quality:
        """Zeros until RTCP or RTP told otherwise; readable after the end."""
        ...


class Phone(Protocol):
    """What makes and takes legs: one per call worker."""

    @property
    def legs(self) -> int:
        """How many legs it has now, whatever their state."""
        ...

    async def dial(self, to: Destination) -> Leg:
        """Send an INVITE. Raises NoLegFree when the process has no leg left.

        What cannot be dialled, a bad URI, is a leg that has ended with 484.
        """
        ...

    async def next_call(self) -> tuple[Invite, Leg]:
        """The next inbound INVITE, already answered with 100."""
        ...


async def until_hung_up(leg: Leg) -> NoReturn:
    """Raises CallEnded when the leg has ended."""
    raise CallEnded(await leg.until_ended())
