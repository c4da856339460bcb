"""The contract of a leg, held to by the pjsua2 leg and by the script."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from tests.contracts.bridge_contract import BridgeContract
from tests.contracts.hearing_contract import HearingContract
from tests.contracts.leg_contract import Far, LegContract, LegPair, MakePair
from tests.fakes.leg import FakeLeg
from voiceplat.calls.leg import Destination, Ended, Party
from voiceplat.telephony.listen import tones, write_tone
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall


class TestPjLeg(LegContract, BridgeContract, HearingContract):
    pytestmark = pytest.mark.sip

    @pytest.fixture
    @override
    def tone(self, tmp_path: Path) -> Path:
        return write_tone(tmp_path / "440.wav", 440, 1.0)

    @pytest.fixture
    def inbound(self, phone: PjPhone, far_phone: Softphone) -> MakePair:
        @asynccontextmanager
        async def make() -> AsyncIterator[LegPair]:
            call = await far_phone.call(f"sip:15550199@{phone.address}")
            _, leg = await phone.next_call()
            yield LegPair(leg, SoftphoneEnd(call))

        return make

    @pytest.fixture
    def outbound(self, phone: PjPhone, far_phone: Softphone) -> MakePair:
        @asynccontextmanager
        async def make() -> AsyncIterator[LegPair]:
            uri = f"sip:15550100@{far_phone.address}"
            leg = await phone.dial(Destination(uri, "15550199"))
            yield LegPair(leg, SoftphoneEnd(await far_phone.next_call()))

        return make


class TestFakeLeg(LegContract, BridgeContract, HearingContract):
    @pytest.fixture
    @override
    def tone(self, tmp_path: Path) -> Path:
        return write_tone(tmp_path / "440.wav", 440, 1.0)

    @pytest.fixture
    def inbound(self) -> MakePair:
        @asynccontextmanager
        async def make() -> AsyncIterator[LegPair]:
            leg = FakeLeg()
            yield LegPair(leg, ScriptedEnd(leg))

        return make

    @pytest.fixture
    def outbound(self, inbound: MakePair) -> MakePair:
        return inbound

    @override
    def check_recording(self, recording: Path) -> None:
        assert recording.stat().st_size > 44


class SoftphoneEnd(Far):
    """A phone at the other end of real SIP and RTP."""

    def __init__(self, call: SoftphoneCall) -> None:
        self._call = call

    @override
    async def ring(self) -> None:
        await self._call.ring()

    @override
    async def answer(self) -> None:
        await self._call.answer()

    @override
    async def refuse(self, sip_status: int) -> None:
        await self._call.refuse(sip_status)

    @override
    async def hang_up(self) -> None:
        await self._call.hang_up()

    @override
    async def press(self, keys: str) -> None:
        await self._call.until_answered()
        await self._call.press(keys)

    @override
    async def say(self, wav: Path) -> None:
        await self._call.until_answered()
        await self._call.say(wav)

    @override
    async def digits(self, count: int) -> str:
        return await self._call.until_digits(count)

    @override
    async def until_ended(self) -> Ended:
        return await self._call.until_ended()

    @override
    async def open_early_media(self) -> None:
        await self._call.open_early_media()

    @override
    async def talk(self, tone: Path) -> None:
        await self._call.say(tone)

    @override
    async def heard(self) -> list[tuple[int, float]]:
        await self._call.until_ended()
        heard = await asyncio.to_thread(tones, self._call.heard)
        return [(round(tone.hz / 10) * 10, tone.seconds) for tone in heard]

    @override
    async def tone_seconds(self) -> float:
        heard = await self.heard()
        assert {hz for hz, _ in heard} <= {440}
        return sum(length for _, length in heard)


class ScriptedEnd(Far):
    """The other end of a fake: what it did is on the leg."""

    def __init__(self, leg: FakeLeg) -> None:
        self._leg = leg

    @override
    async def ring(self) -> None:
        self._leg.far.ring()

    @override
    async def answer(self) -> None:
        self._leg.far.answer()

    @override
    async def refuse(self, sip_status: int) -> None:
        self._leg.far.refuse(sip_status)

    @override
    async def hang_up(self) -> None:
        self._leg.far.hang_up()

    @override
    async def press(self, keys: str) -> None:
        self._leg.far.press(keys)

    @override
    async def say(self, wav: Path) -> None:
        with wave.open(str(wav)) as file:
            self._leg.far.say(file.readframes(file.getnframes()))

    @override
    async def digits(self, count: int) -> str:
        return "".join(key for _, key in self._leg.sent[:count])

    @override
    async def until_ended(self) -> Ended:
        ended = await self._leg.until_ended()
        by = Party.FAR if ended.by is Party.US else Party.US
        return Ended(by, ended.sip_status)

    @override
    async def open_early_media(self) -> None:
        self._leg.far.open_early_media()

    @override
    async def talk(self, tone: Path) -> None:
        await self._leg.far.talk(tone)

    @override
    async def heard(self) -> list[tuple[int, float]]:
        heard = self._leg.far.heard()
        return [(int(Path(said.name).stem), said.seconds) for said in heard]

    @override
    async def tone_seconds(self) -> float:
        return sum(played.seconds for played in self._leg.played)
