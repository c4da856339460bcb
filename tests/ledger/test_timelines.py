"""What the ledger notes of calls, and how their timelines get into the database."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from tests.bus.calls import MAIN, NORMAL, SUB, a_call, dialled
from tests.fakes.timeline import FakeTimeline
from tests.ledger.parts import HANGUP, Parts, delivering, until
from voiceplat.bus.notebook import Notebook
from voiceplat.calls.call import EndFacts
from voiceplat.calls.hangup import HangupSource
from voiceplat.calls.timeline import StateChange
from voiceplat.calls.trouble import TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid
from voiceplat.core.settings import Settings, WebhookSettings
from voiceplat.core.timeline_settings import TimelineSettings
from voiceplat.db.repositories import TimelineRepository
from voiceplat.ledger.applier import Applier
from voiceplat.ledger.deliverer import Deliverer
from voiceplat.ledger.noting import LedgerNotes
from voiceplat.ledger.sweeper import Sweeper
from voiceplat.ledger.timeline_keeper import TimelineKeeper
from voiceplat.recordings.store import open_store
from voiceplat.services.timeline import last_id, timeline_of

pytestmark = pytest.mark.redis

KEPT = TimelineSettings(live_kept_s=2)
FAILED = EndFacts(cause_code=3080, source=HangupSource.CARRIER, at=NORMAL.at)


def applier(parts: Parts, notes: LedgerNotes) -> Applier:
    return Applier(
        parts.bus,
        parts.db,
        parts.accounts,
        notes,
        url_of=lambda order: order.id,
        told=lambda: None,
    )


async def apply_all(parts: Parts, notes: LedgerNotes) -> None:
    while not await parts.all_applied():
        for event in await parts.bus.events.read("test"):
            await applier(parts, notes).settle(event)


async def test_the_states_of_a_call_are_noted_once(parts: Parts) -> None:
    timeline = FakeTimeline()

    await parts.call_story()
    await apply_all(parts, LedgerNotes(timeline))

    states = [it for it in timeline.moments if isinstance(it, StateChange)]
    assert [it.state for it in states] == ["initiated", "ringing", "answered", "ended"]
    assert states[-1].detail == "Normal Hangup (4000), by Callee"


@pytest.mark.parametrize(
    ("end", "troubles"), [(NORMAL, []), (FAILED, [TroubleKind.CALL])]
)
async def test_a_call_that_failed_is_a_trouble(
    parts: Parts, end: EndFacts, troubles: list[TroubleKind]
) -> None:
    began = utc_now()
    notebook = Notebook(parts.bus, TimelineSettings())
    uuid = await dialled(parts.bus, a_call(account=SUB, main=MAIN))
    await parts.bus.live.end(uuid, end)

    await apply_all(parts, LedgerNotes(notebook, notebook))
    await notebook.flush()

    told = await parts.bus.troubles.last(MAIN, began)
    assert [it.kind for it in told] == troubles
    assert all(it.account == SUB and it.call_uuid == uuid for it in told)


async def test_each_attempt_of_a_callback_is_noted_and_its_failure_is_a_trouble(
    parts: Parts,
) -> None:
    began = utc_now()
    notebook = Notebook(parts.bus, TimelineSettings())
    notes = LedgerNotes(timeline := FakeTimeline(), notebook)
    uuid = await dialled(parts.bus, a_call(hangup=HANGUP))
    await parts.bus.live.end(uuid, NORMAL)
    await apply_all(parts, notes)
    parts.customer.status = 500

    deliverer = Deliverer(
        parts.db, parts.accounts, parts.client, WebhookSettings(), notes
    )
    async with delivering(deliverer):

        async def failed() -> bool:
            return await parts.states() == ["failed"]

        await until(failed)
    await notebook.flush()

    (request,) = timeline.requests
    assert (request.purpose, request.status) == ("hangup", 500)
    assert request.params["HangupCauseCode"] == "4000"
    (trouble,) = await parts.bus.troubles.last(MAIN, began)
    assert "http://customer.example/hangup" in trouble.text


@dataclass
class Kept:
    """Timelines between bus and database."""

    parts: Parts
    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, timeline=KEPT)

    async def note(self, uuid: CallUuid, state: str) -> None:
        notebook = Notebook(self.parts.bus, KEPT)
        notebook.note(uuid, StateChange(at=utc_now(), state=state))
        await notebook.flush()

    async def look(self, uuid: CallUuid) -> None:
        """Until what is on the bus is in the database."""
        keeper = TimelineKeeper(self.parts.bus, self.parts.db, self.settings)
        on_bus = dict(await self.parts.bus.timelines.raw(uuid))

        async def kept() -> bool:
            await keeper.look()
            async with self.parts.db.reading() as tx:
                return on_bus.keys() <= (await TimelineRepository(tx).get(uuid)).keys()

        await until(kept)

    async def states(self, uuid: CallUuid) -> list[str]:
        moments = await timeline_of(self.parts.db, self.parts.bus, uuid)
        return [it.state for _, it in moments if isinstance(it, StateChange)]

    async def forget_the_bus(self, uuid: CallUuid) -> None:
        await self.parts.bus.timelines.keep(uuid, timedelta(0))
        assert await self.parts.bus.timelines.of(uuid) == []


@pytest.fixture
def kept(parts: Parts, tmp_path: Path) -> Kept:
    return Kept(parts, tmp_path)


async def ended_call(parts: Parts) -> CallUuid:
    uuid = await parts.call_story()
    await apply_all(parts, LedgerNotes())
    return uuid


async def test_a_quiet_timeline_is_in_the_database_when_the_bus_forgets_it(
    parts: Parts, kept: Kept
) -> None:
    uuid = await ended_call(parts)
    await kept.note(uuid, "one")
    await kept.look(uuid)
    before = await timeline_of(parts.db, parts.bus, uuid)

    await kept.forget_the_bus(uuid)

    assert await timeline_of(parts.db, parts.bus, uuid) == before
    assert await kept.states(uuid) == ["one"]


async def test_late_moments_join_those_that_are_kept(parts: Parts, kept: Kept) -> None:
    uuid = await ended_call(parts)
    await kept.note(uuid, "one")
    await kept.look(uuid)
    await kept.forget_the_bus(uuid)

    await kept.note(uuid, "late")
    live = await kept.states(uuid)
    await kept.look(uuid)
    await kept.forget_the_bus(uuid)

    assert live == ["one", "late"]
    assert await kept.states(uuid) == ["one", "late"]


async def test_the_timeline_of_a_live_call_outlives_its_silence(
    parts: Parts, kept: Kept
) -> None:
    uuid = await dialled(parts.bus, a_call())
    await kept.note(uuid, "one")
    keeper = TimelineKeeper(parts.bus, parts.db, kept.settings)
    began = utc_now()

    async def four_seconds_later() -> bool:
        await keeper.look()
        return utc_now() - began > timedelta(seconds=4)

    await until(four_seconds_later)

    assert len(await parts.bus.timelines.of(uuid)) == 1


async def test_a_timeline_whose_moment_came_meanwhile_has_another_turn(
    parts: Parts, kept: Kept
) -> None:
    uuid = await ended_call(parts)
    await kept.note(uuid, "one")
    await kept.note(uuid, "two")

    (given,) = await parts.bus.timelines.quiet(timedelta(0), 10)
    await kept.note(uuid, "late")

    assert not await parts.bus.timelines.settle(given)
    (again,) = await parts.bus.timelines.quiet(timedelta(0), 10)
    assert await parts.bus.timelines.settle(again)
    assert await parts.bus.timelines.quiet(timedelta(0), 10) == []


async def test_timelines_are_swept_in_the_end(parts: Parts, kept: Kept) -> None:
    uuid = await ended_call(parts)
    await kept.note(uuid, "one")
    await kept.look(uuid)
    await kept.forget_the_bus(uuid)
    sweeper = Sweeper(parts.db, open_store(kept.settings), kept.settings)

    with time_machine.travel(NORMAL.at + timedelta(days=6), tick=False):
        await sweeper.sweep()
    soon = await kept.states(uuid)
    with time_machine.travel(NORMAL.at + timedelta(days=8), tick=False):
        await sweeper.sweep()

    assert soon == ["one"]
    assert await kept.states(uuid) == []


async def test_the_last_id_is_the_greatest_not_that_of_the_last_moment(
    parts: Parts, kept: Kept
) -> None:
    uuid = await ended_call(parts)
    await kept.note(uuid, "late but first noted")
    early = StateChange(at=NORMAL.at - timedelta(days=9999), state="early")
    await parts.bus.timelines.add({uuid: [early]}, most=9, kept=timedelta(minutes=1))

    moments = await timeline_of(parts.db, parts.bus, uuid)

    assert await kept.states(uuid) == ["early", "late but first noted"]
    assert last_id(moments) == moments[0][0]
    assert last_id([]) == "0-0"
