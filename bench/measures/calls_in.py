"""Inbound: how fast a call is answered, and how soon its caller hears something."""

import asyncio
from typing import Final

from bench.carrier import CallFailed, Carrier, Heard
from bench.cost import Meter
from bench.figures import Figure, median, percentile
from bench.site import PLAY, SPEAK, Site

ROUNDS: Final = 3
WARM_UP: Final = 20
CALLS_PER_S: Final = 10
CALLS: Final = 60
SPOKEN_PER_S: Final = 2
SPOKEN: Final = 12


async def played(site: Site, carrier: Carrier) -> list[Figure]:
    """10 calls a second to a document that plays what the host has in its cache."""
    await _round(carrier, PLAY, CALLS_PER_S, WARM_UP)
    meter = Meter.begun(site)
    rounds = [await _round(carrier, PLAY, CALLS_PER_S, CALLS) for _ in range(ROUNDS)]
    count, failures = ROUNDS * CALLS, ROUNDS * CALLS - sum(map(len, rounds))
    answers = [[call.invite_to_answer_ms for call in one] for one in rounds]
    sounds = [[call.answer_to_sound_ms for call in one] for one in rounds]
    name = f"INVITE to 200 OK, local answer_url, {CALLS_PER_S} calls/s"
    costs = meter.per_call(count)
    return [
        _middle(f"{name}, p50", answers, 12, failures, count),
        _p99(answers, 60, failures, count),
        _middle("200 OK to sound, cached Play, p50", sounds, 20, failures, count),
        _p99(sounds),
        *costs,
    ]


async def spoken(carrier: Carrier) -> list[Figure]:
    """Ten new words for each call.

    They are made before the call is answered, so the time to the sound is given from
    the INVITE too: against the sum of the targets of its two halves.
    """
    await _round(carrier, SPEAK, SPOKEN_PER_S, SPOKEN_PER_S * 2)
    rounds = [await _round(carrier, SPEAK, SPOKEN_PER_S, SPOKEN) for _ in range(ROUNDS)]
    count, failures = ROUNDS * SPOKEN, ROUNDS * SPOKEN - sum(map(len, rounds))
    after_answer = [[call.answer_to_sound_ms for call in one] for one in rounds]
    after_invite = [[call.invite_to_sound_ms for call in one] for one in rounds]
    name = "to sound, uncached Speak of 10 words, p50"
    return [
        _middle(f"200 OK {name}", after_answer, 120, failures, count),
        _p99(after_answer),
        _middle(f"INVITE {name}", after_invite, 132, failures, count),
        _p99(after_invite),
    ]


def _middle(
    name: str, rounds: list[list[float]], target: float, failures: int, count: int
) -> Figure:
    value = median([median(one) for one in rounds])
    return Figure(name, value, "ms", target, failures=failures, samples=count)


def _p99(
    rounds: list[list[float]],
    target: float | None = None,
    failures: int = 0,
    count: int = 0,
) -> Figure:
    value = median([percentile(one, 99) for one in rounds])
    return Figure("  the same, p99", value, "ms", target, False, failures, count)


async def _round(carrier: Carrier, number: str, rate: float, calls: int) -> list[Heard]:
    """The calls that went well."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as calling:
        placed = []
        for index in range(calls):
            await asyncio.sleep(began + index / rate - loop.time())
            placed.append(calling.create_task(_try(carrier, number)))
    return [heard for one in placed if (heard := one.result())]


async def _try(carrier: Carrier, number: str) -> Heard | None:
    try:
        return await carrier.call(number)
    except CallFailed:
        return None
