"""SIPp, told what to do, asked what came of it."""

import asyncio
import csv
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCENARIOS: Final = Path(__file__).parent / "scenarios"
ANSWER_WITHIN_MS: Final = 5000
"""A call that waits longer for the platform's next message has failed."""
GRACE_S: Final = 5


@dataclass(frozen=True, slots=True)
class Load:
    """`calls` at `rate` a second, from `host`, to `target`."""

    scenario: str
    target: str
    rate: float
    calls: int
    host: str
    keys: Mapping[str, str]
    """What `[name]` in the scenario becomes."""
    hold_ms: int = 0
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    succeeded: int
    failed: int
    seconds: float


async def run(load: Load, folder: Path, *, within_s: float) -> Result:
    """Returns when SIPp is done, or has been stopped: what is not over has failed."""
    stats = folder / f"{load.scenario}-{load.rate:g}.csv"
    keys = [word for key, value in load.keys.items() for word in ("-key", key, value)]
    process = await asyncio.create_subprocess_exec(
        *("sipp", load.target, "-sf", str(SCENARIOS / f"{load.scenario}.xml")),
        *("-i", load.host, "-m", str(load.calls), "-r", f"{load.rate:g}"),
        *("-l", str(load.calls), "-nostdin", "-default_behaviors", "all,-abortunexp"),
        *("-trace_stat", "-stf", str(stats), "-fd", "1", "-timeout", f"{within_s:g}"),
        *("-recv_timeout", str(ANSWER_WITHIN_MS), "-d", str(load.hold_ms)),
        *("-buff_size", "8388608", *keys, *load.more),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        async with asyncio.timeout(within_s + GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    return _result(stats, load.calls)


@asynccontextmanager
async def answering(
    scenario: str, host: str, port: int, keys: Mapping[str, str], folder: Path
) -> AsyncIterator[None]:
    """SIPp takes every call at that address, until the block ends."""
    words = [word for key, value in keys.items() for word in ("-key", key, value)]
    process = await asyncio.create_subprocess_exec(
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-nostdin"),
        *("-i", host, "-p", str(port), "-buff_size", "8388608", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def _result(stats: Path, calls: int) -> Result:
    """From the last of the lines that SIPp writes every second."""
    if not stats.exists():
        return Result(0, calls, 0)
    with stats.open(newline="") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    succeeded = int(last["SuccessfulCall(C)"])
    return Result(succeeded, calls - succeeded, seconds_of(last["ElapsedTime(C)"]))


def seconds_of(clock: str) -> float:
    """Of `00:00:12` or `00:00:12:345000`."""
    hours, minutes, seconds, *micros = clock.split(":")
    whole = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return whole + (int(micros[0]) / 1e6 if micros else 0)
