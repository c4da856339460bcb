"""A call's recorder that records nothing, on the loop's time, and remembers all."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from voiceplat.calls.recording import EndReason, RecordingOrder, Taken
from voiceplat.calls.taking import CallRecorder, RecordingWanted, Scope, Taking
from voiceplat.core.ids import AuthId, CallUuid, RecordingId

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(eq=False)
class FakeTaking(Taking):
    order: RecordingOrder
    scope: Scope
    began: float | None = None
    """When its first sample was."""
    ended: float | None = None
    reason: EndReason | None = None
    _limit: asyncio.TimerHandle | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.began = loop.time()
        if self.order.limit is not None:
            limit_s = self.order.limit.total_seconds()
            self._limit = loop.call_later(limit_s, self.over, EndReason.MAX_LENGTH)

    @override
    async def until_over(self) -> EndReason:
        await self._over.wait()
        assert self.reason is not None
        return self.reason

    @override
    async def end(self, reason: EndReason) -> Taken:
        self.over(reason)
        assert self.ended is not None
        assert self.reason is not None
        began = self.ended if self.began is None else self.began
        return Taken(
            started_at=BEGAN + timedelta(seconds=began),
            duration=timedelta(seconds=self.ended - began),
            reason=self.reason,
        )

    def over(self, reason: EndReason) -> None:
        if self.reason is None:
            self.reason = reason
            self.ended = asyncio.get_running_loop().time()
            self._over.set()
        if self._limit is not None:
            self._limit.cancel()


class FakeRecorder(CallRecorder):
    def __init__(self) -> None:
        self.wanted: list[RecordingWanted] = []
        self.takings: list[FakeTaking] = []
        self.at_dial_answer: list[RecordingOrder] = []
        self.is_ready = True

    @property
    @override
    def has_audio(self) -> bool:
        return self.is_ready

    @override
    def order(self, wanted: RecordingWanted) -> RecordingOrder:
        self.wanted.append(wanted)
        return RecordingOrder(
            id=RecordingId(f"recording-{len(self.wanted)}"),
            account=AuthId("MA" + "M" * 18),
            call_uuid=CallUuid("6e8a6b1c-37a1-4c06-9a3f-2f6f6d3e0c11"),
            from_="15550100",
            to="15550199",
            format=wanted.format,
            channels=wanted.channels,
            limit=timedelta(seconds=wanted.limit_s),
            ready=wanted.ready,
            transcription=wanted.transcription,
        )

    @override
    def url(self, order: RecordingOrder) -> str:
        return f"https://media.example/{order.id}.{order.format}"

    @override
    def open(self, order: RecordingOrder, scope: Scope = Scope.CALL) -> FakeTaking:
        taking = FakeTaking(order, scope)
        self.takings.append(taking)
        return taking

    @override
    def start(self, order: RecordingOrder) -> FakeTaking:
        taking = self.open(order)
        taking.start()
        return taking

    @override
    def start_at_dial_answer(self, order: RecordingOrder) -> None:
        self.at_dial_answer.append(order)

    @override
    def dial_answered(self) -> None:
        for order in self.at_dial_answer:
            self.start(order)
        self.at_dial_answer.clear()

    @override
    def stop(self, recording: str = "") -> bool:
        stopped = [it for it in self.takings if recording in ("", it.order.id)]
        for taking in stopped:
            taking.over(EndReason.STOPPED)
        return bool(stopped)
