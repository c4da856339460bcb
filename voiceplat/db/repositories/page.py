"""One page of a filtered list, with the count of all that match."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from voiceplat.db.engine import Transaction

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Window:
    limit: int = 20
    offset: int = 0


async def page_of(tx: Transaction, query: Select[Row], window: Window) -> Page[Row]:
    """`query` must be ordered by something unique, or pages may overlap."""
    count = select(func.count()).select_from(query.order_by(None).subquery())
    total = await tx.scalar(count) or 0
    rows = await tx.scalars(query.limit(window.limit).offset(window.offset))
    return Page(list(rows.all()), total)
