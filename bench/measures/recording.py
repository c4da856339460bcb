"""What recording costs a call, and how soon its file is ready.

The same calls, which play a prompt to a caller who is never silent, unrecorded, in mono
and in stereo, in turns, so that whatever else the machine does befalls them alike.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench import sipp
from bench.cost import cores_of
from bench.figures import Figure, median, percentile
from bench.http import Api
from bench.measures.audience import Audience
from bench.measures.load import CORE, call_keys
from bench.processes import Part
from bench.site import CARRIER, Site, add_number, running_site
from tests.calls_e2e.conftest import tone
from tests.servers.customer import CustomerServer, customer_server

WORKERS: Final = 4
CALL_S: Final = 10
AT_ONCE: Final = 10
ROUNDS: Final = 3
ROUND_S: Final = 10
SETTLE_S: Final = 3
PROMPT_HZ: Final = 620
NUMBERS: Final = {"unrecorded": "15550110", "mono": "15550111", "stereo": "15550112"}
READY: Final = "/ready"
LAST_S: Final = 20


async def recorded_calls(folder: Path) -> list[Figure]:
    async with customer_server() as customer:
        with running_site(customer.url, WORKERS, {}) as site:
            await _numbers(site, customer)
            with Audience.at(CARRIER) as audience:
                rounds = [
                    {
                        kind: await _round(site, audience, folder, kind)
                        for kind in NUMBERS
                    }
                    for _ in range(ROUNDS)
                ]
            await asyncio.sleep(LAST_S)
            return [*_cpu(rounds), *_soon(customer)]


async def _numbers(site: Site, customer: CustomerServer) -> None:
    """One for each kind of call."""
    customer.serves("/tone.wav", tone(PROMPT_HZ, CALL_S * 2))
    play = f"<Play>{customer.url}/tone.wav</Play>"
    api = Api(site.platform.api, site.platform.auth_id, site.platform.auth_token)
    for kind, number in NUMBERS.items():
        record = (
            f'<Record recordSession="true" recordChannelType="{kind}" maxLength="60"'
            f' callbackUrl="{customer.url}{READY}" redirect="false"/>'
        )
        customer.document(f"/{kind}", play if kind == "unrecorded" else record + play)
        await add_number(site, api, number, f"/{kind}")
    await api.close()


async def _round(
    site: Site, audience: Audience, folder: Path, kind: str
) -> Mapping[Part, float]:
    """CPU of each part, the archive too, for one call: per cent of a core."""
    rate = AT_ONCE / CALL_S
    calls = int(rate * (CALL_S + SETTLE_S + ROUND_S + 1))
    load = sipp.Load(
        scenario="call",
        target=site.platform.sip,
        rate=1,
        calls=calls,
        host=CARRIER,
        keys=call_keys(audience, NUMBERS[kind]),
        hold_ms=CALL_S * 1000,
    )
    running = asyncio.create_task(sipp.run(load, folder, within_s=calls + CALL_S + 20))
    await asyncio.sleep(CALL_S + SETTLE_S)
    used = await cores_of(site, ROUND_S)
    await running
    return {part: cores * CORE / AT_ONCE for part, cores in used.items()}


def _cpu(rounds: list[dict[str, Mapping[Part, float]]]) -> list[Figure]:
    def cost(kind: str, part: Part) -> float:
        return median([one[kind].get(part, 0) for one in rounds])

    name = f"CPU of a {CALL_S} s call with a prompt, {AT_ONCE} at once"
    plain = cost("unrecorded", Part.WORKERS)
    figures = [Figure(f"{name}, unrecorded: {Part.WORKERS}", plain, "% of a core")]
    for kind in ("mono", "stereo"):
        more = cost(kind, Part.WORKERS) - plain
        figures += [
            Figure(f"  what recording adds, {kind}", more, "% of a core"),
            Figure(
                f"  the archive, {kind} MP3", cost(kind, Part.ARCHIVE), "% of a core"
            ),
        ]
    return figures


def _soon(customer: CustomerServer) -> list[Figure]:
    late = [
        asked.at_ms - int(asked.fields["RecordingEndMs"])
        for asked in customer.requests(READY)
    ]
    name = "hang-up → callback of the recording"
    return [
        Figure(f"{name}, p50", median(late), "ms", samples=len(late)),
        Figure("  the same, p95", percentile(late, 95), "ms"),
    ]
