"""Media nodes, their heartbeats and their workers; what is done when one dies."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire, outliving
from voiceplat.core.clock import from_epoch_ms
from voiceplat.core.ids import NodeId, WorkerAddress


class Nodes:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._beat = wire.script("beat")
        self._add_worker = wire.script("add_worker")
        self._dead = wire.script("dead_nodes")

    async def beat(self, node: NodeId) -> bool:
        """Tell that the node lives; False when the bus did not know it.

        Then it is new or was taken for dead, and must add its workers (again).
        """
        return not await self._beat([keys.NODES], [node])

    async def add_worker(self, node: NodeId, worker: WorkerAddress) -> None:
        """The node has this worker, and no other node has it any more.

        A node that crashed and came back has new ids and the old addresses: whoever
        starts a worker calls `reap_worker` first, for what the last one left.
        """
        await self._add_worker([keys.NODES], [node, worker, keys.node("")])

    async def remove_worker(self, node: NodeId, worker: WorkerAddress) -> None:
        await self._wire.ask("SREM", keys.node(node), worker)

    async def workers(self, node: NodeId) -> list[WorkerAddress]:
        return sorted(await self._wire.ask("SMEMBERS", keys.node(node)))

    async def alive(self) -> list[NodeId]:
        """Nodes that were not taken for dead, longest silent first."""
        reply: list[NodeId] = await self._wire.ask("ZRANGE", keys.NODES, 0, -1)
        return reply

    async def heartbeats(self) -> dict[NodeId, datetime]:
        """When each node that was not taken for dead was heard of last."""
        told = await self._wire.ask("ZRANGE", keys.NODES, 0, -1, "WITHSCORES")
        return {
            NodeId(node): from_epoch_ms(int(at))
            for node, at in zip(told[::2], told[1::2], strict=True)
        }

    async def dead(self, silence: timedelta) -> list[NodeId]:
        """Nodes without a heartbeat for longer than `silence`."""
        reply: list[NodeId] = await self._dead(
            [keys.NODES], [silence // timedelta(milliseconds=1)]
        )
        return reply

    async def tell_lost(self, worker: WorkerAddress) -> int:
        """A worker is dead; its calls have a far end that does not know yet.

        How many edges heard it.
        """
        return int(await self._wire.ask("PUBLISH", keys.LOST, worker))

    async def lost(self) -> AsyncGenerator[WorkerAddress]:
        """Workers as they are found dead; those lost while Redis is away are missed."""
        async with aclosing(outliving(self._lost)) as workers:
            async for worker in workers:
                yield worker

    async def _lost(self) -> AsyncGenerator[WorkerAddress]:
        async with self._wire.subscription(keys.LOST) as messages:
            while True:
                if text := await messages.text():
                    yield WorkerAddress(text)

    async def remove(self, node: NodeId) -> None:
        await self._wire.all_of(("ZREM", keys.NODES, node), ("DEL", keys.node(node)))
