"""Call records: written once, found by their owners, filtered."""

from datetime import timedelta
from typing import Any

import pytest

from tests.db.conftest import MAIN, OTHER, SUB
from tests.db.ended import NOON, ended_call
from voiceplat.calls.call import EndedCall
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Database
from voiceplat.db.models import CallRecord
from voiceplat.db.repositories import CallRepository
from voiceplat.db.repositories.call import CallFilter, Span
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.scope import Scope

pytestmark = pytest.mark.real_time

EVERYTHING = CallFilter(
    ended_since=NOON - timedelta(days=30), ended_before=NOON + timedelta(days=1)
)


async def record(db: Database, *ended: EndedCall) -> None:
    async with db.transaction() as tx:
        for call in ended:
            assert await CallRepository(tx).add_once(call)


async def found(
    db: Database,
    scope: Scope | None = None,
    **wanted: Any,  # noqa: ANN401 - fields of CallFilter
) -> list[CallRecord]:
    scope = scope or Scope(MAIN, with_subaccounts=True)
    everything = {
        "ended_since": EVERYTHING.ended_since,
        "ended_before": EVERYTHING.ended_before,
    }
    async with db.reading() as tx:
        page = await CallRepository(tx).find(
            scope, Window(), CallFilter(**everything | wanted)
        )
    return page.rows


async def test_a_call_is_recorded_once_however_often_it_is_told(db: Database) -> None:
    ended = ended_call()
    await record(db, ended)

    async with db.transaction() as tx:
        again = await CallRepository(tx).add_once(ended)

    assert not again
    assert len(await found(db)) == 1


async def test_a_record_says_all_that_was_told(db: Database) -> None:
    ended = ended_call(talked_s=4.2, direction=Direction.INBOUND, source_ip="192.0.2.7")
    await record(db, ended)

    [row] = await found(db)

    assert row.call_uuid == ended.call.uuid
    assert row.status == CallStatus.COMPLETED
    assert row.direction == Direction.INBOUND
    assert row.bill_duration == 5
    assert row.answered_at == ended.answered_at
    assert row.ended_at == NOON
    assert row.hangup_cause_code == 4000
    assert row.hangup_source == "Callee"
    assert row.source_ip == "192.0.2.7"


async def test_a_call_that_was_never_answered_has_no_duration(db: Database) -> None:
    await record(db, ended_call(talked_s=0, cause=3010))

    [row] = await found(db)

    assert row.bill_duration == 0
    assert row.answered_at is None
    assert row.status == CallStatus.BUSY


async def test_a_strangers_nul_does_not_stop_the_record(db: Database) -> None:
    await record(db, ended_call(caller_name="A\0B"))

    [row] = await found(db)

    assert row.caller_name == "AB"


async def test_a_record_outlives_the_account_it_tells_of(db: Database) -> None:
    gone = AuthId("SA" + "Z" * 18)

    await record(db, ended_call(account=gone, main=MAIN))

    assert [row.account_id for row in await found(db)] == [gone]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope(MAIN, with_subaccounts=True), {MAIN, SUB}),
        (Scope(MAIN, with_subaccounts=True).narrowed(SUB), {SUB}),
        (Scope(SUB), {SUB}),
        (Scope(OTHER, with_subaccounts=True), {OTHER}),
        (Scope(OTHER, with_subaccounts=True).narrowed(SUB), set()),
    ],
    ids=["main", "main asks for its sub", "sub", "other", "other asks for our sub"],
)
async def test_an_account_sees_its_own_and_its_subaccounts_calls(
    db: Database, scope: Scope, seen: set[str]
) -> None:
    await record(
        db,
        ended_call(account=MAIN),
        ended_call(account=SUB, main=MAIN),
        ended_call(account=OTHER, main=OTHER),
    )

    rows = await found(db, scope)

    assert {row.account_id for row in rows} == seen


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        ({"bill_duration": Span(gt=5)}, {8}),
        ({"bill_duration": Span(gte=5)}, {5, 8}),
        ({"bill_duration": Span(lt=5)}, {2}),
        ({"bill_duration": Span(lte=5)}, {2, 5}),
        ({"bill_duration": Span(gt=2, lt=8)}, {5}),
        ({"bill_duration": Span(equal=8)}, {8}),
        ({"direction": Direction.INBOUND}, {8}),
        ({"from_prefix": "4930"}, {2}),
        ({"to_prefixes": ("4940", "1900")}, {5}),
        ({"to_prefixes": ("49_0",)}, set[int]()),
        ({"hangup_cause_code": 6000}, {8}),
        ({"hangup_source": "Plivo"}, {2}),
    ],
)
async def test_calls_are_found_by_what_they_were(
    db: Database, wanted: dict[str, Any], seconds: set[int]
) -> None:
    await record(
        db,
        ended_call(talked_s=2, from_="4930123", source="Plivo"),
        ended_call(talked_s=5, to="4940123"),
        ended_call(talked_s=8, cause=6000, direction=Direction.INBOUND),
    )

    rows = await found(db, **wanted)

    assert {row.bill_duration for row in rows} == seconds


async def test_the_window_takes_in_its_start_but_not_its_end(db: Database) -> None:
    await record(db, ended_call(at=NOON), ended_call(at=NOON + timedelta(seconds=1)))

    rows = await found(db, ended_since=NOON, ended_before=NOON + timedelta(seconds=1))

    assert [row.ended_at for row in rows] == [NOON]


async def test_pages_come_latest_first_and_do_not_overlap(db: Database) -> None:
    calls = [ended_call(at=NOON + timedelta(seconds=n)) for n in range(5)]
    await record(db, *calls)
    scope = Scope(MAIN, with_subaccounts=True)

    async with db.reading() as tx:
        repository = CallRepository(tx)
        first = await repository.find(scope, Window(3, 0), EVERYTHING)
        second = await repository.find(scope, Window(3, 3), EVERYTHING)

    newest_first = [call.call.uuid for call in reversed(calls)]
    assert [row.call_uuid for row in first.rows + second.rows] == newest_first
    assert first.total == second.total == 5


async def test_calls_are_counted_by_minute_and_cause(db: Database) -> None:
    since = NOON + timedelta(minutes=17)
    await record(
        db,
        ended_call(at=since - timedelta(seconds=1)),
        ended_call(at=since, cause=4000),
        ended_call(at=since + timedelta(seconds=59), cause=4000, account=SUB),
        ended_call(at=since + timedelta(minutes=1), cause=7011),
        ended_call(at=since + timedelta(minutes=59, seconds=59), cause=4000),
        ended_call(at=since, account=OTHER, main=OTHER),
    )

    async with db.reading() as tx:
        scope = Scope(MAIN, with_subaccounts=True)
        counts = await CallRepository(tx).counts(scope, since)

    assert {(it.minute, it.cause_code, it.calls) for it in counts} == {
        (0, 4000, 2),
        (1, 7011, 1),
        (59, 4000, 1),
    }


async def test_calls_that_belong_to_another_are_found_by_their_owner(
    db: Database,
) -> None:
    first = ended_call()
    uuid = first.call.uuid
    legs = [
        ended_call(parent_uuid=uuid, initiated_at=NOON + timedelta(seconds=n))
        for n in range(3)
    ]
    await record(db, first, legs[2], legs[0], legs[1], ended_call())

    async with db.reading() as tx:
        calls = CallRepository(tx)
        own = await calls.legs_of(uuid, Scope(MAIN, with_subaccounts=True))
        others = await calls.legs_of(uuid, Scope(OTHER, with_subaccounts=True))

    assert [row.call_uuid for row in own] == [leg.call.uuid for leg in legs]
    assert others == []


async def test_filters_by_state_and_by_any_of_some_causes(db: Database) -> None:
    busy, failed, fine = (ended_call(cause=it, talked_s=0) for it in (3010, 7011, 4000))
    await record(db, busy, failed, fine)

    by_state = await found(db, status=CallStatus.BUSY)
    by_cause = await found(db, hangup_cause_codes=frozenset({3010, 7011}))
    by_none = await found(db, hangup_cause_codes=frozenset())

    assert [row.call_uuid for row in by_state] == [busy.call.uuid]
    assert {row.call_uuid for row in by_cause} == {busy.call.uuid, failed.call.uuid}
    assert by_none == []
