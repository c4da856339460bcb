"""Asking other workers for a leg when they do not answer, or others do."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import cast

import pytest

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import Credentials, Destination
from voiceplat.core.errors import MediaError, NoLegFree
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import MediaSettings, SecuritySettings, Settings
from voiceplat.links.link_socket import LinkSocket
from voiceplat.media.elsewhere import Elsewhere
from voiceplat.media.leg_channel import Greeting, LegChannel
from voiceplat.media.sealed_credentials import unseal_credentials
from voiceplat.telephony.link import Link

pytestmark = pytest.mark.real_time

HERE, FIRST, SECOND = (WorkerAddress(f"127.0.0.1:{n}") for n in (1, 2, 3))
TO = Destination("sip:15550100@127.0.0.1", "15550199")


class FullBridge:
    """A phone whose bridge has no port left; it tells how far the asking came."""

    def __init__(self) -> None:
        self.asked = 0

    def open_link(self, ends_at: LinkSocket) -> Link:
        self.asked += 1
        raise MediaError("no port left")


class Workers:
    """Two workers with a leg each; `says` is what they greet with, None for nothing."""

    def __init__(self, **says: str | None) -> None:
        self.asked: list[WorkerAddress] = []
        self.taken_back: list[WorkerAddress] = []
        self.visits: list[LegChannel] = []
        self.messages: list[str] = []
        """What lay in Redis."""
        self._says = [says["first"], says["second"]]
        self._left = [FIRST, SECOND]

    def as_bus(self) -> Bus:
        self.legs = self
        return cast("Bus", self)

    async def borrow(
        self, wanted: LegWanted, not_from: Collection[WorkerAddress]
    ) -> WorkerAddress | None:
        if not self._left:
            return None
        worker = self._left.pop(0)
        assert HERE in not_from
        assert worker not in not_from
        self.asked.append(worker)
        self.messages.append(wanted.model_dump_json())
        match self._says.pop(0):
            case "no leg":
                await self.visit(wanted, Greeting(password=wanted.password))
            case "a leg":
                greeting = Greeting(password=wanted.password, link=wanted.link)
                await self.visit(wanted, greeting)
            case "a lie":
                await self.visit(wanted, Greeting(password="guess", link=wanted.link))
        return worker

    async def visit(self, wanted: LegWanted, greeting: Greeting) -> None:
        channel = await LegChannel.visit(wanted.host, wanted.port, lost_after_s=4)
        channel.say(greeting)
        self.visits.append(channel)

    async def take_back(self, wanted: LegWanted, worker: WorkerAddress) -> None:
        assert wanted.to == TO, "without credentials"
        self.taken_back.append(worker)

    async def all_were_left(self) -> None:
        """Every connection was closed by the asking side."""
        async with asyncio.timeout(20):
            for channel in self.visits:
                assert await channel.next() is None
                await channel.close()


async def ask(workers: Workers) -> FullBridge:
    settings = Settings(media=MediaSettings(borrow_timeout_ms=300))
    phone = FullBridge()
    async with Elsewhere.open(settings, HERE, workers.as_bus(), phone) as elsewhere:
        with pytest.raises(NoLegFree):
            await elsewhere.dial(TO)
    await workers.all_were_left()
    return phone


async def test_a_password_crosses_the_bus_sealed() -> None:
    workers = Workers(first="no leg", second=None)
    security = SecuritySettings.model_validate({"secret_key": new_secret_key()})
    settings = Settings(media=MediaSettings(borrow_timeout_ms=300), security=security)
    credentials = Credentials("carol", "a secret of hers")
    phone, to = FullBridge(), replace(TO, credentials=credentials)
    async with Elsewhere.open(settings, HERE, workers.as_bus(), phone) as elsewhere:
        with pytest.raises(NoLegFree):
            await elsewhere.dial(to)
    await workers.all_were_left()

    assert credentials.password not in "".join(workers.messages)
    for message in workers.messages:
        wanted = LegWanted.model_validate_json(message)
        assert unseal_credentials(wanted.sealed_credentials, security) == credentials


async def test_a_worker_without_a_leg_is_passed_over_at_once() -> None:
    workers = Workers(first="no leg", second="no leg")

    await ask(workers)

    assert workers.asked == [FIRST, SECOND]
    assert workers.taken_back == []


async def test_a_worker_that_is_silent_is_passed_over_and_told_nothing_any_more() -> (
    None
):
    workers = Workers(first=None, second="no leg")

    await ask(workers)

    assert workers.asked == [FIRST, SECOND]
    assert workers.taken_back == [FIRST]


async def test_who_does_not_know_the_password_is_shown_out() -> None:
    workers = Workers(first="a lie", second="a lie")

    phone = await ask(workers)

    assert phone.asked == 0
    assert workers.taken_back == [FIRST, SECOND]


async def test_a_leg_that_finds_no_room_on_the_bridge_is_given_up() -> None:
    workers = Workers(first="a leg", second=None)

    phone = await ask(workers)

    assert phone.asked == 1
    assert workers.asked == [FIRST]
