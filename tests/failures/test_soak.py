"""Mixed traffic at half of capacity: nothing grows, and no call fails.

`make soak` runs it for an hour; a test run has a few minutes for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from typing import Final

import pytest

from bench.processes import Part, PlatformProcesses, pss_mb
from tests.calls_e2e.conftest import Site, set_up
from tests.failures.auditor import Allowed
from tests.failures.conftest import IMPATIENT
from tests.failures.growth import Growth, Sample, growth_of, table
from tests.failures.system import open_files
from tests.failures.trial import Trial
from tests.servers.postgres import PostgresServer
from voiceplat.bus.connection import connect
from voiceplat.core.settings import RedisSettings
from voiceplat.edge.topology import TOPOLOGY_SOCKET

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(3 * 3600),
]

EVERY_S: Final = 5
WARM_UP: Final = 1 / 3
"""Of the samples: pools fill, caches are made."""
NEVER_EXPIRES: Final = -1
MEMORY, FILES, KEYS, PROCESSES = (
    "MB of ",
    "open files of ",
    "lasting keys",
    "processes",
)
HOURLY: Final = {MEMORY: 2.0, FILES: 3.0, KEYS: 1.0, PROCESSES: 1.0}
"""By how much a part's may grow in an hour."""
AT_LEAST: Final = {
    f"{MEMORY}{Part.WORKERS}": 12.0,
    MEMORY: 4.0,
    FILES: 15.0,
    KEYS: 5.0,
    PROCESSES: 2.0,
}
"""And in a run, however short: what a leak of one a call is above in a minute. Five
workers' pools are full after 1,400 calls each, which a short run does not have."""
MEMORY_GROWS: Final = 0.05
"""Of itself, in an hour, beside HOURLY; allocators are not exact."""


@pytest.fixture
def site(database: PostgresServer) -> Iterator[Site]:
    """What is kept of a call that is over, by topos and as timeline, goes soon."""
    forgetful = {"SIP__RING_LIMIT_S": "60", "TIMELINE__LIVE_KEPT_S": "30"}
    with set_up(IMPATIENT | forgetful) as made:
        yield made


async def sample(run: Trial, lasting: Container[int], at_s: float) -> Sample:
    """Mixers come and go with their rooms: memory is that of `lasting` processes."""
    values = await asyncio.to_thread(_of_processes, run, lasting)
    topology = run.world.platform.data / "edge" / TOPOLOGY_SOCKET
    for redis in run.settings.redis, RedisSettings(url=f"unix://{topology}"):
        async with connect(redis) as wire:
            keys: list[str] = await wire.ask("KEYS", "*")
            for key in keys:
                values[KEYS] += await wire.ask("TTL", key) == NEVER_EXPIRES
    return Sample(at_s, values)


def _of_processes(run: Trial, lasting: Container[int]) -> defaultdict[str, float]:
    values: defaultdict[str, float] = defaultdict(float)
    for part, pid in _parts(run):
        if pid in lasting:
            values[MEMORY + part] += pss_mb(pid)
        values[FILES + part] += open_files(pid)
        values[PROCESSES] += 1
    return values


def _parts(run: Trial) -> Iterator[tuple[Part, int]]:
    return PlatformProcesses(run.world.platform.process.pid).parts()


def judged(samples: list[Sample]) -> list[Growth]:
    steady = samples[int(len(samples) * WARM_UP) :]
    growths = []
    for name in sorted({name for it in steady for name in it.values}):
        allowed = _of_kind(HOURLY, name)
        if name.startswith(MEMORY):
            allowed += MEMORY_GROWS * max(it.values.get(name, 0.0) for it in steady)
        growths.append(growth_of(steady, name, allowed, _of_kind(AT_LEAST, name)))
    return growths


def _of_kind(limits: Mapping[str, float], name: str) -> float:
    """The first that fits: what is said of one part stands before its kind."""
    return next(limit for kind, limit in limits.items() if name.startswith(kind))


async def test_nothing_grows(run: Trial, pytestconfig: pytest.Config) -> None:
    minutes: float = pytestconfig.getoption("soak_minutes")
    loop = asyncio.get_running_loop()
    samples: list[Sample] = []
    async with run.world.bus() as bus:
        slots = await bus.slots.count()
    await run.load.fill(slots)
    await run.note_idle()
    lasting = {pid for _, pid in _parts(run)}
    began = loop.time()

    async def strike() -> None:
        while loop.time() < began + minutes * 60:
            samples.append(await sample(run, lasting, loop.time() - began))
            await asyncio.sleep(EVERY_S)

    await run.run(strike, lanes=slots // 2, after_s=0)

    growths = judged(samples)
    print(table(growths))  # noqa: T201 - what `make soak` is for
    print(run.load)  # noqa: T201
    findings = await run.judge(Allowed())
    assert ([it.name for it in growths if it.grows], findings) == ([], [])
