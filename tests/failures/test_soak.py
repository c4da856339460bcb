"""Mixed traffic at half of capacity: nothing grows, and no call fails.

`make soak` runs it for an hour; a test run has a few minutes for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import pytest

from bench.processes import PlatformProcesses
from tests.calls_e2e.conftest import Site, set_up
from tests.failures.auditor import Allowed
from tests.failures.conftest import IMPATIENT
from tests.failures.growth import Growth, Sample, growth_of, table
from tests.failures.system import open_files
from tests.failures.trial import Trial
from tests.servers.postgres import PostgresServer
from voiceplat.bus.connection import connect

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
PSS_GROWS: Final = 0.05
"""Of a part's memory, in an hour; allocators are not exact."""
PSS_GROWS_MB: Final = 2.0
FILES_GROW: Final = 3.0
OTHERS_GROW: Final = 1.0
KEYS, PROCESSES = "lasting keys of Redis", "processes"


@pytest.fixture
def site(database: PostgresServer) -> Iterator[Site]:
    """What topos keeps of a call that is over goes within the warm-up."""
    with set_up(IMPATIENT | {"SIP__RING_LIMIT_S": "60"}) as made:
        yield made


async def sample(run: Trial, at_s: float) -> Sample:
    processes = PlatformProcesses(run.world.platform.process.pid)
    values: defaultdict[str, float] = defaultdict(float)
    for part, mb in (await asyncio.to_thread(processes.pss_mb)).items():
        values[f"MB of {part}"] = mb
    for part, pid in processes.parts():
        values[f"open files of {part}"] += open_files(pid)
        values[PROCESSES] += 1
    async with connect(run.settings.redis) as wire:
        keys: list[str] = await wire.ask("KEYS", "*")
        for key in keys:
            values[KEYS] += await wire.ask("TTL", key) == NEVER_EXPIRES
    return Sample(at_s, values)


def judged(samples: list[Sample]) -> list[Growth]:
    steady = samples[int(len(samples) * WARM_UP) :]
    names = sorted({name for it in steady for name in it.values})
    growths = []
    for name in names:
        allowed = FILES_GROW if name.startswith("open files") else OTHERS_GROW
        if name.startswith("MB"):
            size = max(it.values.get(name, 0.0) for it in steady)
            allowed = PSS_GROWS * size + PSS_GROWS_MB
        growths.append(growth_of(steady, name, allowed))
    return growths


async def test_nothing_grows(run: Trial, pytestconfig: pytest.Config) -> None:
    minutes: float = pytestconfig.getoption("soak_minutes")
    loop = asyncio.get_running_loop()
    samples: list[Sample] = []
    began = loop.time()

    async def strike() -> None:
        while loop.time() < began + minutes * 60:
            samples.append(await sample(run, loop.time() - began))
            await asyncio.sleep(EVERY_S)

    async with run.world.bus() as bus:
        lanes = await bus.slots.count() // 2
    await run.run(strike, lanes=lanes, after_s=0)

    growths = judged(samples)
    print(table(growths))  # noqa: T201 - what `make soak` is for
    print(run.load)  # noqa: T201
    assert [it.name for it in growths if it.grows] == []
    assert await run.judge(Allowed()) == []
