"""Calls that a Dial connects: what two legs cost that hear each other.

Callers and callees are SIPp's; all their audio comes to one audience, which sends each
packet back, so both legs of each call carry it both ways.
"""

import asyncio
from pathlib import Path
from typing import Final

from bench import sipp
from bench.figures import Figure, median
from bench.measures.audience import Audience
from bench.measures.load import call_keys
from bench.processes import Part
from bench.site import CARRIER, DIAL, Site

CALL_S: Final = 30
CALLS_PER_S: Final = 0.4
AT_ONCE: Final = round(CALL_S * CALLS_PER_S)
"""Of the 16 for which eight workers have legs."""
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
    keys = call_keys(audience, DIAL)
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
        rounds = [await _round(site) for _ in range(ROUNDS)]
        packets = audience.all_packets
        result = await running
    expected = 2 * AT_ONCE * 50 * ROUNDS * ROUND_S
    name = f"CPU of a bridged {CALL_S} s call (Dial, both legs), {AT_ONCE} at once"
    workers = median([used[Part.WORKERS] for used in rounds])
    return [
        Figure(
            f"{name}: {Part.WORKERS}",
            workers,
            "% of a core",
            ENOUGH,
            failures=result.failed,
            samples=calls,
        ),
        Figure(
            "  the same, whole platform",
            median([sum(used.values()) for used in rounds]),
            "% of a core",
        ),
        Figure("  its audio that arrived", packets / expected * 100, "% of packets"),
    ]


async def _round(site: Site) -> dict[Part, float]:
    """CPU of one call of each part, in per cent of a core."""
    loop = asyncio.get_running_loop()
    before, began = site.processes.cpu_s(), loop.time()
    await asyncio.sleep(ROUND_S)
    after, spent = site.processes.cpu_s(), loop.time() - began
    share = CORE / spent / AT_ONCE
    return {part: (after[part] - before.get(part, 0)) * share for part in after}
