"""The sound of one room: links in, each member's mix of the others out.

Knows no names and no rules: a member is a number that its caller chose.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voiceplat.calls.link import LinkEnd


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """What has come from a member: frames of 20 ms."""

    received: int
    lost: int
    late: int


class Recording:
    """The room is being recorded, from now until `stop`."""

    def stop(self) -> None:
        raise NotImplementedError


class Mix:
    """A room's sound. One event loop owns it: all methods are called in that loop."""

    def __init__(
        self,
        *,
        host: str,
        ports: Iterable[int] = (0,),
        on_floor: Callable[[int], None] | None = None,
    ) -> None:
        """Links end at `host`, on the first of `ports` that are free (0: any)."""
        raise NotImplementedError

    async def run(self) -> None:
        """Mixes every 20 ms until it is cancelled; then all links are closed."""
        raise NotImplementedError

    def add(self, member: int, other: LinkEnd, *, rate_hz: int = 8000) -> LinkEnd:
        """Our end of the link to a member whose end is `other`.

        Raises Unavailable when no port is free.
        """
        raise NotImplementedError

    def remove(self, member: int) -> None:
        raise NotImplementedError

    def allow(self, member: int, *, speaks: bool, hears: bool) -> None:
        """Whether the room hears the member, and the member the room."""
        raise NotImplementedError

    async def play(
        self,
        audio: Sequence[Path],
        *,
        to: Collection[int] | None = None,
        loop: bool = False,
    ) -> None:
        """WAV files (16-bit mono, 8 or 16 kHz) one after the other, until they end.

        Heard by everybody who hears the room, now and later, or by the members `to`
        alone, on top of what they hear, deaf or not. Cancelled, it stops at once.
        Raises MediaError when a file is no such WAV.
        """
        raise NotImplementedError

    @property
    def quality(self) -> Mapping[int, LinkQuality]:
        raise NotImplementedError

    def record(self, write: Callable[[bytes], None]) -> Recording:
        """Gives `write` every 20 ms of the whole mix, silence too: 16-bit mono, 8 kHz.

        The bytes are little-endian, as in a WAV file.
        """
        raise NotImplementedError
