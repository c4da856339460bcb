"""Settled callbacks are forgotten after a while; those still to be sent never are."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.settings import Settings, WebhookSettings
from voiceplat.db.engine import Database
from voiceplat.db.models import Callback
from voiceplat.db.repositories import CallbackRepository
from voiceplat.ledger.sweeper import Sweeper
from voiceplat.recordings.store import open_store

pytestmark = pytest.mark.redis


async def kept(db: Database) -> set[str]:
    async with db.reading() as tx:
        return set(await tx.scalars(sa.select(Callback.call_uuid)))


async def test_only_what_was_settled_long_ago_is_forgotten(
    db: Database, tmp_path: Path
) -> None:
    async with db.transaction() as tx:
        callbacks = CallbackRepository(tx)
        ids = [
            await callbacks.add(
                call_uuid=CallUuid(uuid),
                account=AuthId("MA" + "A" * 18),
                url="http://a/b",
                method="POST",
                params={},
            )
            for uuid in ("delivered", "pending")
        ]
        await callbacks.delivered(ids[0])
    settings = Settings(data=tmp_path, webhooks=WebhookSettings(settled_kept_days=30))
    sweeper = Sweeper(db, open_store(settings), settings)

    await sweeper.sweep()
    soon = await kept(db)
    with time_machine.travel(utc_now() + timedelta(days=31), tick=False):
        await sweeper.sweep()

    assert soon == {"delivered", "pending"}
    assert await kept(db) == {"pending"}
