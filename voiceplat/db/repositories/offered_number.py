"""The inventory; what is rented is not on offer."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, delete, func, select

from voiceplat.db.engine import Transaction
from voiceplat.db.models import Number, OfferedNumber
from voiceplat.db.repositories.page import Page, Window, page_of


@dataclass(frozen=True, slots=True)
class OfferFilter:
    country_iso: str
    pattern: str | None = None
    """Digits that follow the country's code."""
    number_type: str | None = None
    region: str | None = None
    city: str | None = None
    rate_center: str | None = None
    lata: str | None = None


class OfferedNumberRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def replace(self, offers: Iterable[OfferedNumber]) -> None:
        await self._tx.execute(delete(OfferedNumber))
        self._tx.add_all(offers)
        await self._tx.flush()

    async def get(self, digits: str) -> OfferedNumber | None:
        """None when it is not in the inventory, or rented."""
        query = select(OfferedNumber).where(OfferedNumber.number == digits, _is_free())
        return await self._tx.scalar(query)

    async def has(self, digits: str) -> bool:
        """Whether it is in the inventory, rented or not."""
        return await self._tx.get(OfferedNumber, digits) is not None

    async def find(self, window: Window, wanted: OfferFilter) -> Page[OfferedNumber]:
        query = select(OfferedNumber).where(_is_free(), *_conditions(wanted))
        return await page_of(self._tx, query.order_by(OfferedNumber.number), window)

    async def cheapest(self, country_iso: str) -> dict[str, Decimal]:
        """The lowest monthly rate of each type that is in a country's inventory."""
        lowest = func.min(OfferedNumber.monthly_rental_rate)
        query = (
            select(OfferedNumber.number_type, lowest)
            .where(OfferedNumber.country_iso == country_iso)
            .group_by(OfferedNumber.number_type)
            .order_by(OfferedNumber.number_type)
        )
        rows = await self._tx.execute(query)
        return {row[0]: row[1] for row in rows}

    async def all(self) -> list[OfferedNumber]:
        """On offer now."""
        query = select(OfferedNumber).where(_is_free()).order_by(OfferedNumber.number)
        return list(await self._tx.scalars(query))


def _is_free() -> ColumnElement[bool]:
    return OfferedNumber.number.not_in(select(Number.number))


def _conditions(wanted: OfferFilter) -> list[ColumnElement[bool]]:
    row = OfferedNumber
    conditions: list[ColumnElement[bool]] = [row.country_iso == wanted.country_iso]
    if wanted.pattern is not None:
        begin = row.country_code + wanted.pattern
        length = func.length(begin)
        conditions.append(func.substr(row.number, 1, length) == begin)
    if wanted.number_type is not None:
        conditions.append(row.number_type == wanted.number_type)
    texts = {
        row.region: wanted.region,
        row.city: wanted.city,
        row.rate_center: wanted.rate_center,
        row.lata: wanted.lata,
    }
    conditions += [
        func.lower(column) == text.lower()
        for column, text in texts.items()
        if text is not None
    ]
    return conditions
