"""Calls of two seconds: instructions over HTTP, a prompt, a key, and what it leads to.

The caller presses its key after 1.8 s of the prompt; the document that the key leads to
hangs up. A key that is not taken leaves the call waiting, and SIPp counts a failure.
"""

import asyncio
from pathlib import Path
from typing import Final

from bench import sipp
from bench.cost import MS, cores_of, held_mb
from bench.figures import Figure, median
from bench.key_press import KeyPress
from bench.measures.audience import Audience
from bench.measures.load import call_keys
from bench.processes import Part
from bench.site import CARRIER, MENU, Site
from voiceplat.core.settings import MediaSettings

CALL_S: Final = 2
CALLS_PER_S: Final = 6
KEY: Final = 5
KEY_AT_PACKET: Final = 90
SETTLE_S: Final = 4
ROUNDS: Final = 3
ROUND_S: Final = 8
ENOUGH_MS: Final = 25


async def pressed(site: Site, audience: Audience, folder: Path) -> list[Figure]:
    """Measured when as many calls end as begin."""
    calls = CALLS_PER_S * (SETTLE_S + ROUNDS * ROUND_S + 1)
    load = sipp.Load(
        scenario="menu",
        target=site.platform.sip,
        rate=CALLS_PER_S,
        calls=calls,
        host=CARRIER,
        keys=call_keys(audience, MENU),
    )
    audience.presses = lambda: KeyPress(KEY, KEY_AT_PACKET)
    running = asyncio.create_task(sipp.run(load, folder, within_s=calls + 20))
    await asyncio.sleep(SETTLE_S)
    rounds = [await cores_of(site, ROUND_S) for _ in range(ROUNDS)]
    held = held_mb(site, MediaSettings().sessions_per_worker)
    result = await running
    audience.presses = None
    name = f"CPU time of a {CALL_S} s call: HTTP, prompt, key, HTTP"
    workers = median([used[Part.WORKERS] for used in rounds]) / CALLS_PER_S
    total = median([sum(used.values()) for used in rounds]) / CALLS_PER_S
    failed, placed = result.failed, result.succeeded + result.failed
    return [
        Figure(
            f"{name}: {Part.WORKERS}",
            workers * MS,
            target=ENOUGH_MS,
            failures=failed,
            samples=placed,
        ),
        Figure("  the same, whole platform", total * MS),
        held,
    ]
