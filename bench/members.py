"""The members of a conference: they send all the time, one of them says something.

What is said is a mark: one frame of a level that tells which mark it is. Everybody else
should hear it. When it was heard is found afterwards: each member's packets, with the
kernel's times, go through a jitter buffer like the one at a real link's end, which is
asked every 20 ms on the member's own clock.
"""

import asyncio
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bench import rtp
from bench.stamped import StampedSocket
from voiceplat.calls.link import LinkEnd
from voiceplat.links.jitter_buffer import JitterBuffer
from voiceplat.links.rtp import HEADER, PAYLOAD_TYPES, frame_bytes

FRAME_NS: Final = 20_000_000
GROUPS: Final = 10
"""Members send at so many moments of each 20 ms."""
TURN_S: Final = FRAME_NS / GROUPS / 1e9
MARK_EVERY: Final = 5
"""Frames between two marks."""
MARKS: Final = 40
"""Then the first one's level comes again."""
LOWEST_LEVEL: Final = 2000
LEVEL_STEP: Final = 500
LINE_NOISE: Final = 3
"""So little that 400 together do not make one mark into another."""
_FIRST_SAMPLE: Final = struct.Struct(">h")


@dataclass(slots=True)
class Member:
    end: LinkEnd
    phase_ns: int
    stream: rtp.Stream = field(default_factory=rtp.Stream)
    arrivals: list[tuple[int, int, int]] = field(default_factory=list)
    """When, sequence number, mark or -1."""

    def heard(self) -> Iterator[tuple[int, int]]:
        """Each mark that it heard, and when it began to sound."""
        if not self.arrivals:
            return
        buffer = JitterBuffer()
        first, last = self.arrivals[0][0], self.arrivals[-1][0]
        tick = first - first % FRAME_NS + self.phase_ns
        arrivals = iter(self.arrivals)
        coming = next(arrivals, None)
        while tick < last:
            while coming is not None and coming[0] <= tick:
                _, sequence, mark = coming
                buffer.put(sequence, str(mark).encode())
                coming = next(arrivals, None)
            frame = buffer.pop()
            if frame is not None and (mark := int(frame)) >= 0:
                yield mark, tick
            tick += FRAME_NS


class Members:
    """All at one socket, told apart by SSRC."""

    def __init__(self, host: str, count: int) -> None:
        self._socket = StampedSocket(host, self._hear)
        chance = random.Random(5)  # noqa: S311 - phases, no secrets
        self._speakers = [chance.randrange(count) for _ in range(10_000)]
        self.members = [
            Member(
                LinkEnd(host, self._socket.port, number + 1),
                number % GROUPS * (FRAME_NS // GROUPS),
            )
            for number in range(count)
        ]
        self._of: dict[int, Member] = {}
        self._turns = 0
        self.said: list[tuple[int, int]] = []
        """By each mark: the member, and when the frame began at its mouth."""

    def close(self) -> None:
        self._socket.__exit__()

    def forget(self) -> None:
        """What was heard so far."""
        for member in self.members:
            member.stream = rtp.Stream()
            member.arrivals.clear()

    async def talk(self, ends: Sequence[LinkEnd], seconds: float) -> None:
        """Each sends a frame every 20 ms, to its own end of `ends`, and may go on."""
        self._of = {
            end.ssrc: member for end, member in zip(ends, self.members, strict=True)
        }
        loop = asyncio.get_running_loop()
        noise = _noise()
        due = loop.time()
        until = due + seconds
        while loop.time() < until:
            frame, group = divmod(self._turns, GROUPS)
            self._turns += 1
            self._send_group(frame, group, ends, noise)
            due += TURN_S
            await asyncio.sleep(max(due - loop.time(), 0))

    def _send_group(
        self, frame: int, group: int, ends: Sequence[LinkEnd], noise: Sequence[bytes]
    ) -> None:
        mark, is_marked = divmod(frame, MARK_EVERY)
        speaker = self._speakers[mark] if is_marked == 0 else -1
        for number in range(group, len(ends), GROUPS):
            body = noise[(frame + number) % len(noise)]
            if number == speaker:
                body = _level(mark).to_bytes(2, "big") * (len(body) // 2)
            header = HEADER.pack(
                0x80, PAYLOAD_TYPES[8000], frame & 0xFFFF, frame * 160, number + 1
            )
            end = ends[number]
            at_ns = self._socket.send(header + body, (end.host, end.port))
            if number == speaker:
                self.said.append((number, at_ns - FRAME_NS))

    def _hear(self, data: bytes, _: tuple[str, int], at_ns: int) -> None:
        _, _, sequence, _, ssrc = HEADER.unpack_from(data)
        member = self._of[ssrc]
        member.stream.take(sequence, at_ns)
        (level,) = _FIRST_SAMPLE.unpack_from(data, HEADER.size)
        member.arrivals.append((at_ns, sequence, mark_of(level)))

    def delays_ns(self) -> list[int]:
        """From each mouth to each other's ear, for all marks since `forget`."""
        delays: list[int] = []
        for number, member in enumerate(self.members):
            for mark, at_ns in member.heard():
                delay = self._delay_ns(mark, number, at_ns)
                if delay is not None:
                    delays.append(delay)
        return delays

    def _delay_ns(self, mark: int, listener: int, at_ns: int) -> int | None:
        """Since that mark was said last before then; None for one's own."""
        for speaker, began_ns in self.said[mark::MARKS][::-1]:
            if began_ns <= at_ns:
                return None if speaker == listener else at_ns - began_ns
        return None


def mark_of(level: int) -> int:
    """-1 for what is no mark."""
    mark = round((level - LOWEST_LEVEL) / LEVEL_STEP)
    return mark if 0 <= mark < MARKS else -1


def _level(mark: int) -> int:
    return LOWEST_LEVEL + mark % MARKS * LEVEL_STEP


def _noise() -> list[bytes]:
    source = np.random.default_rng(7)
    return [
        source.normal(0, LINE_NOISE, frame_bytes(8000) // 2).astype(">i2").tobytes()
        for _ in range(997)
    ]
