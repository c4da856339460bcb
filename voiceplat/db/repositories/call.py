"""Call records: added once by the ledger, listed by the API."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Select, extract, func, literal, or_, select

from voiceplat.calls.call import EndedCall
from voiceplat.calls.params import final_status
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.engine import Transaction
from voiceplat.db.insert import insert_once
from voiceplat.db.models import CallRecord
from voiceplat.db.models.base import UtcDateTime
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds; each bound may be absent."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None
    equal: int | None = None


@dataclass(frozen=True, slots=True)
class CallFilter:
    ended_since: datetime
    ended_before: datetime
    """Not taken in itself."""
    direction: Direction | None = None
    from_prefix: str | None = None
    to_prefixes: tuple[str, ...] = ()
    """Any of them; none of them filters nothing."""
    parent_call_uuid: str | None = None
    bill_duration: Span = Span()
    hangup_cause_code: int | None = None
    hangup_cause_codes: frozenset[int] | None = None
    """Any of them."""
    status: CallStatus | None = None
    hangup_source: str | None = None


@dataclass(frozen=True, slots=True)
class CallCount:
    minute: int
    """From 0, the minute of `since`."""
    cause_code: int
    calls: int


class CallRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_once(self, ended: EndedCall) -> bool:
        """False when the record of that call was there already."""
        values = {
            name: value.replace("\0", "") if isinstance(value, str) else value
            for name, value in _values(ended).items()
        }  # PostgreSQL has no NUL; a stranger's SIP header must not stop the ledger
        return await insert_once(self._tx, CallRecord, values)

    async def get(self, uuid: CallUuid, main: AuthId) -> CallRecord | None:
        query = select(CallRecord).where(
            CallRecord.call_uuid == uuid, CallRecord.main_account_id == main
        )
        return await self._tx.scalar(query)

    async def legs_of(self, parent: CallUuid, scope: Scope) -> list[CallRecord]:
        """Calls that belong to that one, oldest first."""
        query = select(CallRecord).where(
            CallRecord.parent_call_uuid == parent, _owned(scope)
        )
        order = (CallRecord.initiated_at, CallRecord.call_uuid)
        return list(await self._tx.scalars(query.order_by(*order)))

    async def counts(self, scope: Scope, since: datetime) -> list[CallCount]:
        """Of calls that ended since then, which is less than an hour ago."""
        minute = extract("minute", CallRecord.ended_at)
        first = extract("minute", literal(since, UtcDateTime))  # in the database's zone
        code = CallRecord.hangup_cause_code
        query = (
            select(minute, code, func.count(), first)
            .where(_owned(scope), CallRecord.ended_at >= since)
            .group_by(minute, code)
        )
        rows = await self._tx.execute(query)
        return [
            CallCount(int(at - begin) % 60, cause, calls)
            for at, cause, calls, begin in rows
        ]

    async def find(
        self, scope: Scope, window: Window, wanted: CallFilter
    ) -> Page[CallRecord]:
        """Latest first."""
        query = _filtered(select(CallRecord).where(_owned(scope)), wanted)
        order = (CallRecord.ended_at.desc(), CallRecord.call_uuid)
        return await page_of(self._tx, query.order_by(*order), window)


def _owned(scope: Scope) -> ColumnElement[bool]:
    """A main account's calls include those of subaccounts that are gone."""
    if scope.with_subaccounts:
        return CallRecord.main_account_id == scope.auth_id
    return scope.owns(CallRecord.account_id)


def _filtered(query: Select[CallRecord], wanted: CallFilter) -> Select[CallRecord]:
    record = CallRecord
    query = query.where(
        record.ended_at >= wanted.ended_since, record.ended_at < wanted.ended_before
    )
    exact = {
        record.direction: wanted.direction,
        record.parent_call_uuid: wanted.parent_call_uuid,
        record.hangup_cause_code: wanted.hangup_cause_code,
        record.hangup_source: wanted.hangup_source,
        record.status: wanted.status,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.hangup_cause_codes is not None:
        query = query.where(record.hangup_cause_code.in_(wanted.hangup_cause_codes))
    if wanted.from_prefix is not None:
        query = query.where(
            record.from_number.startswith(wanted.from_prefix, autoescape=True)
        )
    if wanted.to_prefixes:
        begins = partial(record.to_number.startswith, autoescape=True)
        query = query.where(or_(*map(begins, wanted.to_prefixes)))
    return query.where(*_bounds(wanted.bill_duration))


def _bounds(span: Span) -> list[ColumnElement[bool]]:
    column = CallRecord.bill_duration
    conditions: list[ColumnElement[bool]] = []
    if span.gt is not None:
        conditions.append(column > span.gt)
    if span.gte is not None:
        conditions.append(column >= span.gte)
    if span.lt is not None:
        conditions.append(column < span.lt)
    if span.lte is not None:
        conditions.append(column <= span.lte)
    if span.equal is not None:
        conditions.append(column == span.equal)
    return conditions


def _values(ended: EndedCall) -> dict[str, object]:
    call, end = ended.call, ended.end
    return {
        "call_uuid": call.uuid,
        "account_id": call.account,
        "main_account_id": call.main_account,
        "direction": call.direction,
        "status": final_status(ended),
        "from_number": call.from_,
        "to_number": call.to,
        "caller_name": call.caller_name,
        "parent_call_uuid": call.parent_uuid,
        "initiated_at": call.initiated_at,
        "ringing_at": ended.ringing_at,
        "answered_at": ended.answered_at,
        "ended_at": end.at,
        "bill_duration": ended.duration_s,
        "rate": call.rate.per_minute,
        "pulse_s": call.rate.pulse_s,
        "amount": ended.cost,
        "hangup_cause_code": end.cause_code,
        "hangup_source": end.source,
        "source_ip": call.source_ip,
        "packets_received": end.packets_received,
        "packets_lost": end.packets_lost,
        "jitter_ms": end.jitter_ms,
    }
