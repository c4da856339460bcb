"""A dialler whose legs follow scripts, by whom they call; with memory."""

import asyncio
from collections.abc import Awaitable, Mapping

from typing_extensions import override

from tests.fakes.leg import FakeLeg
from voiceplat.calls.dialling import BLeg, BLegEnd, Dialler, NotDialled, OwnWay, Target
from voiceplat.calls.hangup import CAUSES, HangupSource, cause_of_sip
from voiceplat.calls.leg import Leg, Party
from voiceplat.calls.outcome import End
from voiceplat.calls.rate import FREE, Rate
from voiceplat.core.ids import CallUuid


class FakeBLeg(BLeg):
    def __init__(
        self, uuid: str, target: Target, leg: FakeLeg, dialler: "FakeDialler"
    ) -> None:
        self.target = target
        self.fake = leg
        self.rang_at: float | None = None
        self.answered_at: float | None = None
        self.ends: list[End] = []
        """One, when all is well."""
        self.commanded: asyncio.Future[End] = asyncio.Future()
        self.way: OwnWay | None = None
        """What it does since it goes on without the A leg."""
        self._dialler = dialler
        self.target_rate = FREE
        self._uuid = CallUuid(uuid)
        self._ended: asyncio.Task[BLegEnd] | None = None

    @property
    @override
    def uuid(self) -> CallUuid:
        return self._uuid

    @property
    @override
    def leg(self) -> Leg:
        return self.fake

    @property
    @override
    def dialler(self) -> Dialler:
        return self._dialler

    @property
    @override
    def rate(self) -> Rate:
        return self.target_rate

    @override
    def rings(self) -> None:
        self.rang_at = asyncio.get_running_loop().time()

    @override
    def was_answered(self) -> None:
        self.answered_at = asyncio.get_running_loop().time()

    @override
    def own_end(self) -> End:
        ended = self.fake.ended
        assert ended is not None
        if self.fake.answered:
            assert ended.by is Party.FAR
            return End(CAUSES[4000], HangupSource.CALLEE)
        return End(cause_of_sip(ended.sip_status))

    @override
    async def until_commanded(self) -> End:
        return await asyncio.shield(self.commanded)

    @override
    def end(self, end: End) -> Awaitable[BLegEnd]:
        if self._ended is None:
            self.ends.append(end)
            self._ended = asyncio.create_task(self._end(end))
        return asyncio.shield(self._ended)

    @override
    def go(self, way: OwnWay, end: End) -> bool:
        if self._ended is not None:
            return False
        self.way = way
        self.ends.append(end)
        self._ended = asyncio.create_task(self._went(end))
        return True

    async def _end(self, end: End) -> BLegEnd:
        await self.fake.hang_up()
        return await self._went(end)

    async def _went(self, end: End) -> BLegEnd:
        talked = 0.0
        if self.answered_at is not None:
            talked = asyncio.get_running_loop().time() - self.answered_at
        return BLegEnd(end, int(-(-talked // 1)))


class FakeDialler(Dialler):
    """`answers`: the leg of each `to`; one that is not there has no route."""

    def __init__(self, answers: Mapping[str, FakeLeg] | None = None) -> None:
        self.legs: dict[str, FakeBLeg] = {}
        self.targets: list[Target] = []
        self._answers = dict(answers or {})

    @override
    async def dial(self, target: Target) -> BLeg:
        self.targets.append(target)
        if target.to not in self._answers:
            raise NotDialled(CAUSES[5020], "no trunk carries it")
        leg = FakeBLeg(f"b-{target.to}", target, self._answers[target.to], self)
        self.legs[target.to] = leg
        return leg
