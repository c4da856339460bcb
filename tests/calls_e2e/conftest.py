"""Real calls: the platform as its operator runs it, Plivo's SDK, real phones."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import Any, TypeVar

import plivo
import plivo.rest.client as plivo_client
import pytest

from tests.servers.customer import CustomerServer, Reply, customer_server
from tests.servers.free_ports import free_port
from tests.servers.platform import Platform, platform
from voiceplat.bus.bus import Bus
from voiceplat.edge.control import kamailio_rpc
from voiceplat.edge.render import RPC_SOCKET
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.phone_settings import PhoneSettings, Registration
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

T = TypeVar("T")

PASSWORD = "a-good-password"
CARRIER = "127.0.0.3"
PACED_CARRIER = "127.0.0.4"
PACED_PREFIX = "77"
STRANGER = "127.0.0.5"
NUMBER = "15550100"
TONE_HZ = 620


@dataclass(frozen=True, slots=True)
class Site:
    """A platform with two carriers and a number, as its operator set them up."""

    platform: Platform
    port: int
    """On which both carriers listen."""


@contextmanager
def set_up(
    settings: Mapping[str, str],
    data: Path | None = None,
    *,
    sip_host: str = "127.0.0.1",
) -> Iterator[Site]:
    chosen = {"SIP__TRUNK_PROBE_INTERVAL_S": "1"} | dict(settings)
    with platform(chosen, data, sip_host=sip_host) as running:
        port = free_port()
        for name, host, *more in (
            ("carrier", CARRIER),
            ("paced", PACED_CARRIER, "--prefix", PACED_PREFIX),
        ):
            at = ("--host", host, "--port", str(port))
            running.operate("trunk", "add", name, *at, *more)
        running.operate("number", "add", NUMBER, "--account", running.auth_id)
        yield Site(running, port)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One for each process of the test run."""
    with set_up({}) as made:
        yield made


@pytest.fixture
async def customer() -> AsyncIterator[CustomerServer]:
    async with customer_server() as server:
        yield server


@dataclass(slots=True)
class World:
    """What a test of calls needs at hand."""

    site: Site
    customer: CustomerServer
    client: plivo.RestClient
    folder: Path
    _stack: AsyncExitStack

    @property
    def platform(self) -> Platform:
        return self.site.platform

    async def sdk(self, call: Callable[[], T]) -> T:
        return await asyncio.to_thread(call)

    async def phone(self, alias: str = "phone", *, app_id: str = "") -> Softphone:
        """A softphone of a new endpoint, registered with its password."""
        made = await self.sdk(
            lambda: self.client.endpoints.create(
                "tester", PASSWORD, alias, app_id or None
            )
        )
        return await self.register(made.username, PASSWORD)

    async def register(
        self, username: str, password: str, *, transport: str = "udp"
    ) -> Softphone:
        domain = "phone.plivo.com"
        settings = PhoneSettings(
            proxy=self.platform.sip,
            domain=domain,
            user=username,
            rtp_port_min=0,
            transport=transport,  # type: ignore[arg-type]
            registration=Registration(user=username, password=password, domain=domain),
        )
        return await self._start(settings)

    async def carrier(self, host: str = CARRIER) -> Softphone:
        """A peer that does not register; a trunk, unless it is at another host."""
        settings = PhoneSettings(
            host=host,
            sip_port=self.site.port,
            proxy=self.platform.sip,
            rtp_port_min=0,
        )
        return await self._start(settings)

    async def _start(self, settings: PhoneSettings) -> Softphone:
        own = Path(mkdtemp(dir=self.folder))  # recordings are numbered by the phone
        return await self._stack.enter_async_context(
            Softphone.start(settings, folder=own)
        )

    async def carrier_in_service(self, host: str = CARRIER) -> Softphone:
        """A carrier that the edge has probed and found alive: it takes calls."""
        carrier = await self.carrier(host)
        await self.until_in_service(host)
        return carrier

    async def until_in_service(self, host: str) -> None:
        """Returns when the edge has probed that carrier and found it alive."""
        rpc = self.platform.data / "edge" / RPC_SOCKET
        async with asyncio.timeout(20):
            while True:
                told = await kamailio_rpc(rpc, "dispatcher.list")
                if f"{host}:{self.site.port}" in _in_service(told):
                    return
                await asyncio.sleep(0.2)

    async def application(self, *, answer_url: str, **urls: str) -> str:
        """A new application that has the number; its id."""
        app = await self.sdk(
            lambda: self.client.applications.create(
                "tested", answer_url=answer_url, **urls
            )
        )
        await self.sdk(lambda: self.client.numbers.update(NUMBER, app_id=app.app_id))
        return str(app.app_id)

    async def dialled(self, peer: Softphone, user: str = f"+{NUMBER}") -> SoftphoneCall:
        """A call of the peer's, on its way."""
        return await peer.call(f"sip:{user}@{self.platform.sip}", from_user="+15550199")

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        """The platform's own, to look at what no API shows."""
        async with Bus.connect(self.platform.settings.redis) as bus:
            yield bus

    async def place(self, to: str, answer: str = "<Hangup/>", **more: Any) -> str:  # noqa: ANN401
        """POST Call with ring and hangup URLs; the call_uuid."""
        answer_url = more.pop("answer_url", "") or self.customer.document(
            "/answer", answer
        )
        placed = await self.sdk(
            lambda: self.client.calls.create(
                from_="15550199",
                to_=to,
                answer_url=answer_url,
                ring_url=f"{self.customer.url}/ring",
                hangup_url=f"{self.customer.url}/hangup",
                **more,
            )
        )
        return str(placed.request_uuid)

    async def until_live(self, uuid: str, status: str) -> None:
        """Returns when the API shows that status, a moment after it is so."""
        async with asyncio.timeout(20):
            while True:
                live = await self.sdk(lambda: self.client.live_calls.get(uuid))
                if live.call_status == status:
                    return
                await asyncio.sleep(0.1)

    async def cdr(self, uuid: str) -> Any:  # noqa: ANN401 - the SDK is untyped
        """The record of a call that is over."""
        async with asyncio.timeout(20):
            while True:
                try:
                    return await self.sdk(lambda: self.client.calls.get(uuid))
                except plivo.exceptions.ResourceNotFoundError:
                    await asyncio.sleep(0.1)


def _in_service(told: Any) -> set[str]:  # noqa: ANN401 - JSON of any shape
    """`HOST:PORT` of the trunks that answer OPTIONS."""
    targets = [
        target["DEST"]
        for record in told["RECORDS"]
        for target in record["SET"]["TARGETS"]
    ]
    return {
        target["URI"].removeprefix("sip:").partition(";")[0]
        for target in targets
        if target["FLAGS"].startswith("A")
    }


def tone(hz: float, length_s: float = 0.5) -> Reply:
    """A clear tone, as a WAV file."""
    with NamedTemporaryFile(suffix=".wav") as file:
        content = write_tone(Path(file.name), hz, length_s).read_bytes()
    return Reply(content, content_type="audio/wav")


TONE = tone(TONE_HZ)


def uri(phone: Softphone) -> str:
    return f"sip:{phone.settings.user}@phone.plivo.com"


@pytest.fixture
async def world(
    site: Site,
    customer: CustomerServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    base = f"{site.platform.api}/v1/Account"
    for name in (
        "PLIVO_API_BASE_URI",
        "API_VOICE_BASE_URI",
        "API_VOICE_BASE_URI_FALLBACK_1",
        "API_VOICE_BASE_URI_FALLBACK_2",
    ):
        monkeypatch.setattr(plivo_client, name, base)
    client = plivo.RestClient(site.platform.auth_id, site.platform.auth_token)
    async with AsyncExitStack() as stack:
        yield World(site, customer, client, tmp_path, stack)
    client.session.close()
