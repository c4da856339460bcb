"""Two-party calls that anybody ends, moves or re-negotiates at any moment.

`make chaos` places more of them than a test run has time for.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import plivo
import pytest

from bench.processes import Part, PlatformProcesses
from tests.calls_e2e.conftest import CARRIER, NUMBER, World
from tests.servers.bus_ear import Heard, bus_ear
from tests.servers.crowd import Crowd
from voiceplat.bus.connection import connect
from voiceplat.core.settings import Settings
from voiceplat.edge.control import kamailio_rpc
from voiceplat.edge.render import RPC_SOCKET

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.fault]

WARM_UP = 4
AT_ONCE = 4
WORKERS = 3
TOO_LATE_S = 60
FILES_MORE = 15
"""Of one process: connections that pools have opened meanwhile; rtpengine has none."""
NEVER_EXPIRES = -1
SEED = 11


class Chaos:
    """The calls, and what the API does to them meanwhile."""

    def __init__(self, world: World, crowd: Crowd, dice: random.Random) -> None:
        self._world = world
        self._crowd = crowd
        self._dice = dice
        self._document = self._dial()

    async def run(self, calls: int) -> None:
        room = asyncio.Semaphore(AT_ONCE)
        acting = asyncio.create_task(self._act_on_all())
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(calls):
                    way = self._comes_in if number % 2 else self._goes_out
                    tasks.create_task(_within(room, way))
        finally:
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)

    async def application(self) -> None:
        url = self._world.customer.url
        self._world.customer.document("/in", self._document)
        self._world.customer.document("/again", self._document)
        self._world.customer.document("/on", '<Wait length="1"/>')
        await self._world.application(
            answer_url=f"{url}/in", hangup_url=f"{url}/hangup"
        )

    def _dial(self) -> str:
        url = self._world.customer.url
        return (
            f'<Dial action="{url}/dialled" redirect="false" callbackUrl="{url}/events"'
            ' timeout="3" timeLimit="4">'
            "<Number>+33123450001</Number><Number>+33123450002</Number>"
            '</Dial><Wait length="1"/>'
        )

    async def _comes_in(self) -> None:
        await self._crowd.place(NUMBER)

    async def _goes_out(self) -> None:
        world = self._world
        uuid = await world.place(
            "33123450000", answer_url=f"{world.customer.url}/in", ring_timeout=3
        )
        if self._dice.random() < 0.3:
            await asyncio.sleep(self._dice.uniform(0, 1))
            await self._ask(partial(world.client.calls.delete, uuid))
        try:
            await _until(lambda: uuid in ended_by_callback(world))
        except TimeoutError:
            pytest.fail(f"call {uuid} is not over:\n{told_of(world, uuid)}")

    async def _act_on_all(self) -> None:
        """Each call that reaches its document may be told something later."""
        known = 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                asked = self._world.customer.requests("/in")
                for request in asked[known:]:
                    tasks.create_task(self._act_on(request.fields["CallUUID"]))
                known = len(asked)
                await asyncio.sleep(0.05)

    async def _act_on(self, uuid: str) -> None:
        calls, url = self._world.client.calls, self._world.customer.url
        await asyncio.sleep(self._dice.uniform(0, 4))
        ways: list[Callable[[], Any]] = [
            partial(calls.delete, uuid),
            partial(calls.transfer, uuid, legs="aleg", aleg_url=f"{url}/again"),
            partial(calls.transfer, uuid, legs="bleg", bleg_url=f"{url}/on"),
            partial(
                calls.transfer,
                uuid,
                legs="both",
                aleg_url=f"{url}/on",
                bleg_url=f"{url}/on",
            ),
            partial(calls.send_digits, uuid, "12", leg="aleg"),
            partial(calls.send_digits, uuid, "34", leg="bleg"),
            *(partial(calls.delete, b_leg) for b_leg in self._b_legs(uuid)),
        ]
        if self._dice.random() < 0.6:
            await self._ask(self._dice.choice(ways))

    def _b_legs(self, uuid: str) -> set[str]:
        told = self._world.customer.requests("/events")
        return {
            it.fields["DialBLegUUID"]
            for it in told
            if it.fields.get("DialALegUUID") == uuid
        }

    async def _ask(self, call: Callable[[], Any]) -> None:
        """It may be over already, or have no B leg any more."""
        with suppress(
            plivo.exceptions.ResourceNotFoundError, plivo.exceptions.ValidationError
        ):
            await self._world.sdk(call)


async def _within(
    room: asyncio.Semaphore, way: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    async with room:
        await way()


@pytest.mark.timeout(900)
async def test_nothing_is_left_over_whatever_the_parties_do(
    world: World, pytestconfig: pytest.Config
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - much the same calls each time
    settings = world.platform.settings
    host, _, port = world.platform.sip.partition(":")
    peer = (host, int(port))
    records = await records_of(world)
    async with (
        bus_ear(settings.redis.url) as heard,
        Crowd.at(CARRIER, world.site.port, peer, dice) as crowd,
    ):
        await world.until_in_service(CARRIER)
        chaos = Chaos(world, crowd, dice)
        await chaos.application()
        await chaos.run(WARM_UP)
        await until_quiet(world, settings, heard)
        files, keys = open_files(world), await lasting_keys(settings)

        await chaos.run(pytestconfig.getoption("chaos_calls"))

        await until_quiet(world, settings, heard)
    assert crowd.came_to.total() > WARM_UP, crowd.came_to
    await assert_each_call_ended_once(world, heard, records)
    await assert_no_more_files_than(files, world)
    assert await lasting_keys(settings) <= keys
    log = world.platform.log("media")
    for trouble in ("worker_died", "call_failed", "Traceback"):
        assert trouble not in log


async def until_quiet(world: World, settings: Settings, heard: Heard) -> None:
    """Every call is over, every slot is back, the edge holds no dialog."""
    slots = settings.media.sessions_per_worker * WORKERS
    rpc = world.platform.data / "edge" / RPC_SOCKET
    await _until(lambda: set(heard["initiated"]) == set(heard["ended"]))
    async with world.bus() as bus, asyncio.timeout(TOO_LATE_S):
        while await bus.slots.count() < slots:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while await kamailio_rpc(rpc, "dlg.list"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def assert_each_call_ended_once(world: World, heard: Heard, records: int) -> None:
    """One terminal event, one record; a hangup callback for those that have one."""
    assert heard["initiated"].keys() == heard["ended"].keys()
    assert set(heard["ended"].values()) == {1}
    async with asyncio.timeout(TOO_LATE_S):
        while await records_of(world) < records + len(heard["ended"]):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert await records_of(world) == records + len(heard["ended"])
    callbacks = ended_by_callback(world)
    assert set(callbacks.values()) == {1}


async def records_of(world: World) -> int:
    """How many calls have a record."""
    page = await world.sdk(lambda: world.client.calls.list(limit=1))
    return int(page.meta.total_count)


def ended_by_callback(world: World) -> Counter[str]:
    told = world.customer.requests("/hangup")
    return Counter(asked.fields["CallUUID"] for asked in told)


def told_of(world: World, uuid: str) -> str:
    lines = world.platform.log("media").splitlines()
    return "\n".join(line for line in lines if uuid in line)


def open_files(world: World) -> dict[tuple[Part, int], int]:
    """How many each process of the platform has open: sockets and RTP ports, too."""
    counts = {}
    for part, pid in PlatformProcesses(world.platform.process.pid).parts():
        with suppress(OSError):
            counts[part, pid] = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return counts


async def assert_no_more_files_than(
    before: dict[tuple[Part, int], int], world: World
) -> None:
    """And the same processes; what is closed late is waited for."""

    def is_so() -> bool:
        now = open_files(world)
        return now.keys() == before.keys() and all(
            now[one] <= before[one] + (one[0] is not Part.RTPENGINE) * FILES_MORE
            for one in before
        )

    try:
        await _until(is_so)
    except TimeoutError:
        pytest.fail(f"open files before {before}, after {open_files(world)}")


async def lasting_keys(settings: Settings) -> set[str]:
    """Keys of the bus that do not expire by themselves."""
    async with connect(settings.redis) as wire:
        found: list[str] = await wire.ask("KEYS", "vp:*")
        return {key for key in found if await wire.ask("TTL", key) == NEVER_EXPIRES}


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(TOO_LATE_S):
        while not fact():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.1)
