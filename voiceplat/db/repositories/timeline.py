"""Timelines of calls that are over: brought by the ledger, read by the console."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.engine import Transaction
from voiceplat.db.models import CallRecord, KeptTimeline


@dataclass(frozen=True, slots=True)
class Owner:
    """Of a call that is over."""

    account: AuthId
    ended_at: datetime


class TimelineRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def owner(self, uuid: CallUuid) -> Owner | None:
        """None while the call has no record."""
        record = CallRecord
        query = select(record.account_id, record.ended_at).where(
            record.call_uuid == uuid
        )
        found = (await self._tx.execute(query)).first()
        return Owner(*found) if found else None

    async def get(self, uuid: CallUuid) -> dict[str, str]:
        """Moments as JSON by their ids on the bus; empty when there are none."""
        kept = await self._tx.get(KeptTimeline, uuid)
        if kept is None:
            return {}
        moments: dict[str, str] = json.loads(zlib.decompress(kept.moments))
        return moments

    async def add(
        self, uuid: CallUuid, owner: Owner, moments: Mapping[str, str]
    ) -> None:
        """To those that are there already."""
        merged = await self.get(uuid) | dict(moments)
        kept = KeptTimeline(
            call_uuid=uuid,
            account_id=owner.account,
            ended_at=owner.ended_at,
            moments=zlib.compress(json.dumps(merged, ensure_ascii=False).encode()),
        )
        await self._tx.merge(kept)

    async def purge(self, before: datetime) -> None:
        """Forget those of calls that ended before that."""
        await self._tx.execute(
            delete(KeptTimeline).where(KeptTimeline.ended_at < before)
        )
