"""Legs of another process: the contract of a leg, and what happens when one side dies.

The far phone is a third process, so all audio passes SIP, RTP and a link.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from typing_extensions import override

from tests.contracts.bridge_contract import BridgeContract
from tests.contracts.hearing_contract import HearingContract
from tests.contracts.leg_contract import LegContract, LegPair, MakePair
from tests.servers.leg_host import SECRET, LegHost
from tests.telephony.test_leg_contract import SoftphoneEnd
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import CallEnded, Destination, Party
from voiceplat.core.errors import NoLegFree, Unavailable
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.settings import MediaSettings, SecuritySettings, Settings
from voiceplat.media.elsewhere import Elsewhere
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone

pytestmark = pytest.mark.sip

HERE = WorkerAddress("127.0.0.1:1")


@dataclass
class FakeBus:
    """Tells one host what to do; `away` is what Redis is then."""

    host: LegHost
    how: str = "dial"
    away: bool = False
    taken_back: list[LegWanted] = field(default_factory=list)

    def as_bus(self) -> Bus:
        self.legs = self
        return cast("Bus", self)

    async def borrow(
        self, wanted: LegWanted, not_from: Collection[WorkerAddress]
    ) -> WorkerAddress | None:
        if self.away:
            raise Unavailable("Redis")
        if self.host.address in not_from:
            return None
        self.host.tell(self.how, wanted)
        return WorkerAddress(self.host.address)

    async def take_back(self, wanted: LegWanted, worker: WorkerAddress) -> None:
        assert worker == self.host.address
        self.taken_back.append(wanted)


@pytest.fixture
async def phone() -> AsyncIterator[PjPhone]:
    async with PjPhone.open(PhoneSettings(rtp_port_min=20000)) as phone:
        yield phone


@pytest.fixture
async def far_phone(tmp_path: Path) -> AsyncIterator[Softphone]:
    folder = tmp_path / "far"
    folder.mkdir()
    async with Softphone.start(PhoneSettings(rtp_port_min=0), folder=folder) as phone:
        yield phone


@pytest.fixture
async def host() -> AsyncIterator[LegHost]:
    async with LegHost.start() as host:
        yield host


@pytest.fixture
def fake_bus(host: LegHost) -> FakeBus:
    return FakeBus(host)


@pytest.fixture
async def elsewhere(phone: PjPhone, fake_bus: FakeBus) -> AsyncIterator[Elsewhere]:
    settings = Settings(
        media=MediaSettings(borrow_timeout_ms=5000),
        security=SecuritySettings(secret_key=SECRET),
    )
    async with Elsewhere.open(settings, HERE, fake_bus.as_bus(), phone) as elsewhere:
        yield elsewhere


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "440.wav", 440, 1.0)


@pytest.fixture
def inbound(
    elsewhere: Elsewhere, fake_bus: FakeBus, host: LegHost, far_phone: Softphone
) -> MakePair:
    @asynccontextmanager
    async def make() -> AsyncIterator[LegPair]:
        fake_bus.how = "take"
        call = await far_phone.call(f"sip:15550199@{host.address}")
        leg = await elsewhere.dial(Destination("", ""))
        yield LegPair(leg, SoftphoneEnd(call))
        await leg.hang_up()

    return make


@pytest.fixture
def outbound(elsewhere: Elsewhere, fake_bus: FakeBus, far_phone: Softphone) -> MakePair:
    @asynccontextmanager
    async def make() -> AsyncIterator[LegPair]:
        fake_bus.how = "dial"
        uri = f"sip:15550100@{far_phone.address}"
        leg = await elsewhere.dial(Destination(uri, "15550199"))
        yield LegPair(leg, SoftphoneEnd(await far_phone.next_call()))
        await leg.hang_up()

    return make


class TestRemoteLeg(LegContract, BridgeContract, HearingContract):
    heard_slack_s = 0.35

    @pytest.fixture
    @override
    def tone(self, tmp_path: Path) -> Path:
        return write_tone(tmp_path / "440.wav", 440, 1.0)


class TestRemoteLegWithOneOfThisWorker(BridgeContract):
    @pytest.fixture
    @override
    def partner(self, phone: PjPhone, far_phone: Softphone) -> MakePair:
        @asynccontextmanager
        async def make() -> AsyncIterator[LegPair]:
            call = await far_phone.call(f"sip:15550199@{phone.address}")
            _, leg = await phone.next_call()
            yield LegPair(leg, SoftphoneEnd(call))

        return make


async def test_when_the_host_worker_dies_the_leg_has_ended_by_us(
    outbound: MakePair, host: LegHost, tone: Path
) -> None:
    async with outbound() as pair:
        await pair.far.answer()
        await pair.leg.until_answered()
        playing = asyncio.create_task(pair.leg.play(tone))
        await asyncio.sleep(0.1)

        host.kill()

        with pytest.raises(CallEnded) as caught:
            await playing
        ended = caught.value.ended
        assert (ended.by, ended.sip_status) == (Party.US, 503)
        await pair.far.hang_up()


async def test_when_this_worker_lets_go_the_host_hangs_the_leg_up(
    elsewhere: Elsewhere, outbound: MakePair
) -> None:
    async with outbound() as pair:
        await pair.far.answer()
        await pair.leg.until_answered()

        await pair.leg._channel.close()  # type: ignore[attr-defined]

        assert (await pair.far.until_ended()).by is Party.FAR


async def test_a_bus_that_is_away_lends_no_legs_and_cuts_none(
    elsewhere: Elsewhere, outbound: MakePair, fake_bus: FakeBus, tone: Path
) -> None:
    async with outbound() as pair:
        await pair.far.answer()
        await pair.leg.until_answered()

        fake_bus.away = True

        with pytest.raises(NoLegFree):
            await elsewhere.dial(Destination("sip:x@127.0.0.1", "1"))
        await pair.leg.play(tone)
        assert pair.leg.ended is None


async def test_a_worker_that_has_no_leg_left_says_so_at_once(
    elsewhere: Elsewhere, far_phone: Softphone
) -> None:
    to = Destination(f"sip:15550100@{far_phone.address}", "15550199")
    legs = [await elsewhere.dial(to) for _ in range(4)]

    with pytest.raises(NoLegFree):
        await elsewhere.dial(to)

    for leg in legs:
        await leg.hang_up()
