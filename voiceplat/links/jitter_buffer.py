"""Puts the frames of a link into order and keeps a few, so that none comes too late.

One frame goes out every 20 ms. It starts with nothing in reserve: when a frame is not
there in time a silent one is given instead, and everything after it is played that much
later. So the delay becomes what the network needs. What is in reserve all the time is
too much: it is skipped.
"""

from typing import Final

FRAMES_MAX: Final = 10
"""200 ms; more than that is a burst after a pause, and only its end is of use."""
RESERVE: Final = 1
"""Frames that may lie ready at the worst of times; what is beyond is skipped."""
WINDOW: Final = 50
"""Frames after which the reserve is looked at: a second."""
JUMP: Final = 50
"""A sequence number this far from the one that is due begins the count anew."""


class JitterBuffer:
    def __init__(self) -> None:
        self.received = 0
        self.lost = 0
        """Frames that were due when others after them had come already."""
        self.late = 0
        """Frames that came after their turn, or twice."""
        self.skipped = 0
        """Frames that were there and given up, to be sooner."""
        self._frames: dict[int, bytes] = {}
        self._due: int | None = None
        self._waited = 0
        self._least = FRAMES_MAX
        self._given = 0

    def put(self, sequence: int, frame: bytes) -> None:
        """A frame and the 16 bits of its sequence number, in any order."""
        self.received += 1
        number = self._unwrapped(sequence)
        if self._due is None or abs(number - self._due) > JUMP:
            self._frames.clear()
            self._due = number
        if number < self._due or number in self._frames:
            self.late += 1
            return
        self._frames[number] = frame
        if len(self._frames) > FRAMES_MAX:
            self._skip(len(self._frames) - RESERVE)

    def pop(self) -> bytes | None:
        """The frame whose turn it is; None when it is lost or has not come yet."""
        if self._due is None or not self._frames:
            self._waited += 1
            self._least = 0
            return None
        self._pass_over_what_was_waited_for(self._due)
        frame = self._frames.pop(self._due, None)
        self._due += 1
        self._waited = 0
        if frame is None:
            self.lost += 1
        self._watch_reserve()
        return frame

    def _unwrapped(self, sequence: int) -> int:
        """The number of which `sequence` has the last 16 bits, next to the one due."""
        if self._due is None:
            return sequence
        ahead = (sequence - self._due) & 0xFFFF
        return self._due + ahead - (0x10000 if ahead >= 0x8000 else 0)

    def _pass_over_what_was_waited_for(self, due: int) -> None:
        """Frames that are missing had their silence already."""
        passed = min(min(self._frames) - due, self._waited)
        self.lost += passed
        self._due = due + passed

    def _watch_reserve(self) -> None:
        self._least = min(self._least, len(self._frames))
        self._given += 1
        if self._given >= WINDOW:
            if self._least > RESERVE:
                self._skip(self._least - RESERVE)
            self._given, self._least = 0, FRAMES_MAX

    def _skip(self, count: int) -> None:
        oldest = sorted(self._frames)[:count]
        for number in oldest:
            del self._frames[number]
        self.skipped += count
        self._due = oldest[-1] + 1
