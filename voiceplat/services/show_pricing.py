"""The rate table of one country, as the contract shows it (plivo-rest 7.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from voiceplat.bus.directory import SIP, prefixes_of
from voiceplat.calls.rate import Rate
from voiceplat.core.errors import NotFound
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Price
from voiceplat.db.repositories import PriceRepository

TOLLFREE = "tollfree"


@dataclass(frozen=True, slots=True)
class CountryPricing:
    prices: Sequence[Price]
    """Those of the country, by prefix; at least one."""
    over_ip: Price | None

    @property
    def local(self) -> Price | None:
        """What counts when nothing longer does."""
        return self._shortest(tollfree=False)

    @property
    def tollfree(self) -> Price | None:
        return self._shortest(tollfree=True)

    @property
    def by_rate(self) -> Mapping[Decimal, Sequence[str]]:
        """Prefixes that cost the same, by outbound rate, cheapest first."""
        rates = sorted({price.outbound_per_minute for price in self.prices})
        return {
            rate: [it.prefix for it in self.prices if it.outbound_per_minute == rate]
            for rate in rates
        }

    def _shortest(self, *, tollfree: bool) -> Price | None:
        found = [it for it in self.prices if (it.number_type == TOLLFREE) == tollfree]
        return min(found, key=lambda it: len(it.prefix), default=None)


async def show_pricing(tx: Transaction, iso: str) -> CountryPricing:
    """Raises NotFound when the table has no such country."""
    repository = PriceRepository(tx)
    prices = await repository.of_country(iso)
    if not prices:
        raise NotFound(f"no pricing for country {iso}")
    over_ip = (await repository.under([SIP])).get(SIP)
    return CountryPricing(prices, over_ip)


async def inbound_rates(tx: Transaction, numbers: Sequence[str]) -> dict[str, Rate]:
    """What a minute of a call to each of these numbers costs."""
    wanted = {prefix for number in numbers for prefix in prefixes_of(number)}
    there = await PriceRepository(tx).under(wanted)
    rates = {}
    for number in numbers:
        found = (there.get(prefix) for prefix in prefixes_of(number))
        price = next(filter(None, found), None)
        rates[number] = price.inbound if price else Rate()
    return rates
