"""Live records: what the API shows of calls that are not over, and who holds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.bus.ending import End
from voiceplat.calls.call import Call, EndFacts, LiveCall
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import epoch_ms, from_epoch_ms
from voiceplat.core.ids import AuthId, CallUuid, NodeId, WorkerAddress

NO_LIMIT: Final = 1_000_000_000
Uuids = list[CallUuid]
Calls = list[LiveCall]
_SHOWN: Final = ("call", "status", "worker", "ringing_at", "answered_at")


class Live:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._open_at = wire.script("open_at")
        self._advance = wire.script("advance")
        self._list = wire.script("list")
        self._end = End(wire)

    async def open_at(self, call: Call, worker: WorkerAddress, node: NodeId) -> bool:
        """Put a call that did not come out of the queue on the bus; False if it was.

        An inbound call that rings at `worker`, or the B leg of one there.
        """
        reply = await self._open_at(
            [
                keys.call(call.uuid),
                keys.calls(call.account),
                keys.calls(call.main_account),
                keys.worker(worker),
                keys.EVENTS,
                keys.over(call.uuid),
            ],
            [
                call.uuid,
                call.model_dump_json(),
                call.main_account,
                worker,
                node,
                epoch_ms(call.initiated_at),
                call.account,
                call.direction.value,
                call.from_,
                call.to,
            ],
        )
        return bool(reply)

    async def ringing(self, uuid: CallUuid) -> bool:
        """Tell that the far end rings; False when it was told, answered or over."""
        return await self._tell(uuid, "ringing", CallStatus.RINGING, "ringing_at")

    async def answered(self, uuid: CallUuid) -> bool:
        """Tell that the call was answered; False when it was told or is over."""
        return await self._tell(uuid, "answered", CallStatus.IN_PROGRESS, "answered_at")

    async def _tell(
        self, uuid: CallUuid, kind: str, status: CallStatus, field: str
    ) -> bool:
        reply = await self._advance(
            [keys.call(uuid), keys.EVENTS], [uuid, kind, status.value, field]
        )
        return bool(reply)

    async def end(self, uuid: CallUuid, end: EndFacts, *, held_by: str = "") -> bool:
        """Write the call's one terminal event; False when somebody else did.

        With `held_by`, only if that worker still holds the call.
        """
        return await self._end(uuid, end, held_by=held_by)

    async def get(self, uuid: CallUuid) -> LiveCall | None:
        return _live_call(await self._wire.ask("HMGET", keys.call(uuid), *_SHOWN))

    async def several(self, uuids: Sequence[CallUuid]) -> Calls:
        """Those among them that are not over, in the same order."""
        if not uuids:
            return []
        asked = (("HMGET", keys.call(uuid), *_SHOWN) for uuid in uuids)
        found = map(_live_call, await self._wire.all_of(*asked))
        return [call for call in found if call is not None]

    async def since(self, account: AuthId, began: datetime) -> Calls:
        """The account's calls that are not over and did not begin before then."""
        index = keys.calls(account)
        uuids = await self._wire.ask("ZRANGEBYSCORE", index, epoch_ms(began), "+inf")
        return await self.several(uuids)

    async def list(  # noqa: PLR0913 - the filters of the API's list, each by name
        self,
        account: AuthId,
        *,
        status: Literal["live", "queued"],
        direction: Direction | None = None,
        from_number: str = "",
        to_number: str = "",
        limit: int = NO_LIMIT,
        offset: int = 0,
    ) -> Uuids:
        """The account's calls, oldest first; a main account sees its subaccounts' too.

        A call is `queued` until it is dialled, then `live`.
        """
        reply: Uuids = await self._list(
            [keys.calls(account)],
            [
                keys.call(""),
                status,
                direction or "",
                from_number,
                to_number,
                limit,
                offset,
            ],
        )
        return reply

    async def held_by(self, worker: str) -> Uuids:
        """Calls that a worker was given, begun or not, and that are not over."""
        return sorted(await self._wire.ask("SMEMBERS", keys.worker(worker)))


def _live_call(fields: Sequence[str | None]) -> LiveCall | None:
    call, status, worker, ringing_at, answered_at = fields
    if call is None or status is None:
        return None
    return LiveCall(
        call=Call.model_validate_json(call),
        status=CallStatus(status),
        worker=worker or "",
        ringing_at=_moment(ringing_at),
        answered_at=_moment(answered_at),
    )


def _moment(epoch: str | None) -> datetime | None:
    return None if epoch is None else from_epoch_ms(int(epoch))
