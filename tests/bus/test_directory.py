import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest

from tests.bus.calls import MAIN, OTHER, SUB
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import (
    AccountEntry,
    Answering,
    AppEntry,
    NumberEntry,
    PriceEntry,
    TrunkEntry,
    UserEntry,
)
from voiceplat.calls.call import Hook
from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import Direction
from voiceplat.core.ids import AppId, AuthId

pytestmark = pytest.mark.redis

APP = AppId("12345678901234567")
ACCOUNT = AccountEntry(
    auth_id=SUB,
    main_auth_id=MAIN,
    sealed_token="s",
    sealed_main_token="m",
    timezone="Asia/Kolkata",
)


def trunk(
    id_: int,
    *prefixes: str,
    priority: int = 10,
    weight: int = 1,
    account: AuthId | None = None,
) -> TrunkEntry:
    return TrunkEntry(
        id=id_,
        name=f"t{id_}",
        host="192.0.2.1",
        port=5060,
        prefixes=prefixes,
        priority=priority,
        weight=weight,
        account=account,
    )


async def test_an_account_is_put_found_and_deleted(bus: Bus) -> None:
    await bus.directory.put_account(ACCOUNT)
    found = await bus.directory.account(SUB)
    await bus.directory.delete_account(SUB)

    assert found == ACCOUNT
    assert await bus.directory.account(SUB) is None


async def test_an_app_is_put_found_and_deleted(bus: Bus) -> None:
    entry = AppEntry(app_id=APP, account=MAIN, answer=Hook(url="http://c/a"))

    await bus.directory.put_app(entry)
    found = await bus.directory.app(APP)
    await bus.directory.delete_app(APP)

    assert found == entry
    assert await bus.directory.app(APP) is None


async def test_a_number_is_put_found_and_deleted(bus: Bus) -> None:
    entry = NumberEntry(number="14150000001", account=MAIN, app_id=APP)

    await bus.directory.put_number(entry)
    found = await bus.directory.number("14150000001")
    await bus.directory.delete_number("14150000001")

    assert found == entry
    assert await bus.directory.number("14150000001") is None


async def test_a_user_is_put_found_and_deleted(bus: Bus) -> None:
    entry = UserEntry(username="bob123", ha1="0" * 32, account=MAIN, app_id=APP)

    await bus.directory.put_user(entry)
    found = await bus.directory.user("bob123")
    await bus.directory.delete_user("bob123")

    assert found == entry
    assert await bus.directory.user("bob123") is None


async def test_a_user_that_lost_its_app_has_no_such_field_any_more(
    bus: Bus, redis: RedisServer
) -> None:
    with_app = UserEntry(username="bob", ha1="h", account=MAIN, app_id=APP)
    without = UserEntry(username="bob", ha1="h", account=MAIN)

    await bus.directory.put_user(with_app)
    await bus.directory.put_user(without)

    with redis.client() as client:
        assert client.hgetall(keys.user("bob")) == {"ha1": "h", "account": MAIN}
    assert await bus.directory.user("bob") == without


async def test_who_answers_a_number_is_found_with_account_and_price(bus: Bus) -> None:
    app = AppEntry(app_id=APP, account=MAIN, answer=Hook(url="http://c/a"))
    owner = ACCOUNT.model_copy(update={"auth_id": MAIN})
    cheap, dear = (Rate(per_minute=Decimal(it)) for it in ("0.01", "0.02"))
    await bus.directory.put_number(
        NumberEntry(number="14150000001", account=MAIN, app_id=APP)
    )
    await bus.directory.put_prices(
        [
            PriceEntry(prefix="1", outbound=FREE, inbound=cheap),
            PriceEntry(prefix="1415", outbound=FREE, inbound=dear),
        ]
    )

    async def found() -> Answering | None:
        return await bus.directory.answering("number", "14150000001", "14150000001")

    assert await found() is None
    await bus.directory.put_app(app)
    assert await found() == Answering(app, None, FREE)
    await bus.directory.put_account(owner)
    assert await found() == Answering(app, owner, dear)


async def test_trunks_are_replaced_as_a_whole(bus: Bus) -> None:
    await bus.directory.put_trunks([trunk(1, ""), trunk(2, "1")])
    await bus.directory.put_trunks([trunk(3, "")])

    assert await bus.directory.trunks() == [trunk(3, "")]


async def test_there_are_no_trunks_before_any_was_put(bus: Bus) -> None:
    assert await bus.directory.trunks() == []
    assert await bus.directory.route("14150000001") == ()


async def test_the_longest_prefix_is_tried_first_then_the_lowest_priority(
    bus: Bus,
) -> None:
    await bus.directory.put_trunks(
        [
            trunk(1, ""),
            trunk(2, "1415", priority=20),
            trunk(3, "1", "1415", priority=5),
            trunk(4, "44"),
            trunk(5, "", priority=1),
        ]
    )

    assert await bus.directory.route("14150000001") == (3, 2, 5, 1)
    assert await bus.directory.route("+442071234567") == (4, 5, 1)


async def test_among_equals_a_trunk_is_first_as_often_as_its_weight_says(
    bus: Bus,
) -> None:
    await bus.directory.put_trunks(
        [trunk(1, "", weight=3), trunk(2, ""), trunk(3, "", priority=20)]
    )

    routes = [await bus.directory.route("1") for _ in range(400)]

    first = sum(route == (1, 2, 3) for route in routes)
    assert first + sum(route == (2, 1, 3) for route in routes) == 400
    assert 250 < first < 350, "300 of 400, and six standard deviations either way"


async def test_a_trunk_of_one_account_carries_no_other_s_calls(bus: Bus) -> None:
    trunks = [trunk(1, "", account=MAIN, priority=1), trunk(2, "")]
    await bus.directory.put_trunks(trunks)

    assert await bus.directory.route("1", SUB, MAIN) == (1, 2)
    assert await bus.directory.route("1", OTHER) == (2,)


async def test_whoever_listens_hears_that_trunks_changed(bus: Bus) -> None:
    async with asyncio.timeout(20), aclosing(bus.directory.changes()) as changes:
        await anext(changes)  # the one at the start

        await bus.directory.put_trunks([])

        await anext(changes)


async def test_a_registration_is_read_as_the_edge_wrote_it(
    bus: Bus, redis: RedisServer
) -> None:
    with redis.client() as client:
        client.hset(
            keys.registration("bob"),
            mapping={"contact": "sip:bob@192.0.2.9", "expires_at": "1900000000"},
        )

    found = await bus.directory.registration("bob")

    assert found is not None
    assert found.contact == "sip:bob@192.0.2.9"
    assert found.expires_at is not None
    assert found.expires_at.year == 2030
    assert await bus.directory.registration("alice") is None


async def test_the_directory_is_ready_once_it_was_filled(bus: Bus) -> None:
    before = await bus.directory.is_ready()

    await bus.directory.mark_ready()

    assert not before
    assert await bus.directory.is_ready()


def price(prefix: str, amount: str) -> PriceEntry:
    return PriceEntry(
        prefix=prefix,
        outbound=Rate(per_minute=Decimal(amount)),
        inbound=Rate(per_minute=Decimal(amount) * 2, pulse_s=1),
    )


async def test_the_longest_prefix_has_the_price(bus: Bus) -> None:
    await bus.directory.put_prices(
        [price("1", "0.1"), price("1415", "0.2"), price("sip", "0.3")]
    )

    rates = await bus.directory.rates(
        ["+14155550100", "12125550100", "sip:a@b", "49301234"], Direction.OUTBOUND
    )

    assert [rate.text for rate in rates] == ["0.20000", "0.10000", "0.30000", "0.00000"]
    inbound = await bus.directory.rate("1415", Direction.INBOUND)
    assert (inbound.text, inbound.pulse_s) == ("0.40000", 1)


async def test_the_empty_prefix_prices_every_number_and_no_endpoint(bus: Bus) -> None:
    await bus.directory.put_prices([price("", "0.1")])

    rates = await bus.directory.rates(["49301234", "sip:a@b"], Direction.OUTBOUND)

    assert [rate.text for rate in rates] == ["0.10000", "0.00000"]


async def test_prices_are_replaced_as_a_whole(bus: Bus) -> None:
    await bus.directory.put_prices([price("1", "0.1")])
    await bus.directory.put_prices([])

    assert await bus.directory.rate("1415", Direction.OUTBOUND) == FREE
    assert await bus.directory.rates([], Direction.OUTBOUND) == []
