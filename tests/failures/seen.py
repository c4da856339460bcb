"""What a party at the far end of a call saw of it, and the mark that names the call.

A mark is a word that goes with a call as the SIP header X-PH-Mark, into every callback:
`inplay3` is the third call that came in to hear something played, `legoutdial4` the leg
that the fourth call out has dialled.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Way(StrEnum):
    """Who called whom, as the platform sees it."""

    IN = "in"
    OUT = "out"
    LEG = "leg"
    """Of a Dial."""


class Kind(StrEnum):
    """What a call's document has it do."""

    PLAY = "play"
    KEYS = "keys"
    DIAL = "dial"
    RECORD = "record"
    ROOM = "room"


class End(StrEnum):
    """How it was over for the party."""

    NONE = "never"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    GAVE_UP = "gave up, unanswered"
    UNACKNOWLEDGED = "answered, unheard"
    HUNG_UP_ON = "was hung up on"
    HUNG_UP = "hung up"
    HUNG_UP_UNHEARD = "hung up, unheard"
    """Its BYE was never answered."""


_MARK: Final = re.compile(r"(leg)?(in|out)([a-z]+)([0-9]+)")


@dataclass(slots=True)
class Seen:
    mark: str
    way: Way
    kind: Kind
    status: int = 0
    """The final answer to its INVITE."""
    retry_after: str = ""
    end: End = End.NONE
    heard: bool = False
    """What it was due to hear."""

    @classmethod
    def of(cls, mark: str) -> Self:
        found = _MARK.fullmatch(mark)
        assert found is not None, mark
        way = Way.LEG if found[1] else Way(found[2])
        return cls(mark, way, Kind(found[3]))

    @property
    def answered(self) -> bool:
        return self.status == 200
