"""`make demo`: one call out, one call in, on real SIP and RTP, told as they happen.

Exit status 0 only if every party heard, was told and recorded what it should.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, TypeVar

import plivo
import plivo.rest.client as plivo_client
import structlog
import typer

from voiceplat.cli.children import free_port
from voiceplat.cli.demo.customer import TONE_HZ, Customer, customer_server
from voiceplat.cli.demo.listener import Listener
from voiceplat.cli.demo.platform import Running, running_platform
from voiceplat.cli.demo.timeline import Timeline, Who
from voiceplat.core.log import configure_logging
from voiceplat.telephony.phone_settings import PhoneSettings, Registration
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

T = TypeVar("T")

SENTENCE: Final = "Your table for two is ready at seven thirty."
GREETING: Final = "Welcome to the restaurant. We are open until midnight."
NUMBER: Final = "15550100"
PASSWORD: Final = "demo-password"  # noqa: S105 - of a phone that lives for a minute
CARRIER_HOST: Final = "127.0.0.3"
CALL_WITHIN_S: Final = 60.0

WORDS: Final = {"/answer": SENTENCE, "/welcome": GREETING}
"""What the customer's documents say, by their path."""


class Demo:
    """One platform, one customer with Plivo's own SDK, a phone and a carrier."""

    def __init__(
        self, platform: Running, customer: Customer, timeline: Timeline, folder: Path
    ) -> None:
        self._platform = platform
        self._customer = customer
        self._timeline = timeline
        self._folder = folder
        self._listener = Listener(platform.data, timeline)
        self._client = plivo.RestClient(platform.auth_id, platform.auth_token)

    async def outbound(self) -> None:
        """The API rings a phone that registered with a password."""
        self._timeline.title("An outbound call: Plivo's SDK → voiceplat → a phone")
        endpoint = await self._sdk(
            lambda: self._client.endpoints.create("demo", PASSWORD, "Demo phone")
        )
        user = Registration(
            user=endpoint.username, password=PASSWORD, domain="phone.plivo.com"
        )
        settings = PhoneSettings(
            proxy=self._platform.sip,
            domain="phone.plivo.com",
            registration=user,
            user=user.user,
            rtp_port_min=0,
        )
        async with Softphone.start(settings, folder=self._folder) as phone:
            self._told(Who.PHONE, f"REGISTER {user.user}, with digest: accepted")
            placed = await self._sdk(lambda: self._place(user.user))
            uuid = placed.request_uuid
            self._told(Who.APP, f"calls.create → 201 {placed.message!r} {uuid}")
            call = await phone.next_call()
            self._timeline.line(Who.PLATFORM, Who.PHONE, "INVITE")
            await call.ring()
            self._told(Who.PHONE, "180 Ringing")
            await asyncio.sleep(1)
            await call.answer()
            self._told(Who.PHONE, "200 OK")
            ended = await call.until_ended()
            self._timeline.line(Who.PLATFORM, Who.PHONE, "BYE")
            await self._judge(uuid, call, SENTENCE, "outbound", ended.sip_status)
            self._timeline.check(
                "callbacks came in order",
                passed=self._customer.order(uuid) == ["Ring", "StartApp", "Hangup"],
                detail=" → ".join(self._customer.order(uuid)),
            )

    async def inbound(self) -> None:
        """A carrier brings a call for a number."""
        self._timeline.title("An inbound call: a carrier → voiceplat → your app")
        app = await self._sdk(
            lambda: self._client.applications.create(
                "restaurant",
                answer_url=f"{self._customer.url}/welcome",
                hangup_url=f"{self._customer.url}/over",
            )
        )
        settings = PhoneSettings(
            host=CARRIER_HOST, proxy=self._platform.sip, rtp_port_min=0
        )
        async with Softphone.start(settings, folder=self._folder) as carrier:
            host, _, port = carrier.address.rpartition(":")
            operate = self._platform.operate
            await operate("trunk", "add", "carrier", "--host", host, "--port", port)
            account = ("--account", self._platform.auth_id)
            await operate("number", "add", NUMBER, *account, "--app", app.app_id)
            self._told(Who.PLATFORM, f"trunk add carrier; number add {NUMBER}")
            self._told(Who.CARRIER, f"INVITE +{NUMBER}")
            call = await carrier.call(
                f"sip:+{NUMBER}@{self._platform.sip}", from_user="+15550199"
            )
            await call.until_answered()
            self._timeline.line(Who.PLATFORM, Who.CARRIER, "200 OK")
            ended = await call.until_ended()
            self._timeline.line(Who.PLATFORM, Who.CARRIER, "BYE")
            uuid = self._customer.heard[-1][1]["CallUUID"]
            await self._judge(uuid, call, GREETING, "inbound", ended.sip_status)

    async def _judge(
        self, uuid: str, call: SoftphoneCall, words: str, direction: str, status: int
    ) -> None:
        hangup = await self._customer.wait_for("/over", uuid)
        check = self._timeline.check
        check("the call was answered", passed=status == 200)
        await self._listener.heard(call.heard, words, TONE_HZ)
        cause = hangup["HangupCauseCode"], hangup["HangupCauseName"]
        check("hangup callback", passed=cause[0] == "4010", detail=" ".join(cause))
        cdr = await self._sdk(lambda: self._client.calls.get(uuid))
        check(
            "CDR",
            passed=(cdr.call_direction, cdr.hangup_cause_code) == (direction, 4010),
            detail=f"{cdr.from_number} → {cdr.to_number}, {cdr.call_duration} s, "
            f"{cdr.hangup_cause_name}",
        )

    def _place(self, user: str) -> Any:  # noqa: ANN401 - the SDK is untyped
        url = self._customer.url
        return self._client.calls.create(
            from_="15550199",
            to_=f"sip:{user}@phone.plivo.com",
            answer_url=f"{url}/answer",
            ring_url=f"{url}/ring",
            hangup_url=f"{url}/over",
        )

    async def _sdk(self, call: Callable[[], T]) -> T:
        """The SDK blocks; it gets a thread, as a customer's own program would."""
        return await asyncio.to_thread(call)

    def _told(self, who: Who, what: str) -> None:
        receiver = None if who is Who.PLATFORM else Who.PLATFORM
        self._timeline.line(who, receiver, what)


async def run_demo() -> int:
    """Exit status: 0 all was as it should be, 1 something was not."""
    configure_logging("demo", "error", "text")
    structlog.contextvars.clear_contextvars()
    folder = Path(mkdtemp(prefix="voiceplat-demo-"))
    timeline = Timeline()
    typer.echo("starting voiceplat (Redis, Kamailio, rtpengine, workers, speech) …")
    api, sip = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    async with (
        customer_server(timeline, {}) as customer,
        running_platform(folder / "data", api, sip) as platform,
    ):
        customer.auth_token = platform.auth_token
        customer.documents.update(_documents(customer.url))
        _point_sdk_at(platform.api)
        demo = Demo(platform, customer, timeline, folder)
        for part in (demo.outbound, demo.inbound):
            async with asyncio.timeout(CALL_WITHIN_S):
                await part()
    typer.echo(f"\nrecordings and logs: {folder}")
    if timeline.failures:
        typer.secho(f"FAILED: {', '.join(timeline.failures)}", fg="red")
        return 1
    typer.secho("Both calls went as they should.", fg="green")
    return 0


def _documents(url: str) -> dict[str, str]:
    """Each says its words, then plays a file."""
    return {
        path: f"<Response><Speak>{words}</Speak><Play>{url}/tone.wav</Play></Response>"
        for path, words in WORDS.items()
    }


def _point_sdk_at(api: str) -> None:
    """The SDK has no option for its server; these are its own module constants."""
    base = f"{api}/v1/Account"
    plivo_client.PLIVO_API_BASE_URI = base
    plivo_client.API_VOICE_BASE_URI = base
    plivo_client.API_VOICE_BASE_URI_FALLBACK_1 = base
    plivo_client.API_VOICE_BASE_URI_FALLBACK_2 = base
