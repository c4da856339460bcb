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

    @classmethod
    def begun(cls, site: Site) -> Self:
        return cls(site, site.processes.cpu_s())

    def per_call(self, calls: int) -> list[Figure]:
        """CPU of all that happened meanwhile, workers that only wait included."""
        now = self.site.processes.cpu_s()
        used = {part: now[part] - self.cpu_s.get(part, 0) for part in now}
        return cpu_times(used[Part.WORKERS] / calls, sum(used.values()) / calls)


def cpu_times(workers_s: float, platform_s: float) -> list[Figure]:
    return [
        Figure(f"  CPU time of such a call, {Part.WORKERS}", workers_s * MS),
        Figure("  the same, whole platform", platform_s * MS),
    ]


def held_mb(site: Site, calls_of_a_worker: float) -> Figure:
    """Its share of a worker that is full of such calls; asked while they are there."""
    worker = site.processes.pss_mb()[Part.WORKERS] / site.workers
    name = "  memory of such a call, its share of a full worker"
    return Figure(name, worker / calls_of_a_worker, "MB")
