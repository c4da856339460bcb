"""Calls that an account cannot pay end with 1010 before anybody's phone rings."""

from decimal import Decimal

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.phone import FakePhone
from tests.media.test_runner import (
    FakeBus,
    a_place,
    number_called,
    outbound,
    reported,
)
from voiceplat.calls.dialling import NotDialled, Target
from voiceplat.calls.hangup import HangupSource
from voiceplat.calls.rate import FREE, Rate
from voiceplat.media.dialling import LiveDialler
from voiceplat.media.place import Place
from voiceplat.media.runner import run_inbound, run_on_its_own, run_outbound
from voiceplat.webhooks.signature import SigningKeys

RATE = Rate(per_minute=Decimal("0.5"))


def a_broke_bus(price: Rate = RATE) -> FakeBus:
    bus = FakeBus()
    bus.directory.can_pay = False
    bus.directory.price = price
    return bus


def a_dialler(place: Place) -> LiveDialler:
    keys = SigningKeys(token="t", main_token="t")
    return LiveDialler(outbound(), keys, place, run_on_its_own)


async def test_a_queued_call_whose_credits_went_meanwhile_is_not_dialled() -> None:
    bus, call, phone = a_broke_bus(), outbound(rate=RATE), FakePhone([FakeLeg()])
    place = a_place(bus, phone)

    await run_outbound(call, place)

    await reported(place)
    assert not phone.dialled
    assert bus.ended[call.uuid].cause_code == 1010
    assert bus.ended[call.uuid].source == HangupSource.PLIVO


async def test_a_caller_of_an_account_without_credits_is_refused() -> None:
    bus, leg = a_broke_bus(), FakeLeg()
    place = a_place(bus, FakePhone())

    await run_inbound(number_called(), leg, place)

    await reported(place)
    assert [facts.cause_code for facts in bus.ended.values()] == [1010]
    assert leg.ended is not None
    assert leg.ended.sip_status == 403


async def test_what_costs_nothing_needs_no_credits() -> None:
    bus, call, phone = a_broke_bus(FREE), outbound(), FakePhone([FakeLeg(answers_at=1)])
    place = a_place(bus, phone)

    await run_outbound(call, place)

    await reported(place)
    assert phone.dialled
    assert bus.ended[call.uuid].cause_code == 7011


async def test_a_b_leg_without_credits_is_not_dialled_and_leaves_a_record() -> None:
    bus, phone = a_broke_bus(), FakePhone([FakeLeg()])
    place = a_place(bus, phone)

    with pytest.raises(NotDialled) as refused:
        await a_dialler(place).dial(Target("15550177", "15550100"))

    await reported(place)
    assert refused.value.cause.code == 1010
    assert not phone.dialled
    assert [facts.cause_code for facts in bus.ended.values()] == [1010]


async def test_a_b_leg_has_the_rate_of_whom_it_calls() -> None:
    bus = FakeBus()
    bus.directory.price = RATE
    place = a_place(bus, FakePhone([FakeLeg()]))

    async with a_dialler(place) as dialler:
        b_leg = await dialler.dial(Target("15550177", "15550100"))

        assert b_leg.rate == RATE
    await reported(place)


async def test_a_b_leg_is_dialled_while_nobody_knows_what_it_costs() -> None:
    bus = FakeBus()
    bus.directory.away = True
    place = a_place(bus, FakePhone([FakeLeg()]))

    async with a_dialler(place) as dialler:
        b_leg = await dialler.dial(Target("15550177", "15550100"))

        assert b_leg.rate == FREE
    await reported(place)
