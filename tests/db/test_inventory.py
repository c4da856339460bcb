"""Numbers on offer: loaded whole or not at all, found, rented once, given back."""

import asyncio

import pytest

from tests.db.conftest import MAIN, OTHER, SUB
from voiceplat.core.errors import BadRequest, Conflict, Forbidden, NotFound
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Database
from voiceplat.db.models import Account, Number, Trunk
from voiceplat.db.repositories import (
    AccountRepository,
    NumberRepository,
    OfferedNumberRepository,
    TrunkRepository,
)
from voiceplat.db.repositories.offered_number import OfferFilter
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.scope import Scope
from voiceplat.services.load_inventory import load_inventory
from voiceplat.services.rent_number import bring_numbers, rent_number, unrent_number

pytestmark = pytest.mark.real_time

INVENTORY = """\
number,country_iso,country,country_code,number_type,region,city,lata,monthly_rental_rate,setup_rate
+14155550100,US,United States,1,local,California,San Francisco,722,0.8,0
14155550101,US,United States,1,local,California,Oakland,722,0.5,
18005550100,us,United States,1,tollfree,,,,1.00,
4930123456,DE,Germany,49,local,Berlin,Berlin,,,
"""
FIRST = "14155550100"


@pytest.fixture
async def stocked(db: Database) -> Database:
    await load(db, INVENTORY)
    return db


async def load(db: Database, text: str) -> int:
    async with db.transaction() as tx:
        return await load_inventory(tx, text)


async def offered(db: Database, iso: str = "US", **wanted: str) -> list[str]:
    async with db.reading() as tx:
        repository = OfferedNumberRepository(tx)
        page = await repository.find(Window(), OfferFilter(iso, **wanted))
    return [row.number for row in page.rows]


async def rent(db: Database, number: str, auth_id: AuthId = MAIN) -> Number:
    async with db.transaction() as tx:
        account = await AccountRepository(tx).get(auth_id)
        assert account is not None
        return await rent_number(tx, number, account, app_id=None, cnam_lookup=None)


async def test_an_inventory_replaces_the_one_before_it(stocked: Database) -> None:
    await rent(stocked, FIRST)

    loaded = await load(stocked, "number,country_iso\n14155550109,US\n")

    assert loaded == 1
    assert await offered(stocked) == ["14155550109"]
    async with stocked.reading() as tx:
        assert await NumberRepository(tx).get(FIRST, Scope(MAIN)) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number\n1\n", "the column country_iso is missing"),
        ("number,country_iso\nx,US\n", "line 2: 'x' is not a number"),
        ("number,country_iso\n14155550109,USA\n", "line 2: country_iso 'USA'"),
        ("number,country_iso,country_code\n14155550109,US,49\n", "does not begin with"),
        ("number,country_iso\n14155550109,US\n+14155550109,US\n", "is there twice"),
        (f"number,country_iso,lata\n14155550109,US,{'9' * 17}\n", "lata has more than"),
    ],
)
async def test_an_inventory_that_is_wrong_changes_nothing(
    stocked: Database, text: str, said: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await load(stocked, text)

    assert said in str(refused.value)
    assert len(await offered(stocked)) == 3


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["14155550100", "14155550101", "18005550100"]),
        ({"pattern": "415"}, ["14155550100", "14155550101"]),
        ({"pattern": "155"}, []),
        ({"number_type": "tollfree"}, ["18005550100"]),
        ({"region": "california", "city": "OAKLAND"}, ["14155550101"]),
        ({"lata": "722"}, ["14155550100", "14155550101"]),
        ({"rate_center": "x"}, []),
    ],
)
async def test_numbers_are_found_by_what_they_are(
    stocked: Database, wanted: dict[str, str], found: list[str]
) -> None:
    assert await offered(stocked, **wanted) == found


async def test_a_rented_number_is_not_on_offer_until_it_is_given_back(
    stocked: Database,
) -> None:
    made = await rent(stocked, "+" + FIRST)

    assert (made.region, made.city) == ("California", "San Francisco")
    assert f"{made.monthly_rental_rate:f}" == "0.80000"
    assert FIRST not in await offered(stocked)
    with pytest.raises(NotFound):
        await rent(stocked, FIRST, OTHER)
    async with stocked.transaction() as tx:
        found = await NumberRepository(tx).get(FIRST, Scope(MAIN))
        assert found is not None
        await unrent_number(tx, found)
    assert FIRST in await offered(stocked)
    await rent(stocked, FIRST, OTHER)


async def test_of_two_who_rent_a_number_at_once_one_gets_it(stocked: Database) -> None:
    got = await asyncio.gather(
        rent(stocked, FIRST, MAIN), rent(stocked, FIRST, OTHER), return_exceptions=True
    )

    assert sum(isinstance(one, Number) for one in got) == 1
    assert sum(isinstance(one, NotFound | Conflict) for one in got) == 1


async def test_the_lowest_monthly_rate_of_each_type_is_known(stocked: Database) -> None:
    async with stocked.reading() as tx:
        rates = await OfferedNumberRepository(tx).cheapest("US")

    assert {kind: f"{rate:f}" for kind, rate in rates.items()} == {
        "local": "0.50000",
        "tollfree": "1.00000",
    }


async def bring(db: Database, number: str) -> None:
    async with db.transaction() as tx:
        main = await AccountRepository(tx).get(MAIN)
        assert isinstance(main, Account)
        await bring_numbers(tx, [Number(number=number, account_id=SUB)], main)


async def test_only_who_has_a_trunk_can_bring_numbers_that_nobody_has(
    stocked: Database,
) -> None:
    with pytest.raises(Forbidden, match="a trunk of its own"):
        await bring(stocked, "33123456789")

    async with stocked.transaction() as tx:
        trunk = Trunk(
            name="own",
            host="192.0.2.1",
            port=5060,
            from_ips=[],
            prefixes=[""],
            account_id=MAIN,
        )
        await TrunkRepository(tx).add(trunk)
    await bring(stocked, "33123456789")

    with pytest.raises(Conflict, match="in the inventory"):
        await bring(stocked, FIRST)
    with pytest.raises(Conflict):
        await bring(stocked, "33123456789")
