"""What calls cost the platform: CPU time by part, and memory."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from bench.figures import Figure
from bench.processes import Part
from bench.site import Site

MS: Final = 1000


async def cores_of(site: Site, seconds: float) -> dict[Part, float]:
    """How many cores each part takes during the next seconds."""
    loop = asyncio.get_running_loop()
    before, began = site.processes.cpu_s(), loop.time()
    await asyncio.sleep(seconds)
    after, spent = site.processes.cpu_s(), loop.time() - began
    return {part: (after[part] - before.get(part, 0)) / spent for part in after}


@dataclass(frozen=True, slots=True)
class Meter:
    """Between its `begun` and its `per_call`."""

    site: Site
    cpu_s: Mapping[Part, float]
    pss_mb: Mapping[Part, float]

    @classmethod
    def begun(cls, site: Site) -> Self:
        return cls(site, site.processes.cpu_s(), site.processes.pss_mb())

    def per_call(self, calls: int) -> list[Figure]:
        """CPU of all that happened meanwhile, workers that only wait included."""
        now = self.site.processes.cpu_s()
        used = {part: now[part] - self.cpu_s.get(part, 0) for part in now}
        workers, total = used[Part.WORKERS] / calls, sum(used.values()) / calls
        return [
            Figure(f"  CPU time of such a call, {Part.WORKERS}", workers * MS),
            Figure("  the same, whole platform", total * MS),
        ]

    def grown_mb(self, calls_at_once: int) -> Figure:
        """Asked while the calls are there."""
        grown = sum(self.site.processes.pss_mb().values()) - sum(self.pss_mb.values())
        name = "  memory that the whole platform grows by, per call"
        return Figure(name, grown / calls_at_once, "MB")
