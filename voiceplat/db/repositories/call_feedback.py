"""Feedback on calls; the last word on a call counts."""

from voiceplat.core.ids import CallUuid
from voiceplat.db.engine import Transaction
from voiceplat.db.models import CallFeedback


class CallFeedbackRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def put(self, feedback: CallFeedback) -> None:
        await self._tx.merge(feedback)
        await self._tx.flush()

    async def get(self, uuid: CallUuid) -> CallFeedback | None:
        return await self._tx.get(CallFeedback, uuid)
