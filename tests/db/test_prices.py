"""The rate table: loaded whole or not at all, and asked by prefix and by country."""

from decimal import Decimal

import pytest

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.db.engine import Database
from voiceplat.db.repositories import PriceRepository
from voiceplat.services.load_prices import load_prices
from voiceplat.services.show_pricing import inbound_rates, show_pricing

pytestmark = pytest.mark.real_time

TABLE = """\
prefix,outbound_per_minute,inbound_per_minute,pulse_s,country_iso,country,country_code,number_type
1,0.0085,0.0055,60,US,United States,1,local
1212,0.012,0.0055,60,US,United States,1,local
1800,0,0.021,60,US,United States,1,tollfree
+49,0.02,,1,de,Germany,49,
sip,0.003,0.003,,,,,
"""


async def load(db: Database, text: str) -> int:
    async with db.transaction() as tx:
        return await load_prices(tx, text)


async def prefixes(db: Database) -> list[str]:
    async with db.reading() as tx:
        return [price.prefix for price in await PriceRepository(tx).all()]


async def test_a_table_replaces_the_one_before_it(db: Database) -> None:
    await load(db, "prefix,outbound_per_minute\n7,0.5\n1,0.5\n")

    loaded = await load(db, "\ufeff" + TABLE)

    assert loaded == 5
    assert await prefixes(db) == ["1", "1212", "1800", "49", "sip"]
    async with db.reading() as tx:
        prices = await PriceRepository(tx).under(["49", "1", "9"])
    assert prices.keys() == {"49", "1"}
    germany = prices["49"]
    assert (germany.country_iso, germany.number_type) == ("DE", "local")
    assert germany.outbound_per_minute == Decimal("0.02000")
    assert germany.inbound_per_minute == 0
    assert germany.pulse_s == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the column outbound_per_minute is missing"),
        ("prefix\n1\n", "line 1: the column outbound_per_minute is missing"),
        ("prefix,outbound_per_minute,cost\n1,1,1\n", "line 1: 'cost' is not a column"),
        ("prefix,outbound_per_minute\n1,0.1\n1x,0.1\n", "line 3: prefix '1x'"),
        ("prefix,outbound_per_minute\n1,cheap\n", "line 2: 'cheap' is not an amount"),
        ("prefix,outbound_per_minute\n1,-1\n", "line 2: outbound_per_minute -1"),
        ("prefix,outbound_per_minute\n1,1,1\n", "line 2: more values than columns"),
        ("prefix,outbound_per_minute\n1,1\n1,1\n", "the prefix '1' is there twice"),
        ("prefix,outbound_per_minute,pulse_s\n1,1,0\n", "line 2: pulse_s 0"),
        ("prefix,outbound_per_minute,country_iso\n1,1,USA\n", "country_iso 'USA'"),
        ("prefix,outbound_per_minute,number_type\n1,1,fax\n", "number_type 'fax'"),
    ],
)
async def test_a_table_that_is_wrong_says_where_and_changes_nothing(
    db: Database, text: str, said: str
) -> None:
    await load(db, TABLE)

    with pytest.raises(BadRequest) as refused:
        await load(db, text)

    assert said in str(refused.value)
    assert len(await prefixes(db)) == 5


async def test_a_country_has_its_local_and_tollfree_prices(db: Database) -> None:
    await load(db, TABLE)

    async with db.reading() as tx:
        found = await show_pricing(tx, "US")
        with pytest.raises(NotFound, match="no pricing for country FR"):
            await show_pricing(tx, "FR")

    assert found.local is not None
    assert found.tollfree is not None
    assert found.over_ip is not None
    assert (found.local.prefix, found.tollfree.prefix) == ("1", "1800")
    assert {f"{rate:f}": list(of) for rate, of in found.by_rate.items()} == {
        "0.00000": ["1800"],
        "0.00850": ["1"],
        "0.01200": ["1212"],
    }


async def test_a_number_costs_by_its_longest_prefix(db: Database) -> None:
    await load(db, TABLE)

    async with db.reading() as tx:
        rates = await inbound_rates(tx, ["18005550100", "4930123", "33123"])

    texts = {number: rate.text for number, rate in rates.items()}
    assert texts == {"18005550100": "0.02100", "4930123": "0.00000", "33123": "0.00000"}
