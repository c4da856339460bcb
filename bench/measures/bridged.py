"""Calls that a Dial connects: what two legs cost that hear each other.

Callers and callees are SIPp's; all their audio comes to one audience, which sends each
packet back, so both legs of each call carry it both ways.
"""

import asyncio
from pathlib import Path
from typing import Final

from bench import sipp
from bench.cost import cores_of, cpu_times, held_mb
from bench.figures import Figure, median
from bench.measures.audience import Audience
from bench.measures.load import call_keys
from bench.processes import Part
from bench.site import CARRIER, DIAL, Site
from voiceplat.core.settings import MediaSettings

CALL_S: Final = 30
CALLS_PER_S: Final = 0.4
AT_ONCE: Final = round(CALL_S * CALLS_PER_S)
"""Of the 16 for which eight workers have legs."""
LEGS: Final = 2
ROUNDS: Final = 3
ROUND_S: Final = 10
SETTLE_S: Final = 2
CORE: Final = 100
ENOUGH: Final = 0.8
"""Per cent of a core."""


async def talking(
    site: Site, audience: Audience, callee_port: int, folder: Path
) -> list[Figure]:
    """Measured when as many end as begin."""
    calls = round(CALLS_PER_S * (CALL_S + ROUNDS * ROUND_S + SETTLE_S))
    keys, lent = call_keys(audience, DIAL), _lent(site)
    load = sipp.Load(
        scenario="call",
        target=site.platform.sip,
        rate=CALLS_PER_S,
        calls=calls,
        host=CARRIER,
        keys=keys,
        hold_ms=CALL_S * 1000,
    )
    within_s = calls / CALLS_PER_S + CALL_S + 10
    async with sipp.answering("answers", CARRIER, callee_port, keys, folder):
        running = asyncio.create_task(sipp.run(load, folder, within_s=within_s))
        await asyncio.sleep(CALL_S + SETTLE_S)
        audience.forget_packets()
        rounds = [await cores_of(site, ROUND_S) for _ in range(ROUNDS)]
        packets = audience.all_packets
        held = held_mb(site, MediaSettings().legs_per_worker / LEGS)
        result = await running
    expected = 2 * AT_ONCE * 50 * ROUNDS * ROUND_S
    name = f"CPU of a bridged {CALL_S} s call (Dial, both legs), {AT_ONCE} at once"
    workers = median([used[Part.WORKERS] for used in rounds]) / AT_ONCE
    total = median([sum(used.values()) for used in rounds]) / AT_ONCE
    return [
        Figure(
            f"{name}: {Part.WORKERS}",
            workers * CORE,
            "% of a core",
            ENOUGH,
            failures=result.failed,
            samples=calls,
        ),
        Figure("  the same, whole platform", total * CORE, "% of a core"),
        *cpu_times(workers * CALL_S, total * CALL_S),
        held,
        Figure("  its audio that arrived", packets / expected * 100, "% of packets"),
        Figure("  callees that another worker dialled", _lent(site) - lent, "calls"),
    ]


def _lent(site: Site) -> int:
    """How many legs workers have lent to each other."""
    return site.platform.log("media").count('"leg_lent"')
