"""What the machine itself costs today: by what other runs' figures may be compared.

A fixed piece of Python says how fast a core is. A thread that sleeps says what it takes
to be woken: much where a core of a virtual machine may sleep, less where it is busy; a
packet of audio is a wake-up for each process on its way.
"""

import time
from typing import Final

from bench.figures import Figure, median

ROUNDS: Final = 5
TURNS: Final = 1_000_000
WAKE_UPS: Final = 400
SLEEP_S: Final = 0.0025


async def costs() -> list[Figure]:
    """Nothing else may run: it blocks the loop."""
    return [
        Figure("the machine: a million turns of a loop in Python, CPU", _loop_ms()),
        Figure("the machine: a thread that sleeps is woken, CPU", _wake_up_us(), "µs"),
    ]


def _loop_ms() -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        total = 0
        for turn in range(TURNS):
            total += turn
        rounds.append((time.process_time() - began) * 1000)
    return median(rounds)


def _wake_up_us() -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(WAKE_UPS):
            time.sleep(SLEEP_S)
        rounds.append((time.process_time() - began) * 1e6 / WAKE_UPS)
    return median(rounds)
