"""Servers of customers that do not serve, and more calls than there is room for."""

import asyncio
from collections import Counter
from typing import Final

import pytest

from tests.failures.auditor import Allowed
from tests.failures.seen import Kind, Way
from tests.failures.trial import Trial
from tests.servers.customer import Reply
from tests.servers.free_ports import free_port

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(400),
]

BURST: Final = 30
"""Calls at once, in each direction; there are 15 slots."""
REQUESTS: Final = 300
BURSTS_MAX: Final = 10
UNREACHED, INVALID = 7011, 8011


async def test_bad_servers_hurt_their_own_calls_alone(run: Trial) -> None:
    customer = run.world.customer
    customer.serves("/wrong", Reply("oops", 500))
    customer.serves("/garbage", Reply("<Response><Nonsense/></Response>"))
    customer.serves("/slow", Reply("<Response><Hangup/></Response>", delay_s=4))
    customer.serves("/slow-hangup", Reply("", delay_s=8))
    bad = {
        f"{customer.url}/slow#rt=1000&rc=0": UNREACHED,
        f"{customer.url}/wrong#rc=1": UNREACHED,
        f"http://127.0.0.1:{free_port()}/dead#rc=0": UNREACHED,
        f"{customer.url}/garbage": INVALID,
    }

    async def strike() -> None:
        slow = f"{customer.url}/slow-hangup"
        async with asyncio.TaskGroup() as tasks:
            for url in bad:
                tasks.create_task(run.load.goes_out(Kind.PLAY, answer_url=url))
            tasks.create_task(run.load.goes_out(Kind.PLAY, hangup_url=slow))

    await run.run(strike)

    assert await run.judge(Allowed(codes=frozenset(bad.values()))) == []
    codes = Counter(
        int(told.fields["HangupCauseCode"]) for told in customer.requests("/hangup")
    )
    assert {code: codes[code] for code in bad.values()} == Counter(bad.values())


async def test_too_many_callers_are_told_so_and_no_call_is_served_by_half(
    run: Trial,
) -> None:
    async def strike() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(BURST):
                tasks.create_task(run.load.comes_in(Kind.PLAY))
                tasks.create_task(run.load.goes_out(Kind.PLAY))

    await run.run(strike)

    assert await run.judge(Allowed(refusals=frozenset({486, 503}))) == []
    came = [it for it in run.callers.seen if (it.way, it.kind) == (Way.IN, Kind.PLAY)]
    assert {it.answered for it in came} == {True, False}, "some found a slot"


async def test_too_many_requests_are_told_so_and_no_call_is_served_by_half(
    run: Trial,
) -> None:
    statuses: Counter[int] = Counter()

    async def asks() -> None:
        status, _ = await run.load.ask("GET", "/Call/?limit=1")
        statuses[status] += 1

    async def strike() -> None:
        """A slow machine may need several bursts until one fits into a window."""
        for _ in range(BURSTS_MAX):
            async with asyncio.TaskGroup() as tasks:
                for _ in range(REQUESTS):
                    tasks.create_task(asks())
            if statuses[429]:
                return

    await run.run(strike)

    assert await run.judge(Allowed(unserved=frozenset({429}))) == []
    assert set(statuses) == {200, 429}
