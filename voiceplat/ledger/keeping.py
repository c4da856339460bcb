"""A recording that is over, in one transaction: its row, its callback, its words."""

from voiceplat.bus.events import Event
from voiceplat.calls.recording import Recording
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.repositories import (
    AccountRepository,
    CallbackRepository,
    RecordingRepository,
    TranscriptionRepository,
)
from voiceplat.ledger.outbox import ready_notice


async def keep(tx: Transaction, event: Event, recording: Recording, url: str) -> None:
    """Once for each recording, however often it is announced."""
    order = recording.order
    main = await _main_of(tx, order.account)
    if not await RecordingRepository(tx).add_once(recording, main, event.at):
        return
    if notice := ready_notice(recording, url):
        await CallbackRepository(tx).add(
            call_uuid=order.call_uuid,
            account=order.account,
            url=notice.hook.url,
            method=notice.hook.method,
            params=notice.params,
            event_id=event.id,
        )
    if order.transcription:
        await TranscriptionRepository(tx).add_once(
            order.id, order.account, order.call_uuid, order.transcription, event.at
        )


async def _main_of(tx: Transaction, account: AuthId) -> AuthId:
    """The account itself when it is gone: then nobody sees what it recorded."""
    found = await AccountRepository(tx).get(account)
    return found.main_id if found else account
