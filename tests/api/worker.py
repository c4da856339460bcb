"""A call worker as the bus sees it: takes jobs, rings, answers, obeys commands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import Command, CommandMessage, Hangup, Job
from voiceplat.calls.call import Call, EndFacts
from voiceplat.calls.status import Direction
from voiceplat.core.ids import AuthId, CallUuid, NodeId, WorkerAddress, new_call_uuid

ADDRESS = WorkerAddress("127.0.0.1:7000")


class FakeWorker:
    """Begins every job; calls ring and are answered when the test says so."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.commands: list[Command] = []
        self.refusal: str | None = None
        """What commands are answered with; None when they are obeyed."""
        self.jobs: list[Call] = []
        self._begun: asyncio.Queue[Call] = asyncio.Queue()

    async def begun(self) -> Call:
        async with asyncio.timeout(20):
            return await self._begun.get()

    async def take_inbound(self, account: AuthId, main: AuthId) -> CallUuid:
        call = Call(
            uuid=new_call_uuid(),
            account=account,
            main_account=main,
            direction=Direction.INBOUND,
            from_="4930123456",
            to="14155550100",
            initiated_at=datetime.now(UTC),
        )
        await self._bus.live.open_at(call, ADDRESS, NodeId("node"))
        return call.uuid

    async def run(self) -> None:
        async for message in self._bus.commands.inbox(ADDRESS):
            if isinstance(message, CommandMessage):
                await self._obey(message)
            elif isinstance(message, Job) and await self._bus.queue.begin(
                message.call.uuid, worker=ADDRESS
            ):
                self.jobs.append(message.call)
                self._begun.put_nowait(message.call)

    async def _obey(self, message: CommandMessage) -> None:
        command = message.command
        self.commands.append(command)
        if isinstance(command, Hangup):
            end = EndFacts(
                cause_code=command.cause, source=command.source, at=datetime.now(UTC)
            )
            await self._bus.live.end(message.call_uuid, end)
        await self._bus.commands.acknowledge(message, self.refusal)


@asynccontextmanager
async def working(bus: Bus, slots: int = 10) -> AsyncIterator[FakeWorker]:
    worker = FakeWorker(bus)
    await bus.slots.announce(ADDRESS, slots, 0)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
