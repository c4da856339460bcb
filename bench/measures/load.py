"""Many calls at once that play a prompt: what each costs, and how evenly it sounds."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench import rtp, sipp
from bench.cost import cores_of, cpu_times
from bench.figures import Figure, median, percentile
from bench.measures.audience import Audience
from bench.processes import Part
from bench.site import CARRIER, PLAY, Site
from voiceplat.core.settings import MediaSettings

CALL_S: Final = 10
CALLS_PER_S: Final = 9
AT_ONCE: Final = CALL_S * CALLS_PER_S
ROUNDS: Final = 3
ROUND_S: Final = 10
IDLE_S: Final = 5
SETTLE_S: Final = 2
ENOUGH: Final = 0.38
"""Per cent of a core: ahead of the two C servers on the same kind of machine."""
CORE: Final = 100


async def idle(site: Site) -> list[Figure]:
    """Of workers that have had no call yet."""
    await asyncio.sleep(SETTLE_S)
    before = site.processes.cpu_s()
    await asyncio.sleep(IDLE_S)
    used = site.processes.cpu_s()[Part.WORKERS] - before[Part.WORKERS]
    held = site.processes.pss_mb()[Part.WORKERS]
    return [
        Figure("idle worker, CPU", used / IDLE_S / site.workers * CORE, "% of a core"),
        Figure("idle worker, memory (PSS)", held / site.workers, "MB"),
    ]


async def playing(site: Site, audience: Audience, folder: Path) -> list[Figure]:
    """Calls of 10 s, so many a second; measured when as many end as begin."""
    calls = CALLS_PER_S * (CALL_S + ROUNDS * ROUND_S + 1)
    load = sipp.Load(
        scenario="call",
        target=site.platform.sip,
        rate=CALLS_PER_S,
        calls=calls,
        host=CARRIER,
        keys=call_keys(audience, PLAY),
        hold_ms=CALL_S * 1000,
    )
    idle_mb = site.processes.pss_mb()
    within_s = calls / CALLS_PER_S + CALL_S + 10
    running = asyncio.create_task(sipp.run(load, folder, within_s=within_s))
    await asyncio.sleep(CALL_S + SETTLE_S)
    audience.forget()
    rounds = [await _round(site) for _ in range(ROUNDS)]
    streams = list(audience.streams.values())
    busy_mb = site.processes.pss_mb()
    result = await running
    return [
        *_cpu(rounds, result),
        *_evenness(streams),
        *_memory(site, idle_mb, busy_mb),
    ]


async def _round(site: Site) -> Mapping[Part, float]:
    """CPU of one call of each part, in per cent of a core."""
    used = await cores_of(site, ROUND_S)
    return {part: cores * CORE / AT_ONCE for part, cores in used.items()}


def _cpu(rounds: list[Mapping[Part, float]], result: sipp.Result) -> list[Figure]:
    of_part = {part: median([one.get(part, 0) for one in rounds]) for part in Part}
    total = median([sum(one.values()) for one in rounds])
    workers = of_part[Part.WORKERS]
    name = f"CPU of a {CALL_S} s call with a prompt, {AT_ONCE} at once"
    placed = result.succeeded + result.failed
    return [
        Figure(
            f"{name}: {Part.WORKERS}",
            workers,
            "% of a core",
            ENOUGH,
            failures=result.failed,
            samples=placed,
        ),
        *(
            Figure(f"  the same, {part}", of_part[part], "% of a core")
            for part in Part
            if part is not Part.WORKERS
        ),
        Figure("  the same, whole platform", total, "% of a core"),
        *cpu_times(workers * CALL_S / CORE, total * CALL_S / CORE),
        Figure(
            "calls per core, by the call workers", CORE / workers, "calls", 260, True
        ),
        Figure("calls per core, by the whole platform", CORE / total, "calls"),
    ]


def _evenness(streams: list[rtp.Stream]) -> list[Figure]:
    """Of the packets as the receiver's kernel saw them."""
    spacings = [ms for one in streams for ms in one.spacings_ms]
    gaps = sum(one.gaps for one in streams)
    share = gaps / len(spacings) * 100 if spacings else float("nan")
    name = f"RTP gaps over 40 ms, {AT_ONCE} calls at once"
    return [
        Figure(name, share, "% of packets", 0.1),
        Figure("  between two packets, p50", median(spacings)),
        Figure("  the same, p99", percentile(spacings, 99)),
    ]


def _memory(
    site: Site, idle: Mapping[Part, float], busy: Mapping[Part, float]
) -> list[Figure]:
    """A call needs its share of a worker, so full workers count, not what they grew."""
    worker = busy[Part.WORKERS] / site.workers
    share = worker / MediaSettings().sessions_per_worker
    more = (sum(busy.values()) - sum(idle.values())) / AT_ONCE
    return [
        Figure("memory per call, its share of a full worker", share, "MB", 4),
        Figure("  what the whole platform grows by, per call", more, "MB"),
    ]


def call_keys(audience: Audience, number: str) -> dict[str, str]:
    """What the scenario `call` asks for."""
    return {
        "number": number,
        "audio_host": CARRIER,
        "audio_port": str(audience.port),
    }
