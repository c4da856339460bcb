"""The rules of a room (plivo-xml 3.7): who waits, who is heard, who must go, and when.

It does nothing: it is told what happens and says what is so then. Time is given to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from voiceplat.calls.conference import LIFE_S, MemberRules, Why
from voiceplat.core.errors import RoomFull


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member may do now, and whether it hears its waitSound."""

    speaks: bool
    hears: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """One who is out of the room."""

    member: int
    why: Why
    last: bool
    """Nobody is left."""


@dataclass(slots=True)
class _Member:
    rules: MemberRules
    muted: bool
    deaf: bool = False


class Room:
    """One instance of a room: from its first member until it is over."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._life_s = LIFE_S
        self._members: dict[int, _Member] = {}
        self._numbers = 0
        self._started = False
        self._over = False

    @property
    def members(self) -> list[int]:
        """In the order of their coming."""
        return list(self._members)

    @property
    def started(self) -> bool:
        """One has come who starts it; that stays so when that one leaves."""
        return self._started

    @property
    def over(self) -> bool:
        """Nobody comes in any more."""
        return self._over

    @property
    def ends_at(self) -> float:
        """When its time is up, as things stand."""
        return self._began + self._life_s

    @property
    def next_number(self) -> int:
        """Of whoever comes next; none is given twice."""
        return self._numbers + 1

    def enter(self, rules: MemberRules) -> int:
        """The number of the new member. Raises RoomFull, also when it is over."""
        if self._over or len(self._members) >= rules.most:
            raise RoomFull
        self._numbers += 1
        self._members[self._numbers] = _Member(rules, rules.muted)
        self._started |= rules.starts
        if rules.time_limit_s is not None:
            self._life_s = rules.time_limit_s
        return self._numbers

    def leave(self, member: int, why: Why = Why.LEFT) -> list[Gone]:
        """All who are out now, this one first; nobody when it was out already."""
        if member not in self._members:
            return []
        rules = self._members.pop(member).rules
        gone = [Gone(member, why, last=not self._members)]
        if rules.ends:
            gone += self.end()
        elif self._is_left_alone():
            gone += self._remove_all(Why.ALONE)
        self._over |= not self._members
        return gone

    def end(self, why: Why = Why.ENDED) -> list[Gone]:
        """Everybody is out, in the order of their coming."""
        gone = list(self._remove_all(why))
        self._over = True
        return gone

    def mute(self, member: int, *, muted: bool = True) -> None:
        self._members[member].muted = muted

    def deafen(self, member: int, *, deaf: bool = True) -> None:
        self._members[member].deaf = deaf

    def is_muted(self, member: int) -> bool:
        """By itself or by the API; that it waits is something else."""
        return self._members[member].muted

    def is_deaf(self, member: int) -> bool:
        return self._members[member].deaf

    def standing(self, member: int) -> Standing:
        found = self._members[member]
        return Standing(
            speaks=self._started and not found.muted,
            hears=not found.deaf,
            waits=not self._started or len(self._members) == 1,
        )

    def _is_left_alone(self) -> bool:
        """One is there who does not want to be, and had company."""
        alone = list(self._members.values())
        return len(alone) == 1 and not alone[0].rules.stays_alone

    def _remove_all(self, why: Why) -> Iterator[Gone]:
        for member in list(self._members):
            del self._members[member]
            yield Gone(member, why, last=not self._members)
