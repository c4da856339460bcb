"""Kept timelines, on both databases."""

from datetime import timedelta

from tests.db.conftest import MAIN
from tests.db.ended import NOON, ended_call
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.db.engine import Database
from voiceplat.db.repositories import CallRepository, TimelineRepository
from voiceplat.db.repositories.timeline import Owner

MOMENT = '{"text":"ä \\u0000 •"}'


async def an_ended_call(db: Database) -> CallUuid:
    ended = ended_call()
    async with db.transaction() as tx:
        await CallRepository(tx).add_once(ended)
    return ended.call.uuid


async def test_a_call_on_record_has_an_owner(db: Database) -> None:
    uuid = await an_ended_call(db)
    async with db.reading() as tx:
        assert await TimelineRepository(tx).owner(uuid) == Owner(MAIN, NOON)
        assert await TimelineRepository(tx).owner(new_call_uuid()) is None


async def test_moments_are_added_to_those_that_are_there(db: Database) -> None:
    uuid, owner = new_call_uuid(), Owner(MAIN, NOON)
    async with db.transaction() as tx:
        await TimelineRepository(tx).add(uuid, owner, {"1-0": MOMENT, "2-0": "two"})
    async with db.transaction() as tx:
        await TimelineRepository(tx).add(uuid, owner, {"2-0": "two", "3-0": "three"})
    async with db.reading() as tx:
        kept = await TimelineRepository(tx).get(uuid)
        assert kept == {"1-0": MOMENT, "2-0": "two", "3-0": "three"}
        assert await TimelineRepository(tx).get(new_call_uuid()) == {}


async def test_old_ones_are_purged(db: Database) -> None:
    old, new = new_call_uuid(), new_call_uuid()
    async with db.transaction() as tx:
        timelines = TimelineRepository(tx)
        await timelines.add(old, Owner(MAIN, NOON - timedelta(days=8)), {"1-0": "x"})
        await timelines.add(new, Owner(MAIN, NOON), {"1-0": "x"})
        await timelines.purge(NOON - timedelta(days=7))
    async with db.reading() as tx:
        assert await TimelineRepository(tx).get(old) == {}
        assert await TimelineRepository(tx).get(new) == {"1-0": "x"}
