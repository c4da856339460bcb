"""A steady mix of calls: in and out; played to, asked for keys, connected, recorded."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import httpx
from typing_extensions import override

from tests.calls_e2e.conftest import NUMBER, TONE, World
from tests.failures.auditor import Order
from tests.failures.callers import Callers
from tests.failures.seen import Kind, Seen, Way
from tests.servers.customer import Asked, Reply

LANES: Final = 8
"""Calls at once, without the legs that they dial."""
OVER_WITHIN_S: Final = 90.0
BETWEEN_S: Final = 0.2
AFTER_REFUSAL_S: Final = 1.0
LEG_NUMBER: Final = "+33123450001"
FAR_NUMBER: Final = "33123450000"


class Load:
    def __init__(
        self, world: World, callers: Callers, client: httpx.AsyncClient
    ) -> None:
        self.orders: list[Order] = []
        self._world = world
        self._callers = callers
        self._numbers = itertools.count(1)
        self._stop = asyncio.Event()
        self._client = client
        self._read_to = 0
        self._over: set[str] = set()

    @override
    def __str__(self) -> str:
        """What came of the calls, for people."""
        ends = Counter(f"{it.way} {it.kind}: {it.end}" for it in self._callers.seen)
        orders = Counter(order.status for order in self.orders)
        return f"parties {dict(ends)}, orders {dict(orders)}"

    async def prepare(self) -> None:
        """The customer's documents, and the number's application."""
        customer = self._world.customer
        customer.serves("/tone.wav", TONE)
        customer.scripts["/answer"] = self._answer
        played = f"<Play>{customer.url}/tone.wav</Play>"
        customer.document("/keys", played + played)
        await self._world.application(
            answer_url=f"{customer.url}/answer", hangup_url=f"{customer.url}/hangup"
        )

    def stop(self) -> None:
        """Calls that have begun go on to their end."""
        self._stop.set()

    async def run(self, lanes: int = LANES) -> None:
        """Until `stop`, and all calls are over."""
        ways = list(itertools.product((Way.IN, Way.OUT), Kind))
        async with asyncio.TaskGroup() as tasks:
            for lane in range(lanes):
                mine = ways[lane % len(ways) :] + ways[: lane % len(ways)]
                tasks.create_task(self._lane(itertools.cycle(mine)))

    async def fill(self, slots: int) -> None:
        """A call in each slot at once: no worker has its first one afterwards.

        Of each kind that takes no second slot, as far as there are slots.
        """
        kinds = itertools.cycle(kind for kind in Kind if kind is not Kind.DIAL)
        calls = [self.comes_in(next(kinds)) for _ in range(slots)]
        for seen in await asyncio.gather(*calls):
            assert seen.answered, f"{seen.mark} found no slot of {slots}: {seen.end}"

    async def _lane(self, ways: "itertools.cycle[tuple[Way, Kind]]") -> None:
        while not self._stop.is_set():
            way, kind = next(ways)
            await (self.comes_in(kind) if way is Way.IN else self.goes_out(kind))
            await asyncio.sleep(BETWEEN_S)

    async def comes_in(self, kind: Kind) -> Seen:
        mark = f"{Way.IN}{kind}{next(self._numbers)}"
        seen = await self._callers.call(mark, NUMBER)
        if not seen.answered:
            await asyncio.sleep(AFTER_REFUSAL_S)
        return seen

    async def goes_out(self, kind: Kind, **more: str) -> Order:
        """Returns when its end was told."""
        order = await self._order(kind, more)
        if not order.uuid:
            await asyncio.sleep(AFTER_REFUSAL_S)
            return order
        loop = asyncio.get_running_loop()
        until = loop.time() + OVER_WITHIN_S
        while loop.time() < until and not self._is_over(order.uuid):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return order

    async def _order(self, kind: Kind, more: Mapping[str, str]) -> Order:
        """POST Call, once, whatever comes of it."""
        mark = f"{Way.OUT}{kind}{next(self._numbers)}"
        url = self._world.customer.url
        asked = {
            "from": "15550199",
            "to": FAR_NUMBER,
            "answer_url": f"{url}/answer",
            "ring_url": f"{url}/ring",
            "hangup_url": f"{url}/hangup",
            "sip_headers": f"Mark={mark}",
            "ring_timeout": "20",
        }
        status, body = await self.ask("POST", "/Call/", {**asked, **more})
        order = Order(mark, status, body.get("request_uuid", ""))
        self.orders.append(order)
        return order

    async def ask(
        self, method: str, path: str, body: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of the API; 0 when there was none."""
        platform = self._world.platform
        login = (platform.auth_id, platform.auth_token)
        url = f"{platform.api}/v1/Account/{platform.auth_id}{path}"
        try:
            answer = await self._client.request(method, url, json=body, auth=login)
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def _is_over(self, uuid: str) -> bool:
        asked = self._world.customer.asked
        self._over |= {
            it.fields["CallUUID"]
            for it in asked[self._read_to :]
            if it.fields.get("Event") == "Hangup"
        }
        self._read_to = len(asked)
        return uuid in self._over

    def _answer(self, asked: Asked) -> Reply:
        mark = asked.fields.get("X-PH-Mark", "inplay0")
        inside = documents(self._world.customer.url, mark)[Seen.of(mark).kind]
        return Reply(f"<Response>{inside}</Response>")


def documents(url: str, mark: str) -> Mapping[Kind, str]:
    played = f"<Play>{url}/tone.wav</Play>"
    leg = f'sipHeaders="Mark={Way.LEG}{mark}"'
    return {
        Kind.PLAY: f'{played}{played}<Wait length="2"/>{played}',
        Kind.KEYS: (
            f'<GetDigits action="{url}/keys" numDigits="2" timeout="20">'
            "<Speak>Please press two keys now.</Speak></GetDigits>"
        ),
        Kind.DIAL: (
            f'<Dial action="{url}/dialled" redirect="false" callbackUrl="{url}/dial"'
            f' {leg} timeLimit="30"><Number>{LEG_NUMBER}</Number></Dial>'
        ),
        Kind.RECORD: (
            f'<Record recordSession="true" callbackUrl="{url}/recorded"'
            ' fileFormat="wav" maxLength="60"/>'
            f'<Record action="{url}/message" redirect="false" maxLength="2"'
            f' callbackUrl="{url}/recorded"/>{played}'
        ),
        Kind.ROOM: f'<Conference callbackUrl="{url}/room">hall</Conference>',
    }
