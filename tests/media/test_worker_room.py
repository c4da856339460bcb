"""What a worker offers: slots for A legs, and legs for the calls of other workers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe

import pytest
from typing_extensions import override

from tests.fakes.leg import FakeLeg
from tests.fakes.phone import FakePhone
from tests.media.test_runner import FakeBus, a_place, a_worker, number_called
from voiceplat.bus.commands import LegWanted
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import Destination
from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import NoLegFree
from voiceplat.links.lifeline import DRAIN, STOP
from voiceplat.media.place import Place
from voiceplat.media.worker import LendLeg

pytestmark = pytest.mark.real_time

WANTED = LegWanted(
    to=Destination("sip:x@127.0.0.1", "1"),
    link=LinkEnd("127.0.0.1", 1, 1),
    host="127.0.0.1",
    port=1,
    password="x",
)


@dataclass
class ListeningBus(FakeBus):
    offers: list[tuple[int, int]] = field(default_factory=list)
    """Free slots and free legs, each time something else is said."""
    _said: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def announce(self, worker: str, **said: int) -> int:
        offer = (said["free"], said["legs"])
        if self.offers[-1:] != [offer]:
            self.offers.append(offer)
        self._said.set()
        return 0

    async def until_offered(self, offer: tuple[int, int]) -> None:
        async with asyncio.timeout(10):
            while self.offers[-1:] != [offer]:
                self._said.clear()
                await self._said.wait()

    async def until_said_again(self, within_s: float) -> None:
        self._said.clear()
        async with asyncio.timeout(within_s):
            await self._said.wait()


class Lent:
    """Legs that are lent until somebody lets go of them."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.given_up = 0

    async def lend(self, _: LegWanted) -> None:
        try:
            await self.over.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise


@asynccontextmanager
async def serving(place: Place, lend_leg: LendLeg) -> AsyncIterator[None]:
    worker = a_worker(place, lend_leg)
    ours, theirs = Pipe()
    running = asyncio.create_task(worker.serve(theirs))
    try:
        yield
    finally:
        ours.send_bytes(STOP)
        await running
        ours.close()
        theirs.close()


async def test_an_idle_worker_offers_its_slots_and_all_its_legs() -> None:
    bus = ListeningBus()

    async with serving(a_place(bus, FakePhone()), Lent().lend):
        await bus.until_offered((3, 4))


async def test_a_lent_leg_costs_a_leg_and_a_slot_only_when_it_must() -> None:
    bus, lent = ListeningBus(), Lent()

    async with serving(a_place(bus, FakePhone()), lent.lend):
        bus.sent.put_nowait(WANTED)
        await bus.until_offered((3, 3))
        bus.sent.put_nowait(WANTED)
        await bus.until_offered((2, 2))
        lent.over.set()

        await bus.until_offered((3, 4))


async def test_what_changes_at_once_is_told_once() -> None:
    bus, lent = ListeningBus(), Lent()

    async with serving(a_place(bus, FakePhone()), lent.lend):
        await bus.until_offered((3, 4))
        bus.sent.put_nowait(WANTED)
        bus.sent.put_nowait(WANTED)
        await bus.until_offered((2, 2))
        lent.over.set()
        await bus.until_offered((3, 4))

    assert bus.offers[:3] == [(3, 4), (2, 2), (3, 4)]


async def test_the_slot_of_what_was_over_at_once_is_offered_again() -> None:
    """Before the interval: nobody else gives back what an INVITE or a job has taken."""
    bus, lent = ListeningBus(), Lent()
    lent.over.set()

    async with serving(a_place(bus, FakePhone()), lent.lend):
        await bus.until_offered((3, 4))
        bus.sent.put_nowait(WANTED)
        await bus.until_said_again(within_s=1)


async def test_a_leg_that_a_call_dialled_costs_a_leg_and_perhaps_a_slot() -> None:
    bus, phone = ListeningBus(), FakePhone([FakeLeg(), FakeLeg()])
    place = a_place(bus, phone)
    to = Destination("sip:x@127.0.0.1", "1")

    async with serving(place, Lent().lend):
        await bus.until_offered((3, 4))
        legs = [await place.dial_anywhere(to) for _ in range(2)]
        place.calls.changed.set()  # as a real phone does

        await bus.until_offered((2, 2))
        for leg in legs:
            await leg.hang_up()


async def test_a_call_that_comes_with_the_last_leg_is_taken() -> None:
    bus, legs = ListeningBus(), [FakeLeg() for _ in range(3)]
    phone = FakePhone(legs)
    place = a_place(bus, phone)
    to = Destination("sip:x@127.0.0.1", "1")

    async with serving(place, Lent().lend):
        for _ in legs:
            await place.dial_anywhere(to)
        place.calls.changed.set()
        await bus.until_offered((1, 1))
        arrived = FakeLeg()
        phone.receive(arrived, number_called())

        ended = await arrived.until_ended()
        for leg in legs:
            await leg.hang_up()

    nobody_answered = CAUSES[7011].sip_status
    assert ended.sip_status == nobody_answered, "its answer URL was asked: not busy"


async def test_a_worker_that_stops_gives_its_lent_legs_up() -> None:
    bus, lent = ListeningBus(), Lent()

    async with serving(a_place(bus, FakePhone()), lent.lend):
        bus.sent.put_nowait(WANTED)
        await bus.until_offered((3, 3))

    assert lent.given_up == 1


async def test_a_worker_that_drains_offers_nothing_and_ends_with_the_lent_leg() -> None:
    bus, lent = ListeningBus(), Lent()
    worker = a_worker(a_place(bus, FakePhone()), lent.lend)
    ours, theirs = Pipe()
    running = asyncio.create_task(worker.serve(theirs))
    bus.sent.put_nowait(WANTED)
    await bus.until_offered((3, 3))

    ours.send_bytes(DRAIN)
    await bus.until_offered((0, 0))
    assert not running.done()
    lent.over.set()

    await running
    assert lent.given_up == 0
    ours.close()
    theirs.close()


async def test_without_other_workers_a_call_has_the_legs_of_its_own() -> None:
    place = a_place(ListeningBus(), FakePhone([FakeLeg()]))
    to = Destination("sip:x@127.0.0.1", "1")

    await place.dial_anywhere(to)

    with pytest.raises(NoLegFree):
        await place.dial_anywhere(to)
