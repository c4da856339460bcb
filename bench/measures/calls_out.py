"""Outbound: how fast the API answers, and how fast it becomes an INVITE."""

import asyncio
import itertools
from typing import Final

from bench.carrier import PATIENCE_S, Carrier
from bench.cost import Meter
from bench.figures import Figure, median, percentile
from bench.http import Api
from bench.site import Site

PACE: Final = 5
"""`queue.calls_per_second` of the platform measured here."""
WARM_UP: Final = 12
ROUNDS: Final = 3
CALLS: Final = 40
REQUESTS_PER_S: Final = 50
REQUESTS: Final = 300

_numbers = itertools.count(4477000001)


async def post_to_invite(site: Site, carrier: Carrier, api: Api) -> list[Figure]:
    """One call at a time, no sooner than the pace allows: the queue is empty."""
    await _until_in_service(site, carrier, api)
    for _ in range(WARM_UP):
        await _invited(site, carrier, api)
    rounds, failures, meter = [], 0, Meter.begun(site)
    for _ in range(ROUNDS):
        took = [await _invited(site, carrier, api) for _ in range(CALLS)]
        failures += took.count(None)
        rounds.append([ms for ms in took if ms is not None])
    p99 = median([percentile(one, 99) for one in rounds])
    count = ROUNDS * CALLS
    middle = median([median(one) for one in rounds])
    name = "POST /Call/ to INVITE on the wire, queue empty"
    return [
        Figure(f"{name}, p50", middle, "ms", 10, failures=failures, samples=count),
        Figure("  the same, p99", p99, failures=failures, samples=count),
        *meter.per_call(count),
    ]


async def _until_in_service(site: Site, carrier: Carrier, api: Api) -> None:
    """The edge dials a carrier once it has answered OPTIONS."""
    async with asyncio.timeout(20):
        while await _invited(site, carrier, api, within_s=1) is None:
            pass


async def _invited(
    site: Site, carrier: Carrier, api: Api, *, within_s: float = PATIENCE_S
) -> float | None:
    """Milliseconds from the request to the INVITE; None when none came."""
    number = str(next(_numbers))
    invited = carrier.expect(number)
    pace = asyncio.create_task(asyncio.sleep(1.1 / PACE))
    answer = await api.post("Call/", _order(site, number))
    try:
        async with asyncio.timeout(within_s):
            return (await invited - answer.asked_ns) / 1e6
    except TimeoutError:
        return None
    finally:
        await pace


async def post_answered(site: Site, api: Api) -> list[Figure]:
    """50 requests a second; the pace's part of the calls goes out, the rest waits."""
    await _burst(site, api, REQUESTS // 3)
    rounds, failures = [], 0
    for _ in range(ROUNDS):
        took = await _burst(site, api, REQUESTS)
        failures += took.count(None)
        rounds.append([ms for ms in took if ms is not None])
    count = ROUNDS * REQUESTS
    name = f"POST /Call/ answered at {REQUESTS_PER_S} requests/s"
    p50 = median([median(one) for one in rounds])
    p99 = median([percentile(one, 99) for one in rounds])
    return [
        Figure(f"{name}, p50", p50, "ms", 8, failures=failures, samples=count),
        Figure("  the same, p99", p99, "ms", 40, failures=failures, samples=count),
    ]


async def _burst(site: Site, api: Api, requests: int) -> list[float | None]:
    """An open loop: a slow answer does not slow the next request."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as asking:
        asked = []
        for index in range(requests):
            await asyncio.sleep(began + index / REQUESTS_PER_S - loop.time())
            asked.append(asking.create_task(_answered(site, api)))
    return [one.result() for one in asked]


async def _answered(site: Site, api: Api) -> float | None:
    try:
        answer = await api.post("Call/", _order(site, str(next(_numbers))))
    except (OSError, TimeoutError):
        return None
    return answer.took_ms if answer.status == 201 else None


def _order(site: Site, to: str) -> dict[str, str]:
    return {
        "from": "15550199",
        "to": to,
        "answer_url": f"{site.customer}/hangup",
        "answer_method": "GET",
    }
