"""A conference: how many members one core mixes, at what cost, and how late they hear.

The mixer has a process of its own; its members are this program. They send all the
time, as open lines do. Both go before other work where the kernel allows it: the mixer
because it does so anyhow, its members because they stand for other machines.
"""

import os
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from bench.figures import Figure, median, percentile
from bench.members import Members
from bench.room import Room, running_room
from voiceplat.mixer.priority import go_first

HOST: Final = "127.0.0.1"
STEPS: Final = (100, 200, 300, 400)
"""Members; no further than the first step at which a frame is late."""
ENOUGH: Final = 100
SETTLE_S: Final = 2.0
ROUND_S: Final = 5.0
ROUNDS: Final = 3
"""Of the first step, from which cost and delay are taken; the others have one."""
TRIES: Final = 2
"""Of a step: something else on the machine may take the core for a moment."""
TARGET_MS: Final = 100
CORE: Final = 100
NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Round:
    cpu_share: float
    """Of a core, by the mixer."""
    packets: int
    late: int
    """Packets more than 40 ms after the one before, or never."""
    delays_ms: list[float]


@dataclass(frozen=True, slots=True)
class Step:
    members: int
    rounds: list[Round]

    @property
    def packets(self) -> int:
        return sum(one.packets for one in self.rounds)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.rounds)

    @property
    def is_good(self) -> bool:
        return self.late == 0 and self.packets > 0

    @property
    def cpu_share(self) -> float:
        return median([one.cpu_share for one in self.rounds])

    def delay_ms(self, percent: float) -> float:
        """The median of the rounds."""
        return median([percentile(one.delays_ms, percent) for one in self.rounds])


async def mixed() -> list[Figure]:
    go_first()
    try:
        return _figures(await _steps())
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


async def _steps() -> list[Step]:
    steps: list[Step] = []
    for members in STEPS:
        rounds = 1 if steps else ROUNDS
        tries = [await _step(members, rounds)]
        while not tries[-1].is_good and len(tries) < TRIES:
            tries.append(await _step(members, rounds))
        steps.append(min(tries, key=lambda one: one.late))
        if not steps[-1].is_good:
            break
    return steps


async def _step(count: int, rounds: int) -> Step:
    with (
        closing(Members(HOST, count)) as members,
        running_room(HOST, [one.end for one in members.members]) as room,
    ):
        await members.talk(room.ends, SETTLE_S)
        return Step(count, [await _round(members, room) for _ in range(rounds)])


async def _round(members: Members, room: Room) -> Round:
    members.forget()
    before, began = room.cpu_s(), time.monotonic()
    await members.talk(room.ends, ROUND_S)
    used, took = room.cpu_s() - before, time.monotonic() - began
    streams = [one.stream for one in members.members]
    return Round(
        cpu_share=used / took,
        packets=sum(one.packets for one in streams),
        late=sum(one.gaps + one.lost for one in streams),
        delays_ms=[ns / NS_PER_MS for ns in members.delays_ns()],
    )


def _figures(steps: list[Step]) -> list[Figure]:
    first, last = steps[0], steps[-1]
    most = max((one.members for one in steps if one.is_good), default=0)
    room = f"conference of {first.members}"
    return [
        Figure("conference members, one core, no late frame", most, "", ENOUGH, True),
        Figure(
            f"  packets over 40 ms late or lost, {last.members} members",
            last.late / max(last.packets, 1) * 100,
            "% of packets",
        ),
        Figure(
            f"CPU per conference member, {room}",
            first.cpu_share / first.members * CORE,
            "% of a core",
        ),
        Figure(f"  the mixer of {last.members}", last.cpu_share * CORE, "% of a core"),
        Figure(
            f"mouth-to-ear delay through the mixer, {room}, p50", first.delay_ms(50)
        ),
        Figure("  the same, p95", first.delay_ms(95), target=TARGET_MS),
        Figure(f"  the same, {last.members} members, p95", last.delay_ms(95)),
    ]
