"""How many calls a second can be set up, heard and torn down without a failure."""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bench import sipp
from bench.figures import Figure
from bench.measures.audience import Audience
from bench.measures.load import call_keys
from bench.site import CARRIER, PLAY, Site

RATES: Final = (10, 20, 30, 40, 50, 60, 80)
STEP_S: Final = 4
HOLD_MS: Final = 400
TARGET: Final = 40
SLOTS_COME_BACK_S: Final = 1.0


async def calls_per_second(
    site: Site, audience: Audience, folder: Path
) -> list[Figure]:
    """Faster and faster, until a call fails or is not heard."""
    best, failed, placed = 0, 0, 0
    for rate in RATES:
        failed = await _step(site, audience, folder, rate)
        print(f"{rate} calls/s: {failed} failed", file=sys.stderr, flush=True)
        placed = rate * STEP_S
        if failed:
            break
        best = rate
        await asyncio.sleep(SLOTS_COME_BACK_S)
    return [
        Figure(
            "calls set up, heard and torn down, none failed",
            best,
            "calls/s",
            TARGET,
            at_least=True,
        ),
        Figure("  failed at the next step", failed, f"of {placed} calls"),
    ]


async def _step(site: Site, audience: Audience, folder: Path, rate: int) -> int:
    """How many calls failed or stayed silent."""
    calls = rate * STEP_S
    audience.forget()
    load = sipp.Load(
        scenario="call",
        target=site.platform.sip,
        rate=rate,
        calls=calls,
        host=CARRIER,
        keys=call_keys(audience, PLAY),
        hold_ms=HOLD_MS,
    )
    result = await sipp.run(load, folder, within_s=STEP_S + 10)
    return max(result.failed, calls - len(audience.streams))
