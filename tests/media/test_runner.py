"""A call that was begun ends on the bus, whatever goes wrong meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from typing import Any, cast

import pytest
from cryptography.fernet import Fernet
from typing_extensions import override

from tests.fakes.ears import FakeEars
from tests.fakes.leg import FakeLeg
from tests.fakes.phone import FakePhone, an_invite
from tests.fakes.prompts import FakePrompts
from tests.fakes.session import a_call
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import CommandMessage, Hangup, InboxMessage
from voiceplat.bus.directory import AccountEntry, Answering, AppEntry
from voiceplat.bus.notebook import Notebook
from voiceplat.bus.reporter import Reporter
from voiceplat.calls.call import Call, EndFacts, Hook
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import KeysBy
from voiceplat.calls.outcome import End
from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import Direction
from voiceplat.core.errors import FetchError, MediaError, Unavailable
from voiceplat.core.ids import AppId, AuthId, CallUuid, NodeId, WorkerAddress
from voiceplat.core.sealing import seal
from voiceplat.core.settings import SecuritySettings, Settings
from voiceplat.core.timeline_settings import TimelineSettings
from voiceplat.links.lifeline import STOP
from voiceplat.media.place import Place
from voiceplat.media.runner import run_inbound, run_outbound
from voiceplat.media.running_calls import RunningCalls
from voiceplat.media.worker import CallWorker, LendLeg
from voiceplat.webhooks.client import WebhookClient

NUMBER = "15550199"
SECURITY = SecuritySettings.model_validate({"secret_key": Fernet.generate_key()})
API = HangupSource.API


class FakeDirectory:
    """One account, one number, one trunk."""

    def __init__(self) -> None:
        self.sealed = seal("token", SECURITY)
        self.can_pay = True
        self.price = FREE
        self.away = False
        self.account_lost = 0

    async def account(self, auth_id: AuthId) -> AccountEntry:
        if self.account_lost:
            self.account_lost -= 1
            raise Unavailable("Redis")
        return AccountEntry(
            auth_id=auth_id,
            main_auth_id=auth_id,
            sealed_token=self.sealed,
            sealed_main_token=self.sealed,
            can_pay=self.can_pay,
        )

    async def answering(self, kind: str, name: str, priced: str) -> Answering:
        hook = Hook(url="http://app/answer", method="GET")
        app = AppEntry(app_id=AppId("1"), account=AuthId("MA"), answer=hook)
        account = await self.account(app.account)
        return Answering(app, account, await self.rate(priced, Direction.INBOUND))

    async def rate(self, address: str, direction: Direction) -> Rate:
        if self.away:
            raise Unavailable("Redis")
        return self.price

    async def route(self, digits: str, *_: str) -> tuple[int, ...]:
        return (1,) if digits else ()


@dataclass
class FakeBus:
    """The parts that a worker uses; `away` says which of them do not answer."""

    sent: asyncio.Queue[InboxMessage] = field(default_factory=asyncio.Queue)
    """What lies in the worker's inbox."""
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    away: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    ended: dict[CallUuid, EndFacts] = field(default_factory=dict)
    acknowledged: list[str | None] = field(default_factory=list)

    def as_bus(self) -> Bus:
        self.queue = self.live = self.slots = self.commands = self
        return cast("Bus", self)

    def _answer(self, name: str) -> None:
        if name in self.away:
            raise Unavailable("Redis")
        self.told.append(name)

    async def begin(self, uuid: CallUuid, **_: str) -> bool:
        self._answer("begin")
        return True

    async def requeue(self, uuid: CallUuid, **_: str) -> bool:
        self._answer("requeue")
        return True

    async def open_at(self, call: Call, *_: str) -> bool:
        self._answer("open_at")
        return True

    async def ringing(self, uuid: CallUuid) -> bool:
        self._answer("ringing")
        return True

    async def answered(self, uuid: CallUuid) -> bool:
        self._answer("answered")
        return True

    async def end(self, uuid: CallUuid, facts: EndFacts) -> bool:
        self._answer("end")
        assert uuid not in self.ended, "one terminal event"
        self.ended[uuid] = facts
        return True

    async def announce(self, worker: str, **_: int) -> int:
        return 0

    async def withdraw(self, worker: str) -> None:
        return

    async def acknowledge(self, message: CommandMessage, error: str | None) -> None:
        self._answer("acknowledge")
        self.acknowledged.append(error)

    async def inbox(self, worker: str) -> AsyncIterator[InboxMessage]:
        assert worker
        while True:
            yield await self.sent.get()


async def lend_nothing(_: object) -> None:
    return


class SilentCustomer:
    async def send(self, *_: object, **__: object) -> None:
        raise FetchError("http://app/answer", "nobody is there")


class SlowCustomer:
    async def send(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()


def a_place(bus: FakeBus, phone: FakePhone, customer: object = None) -> Place:
    return Place(
        settings=Settings(security=SECURITY),
        worker=WorkerAddress("127.0.0.1:7000"),
        node=NodeId("node"),
        bus=bus.as_bus(),
        phone=phone,
        prompts=FakePrompts(),
        ears=FakeEars(),
        webhooks=cast("WebhookClient", customer or SilentCustomer()),
        reporter=Reporter(),
        calls=RunningCalls(),
        controls={},
    )


def a_worker(place: Place, lend_leg: LendLeg) -> CallWorker:
    return CallWorker(place, lend_leg, Notebook(place.bus, TimelineSettings()))


async def reported(place: Place) -> None:
    """Returns when the bus has heard everything."""
    running = asyncio.create_task(place.reporter.run())
    await place.reporter.flushed()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def outbound(**facts: object) -> Call:
    answer = Hook(url="http://app/answer", method="GET")
    return a_call(Direction.OUTBOUND, **{"answer": answer} | facts)


async def test_a_begun_call_whose_account_cannot_be_read_is_ended() -> None:
    bus, call = FakeBus(), outbound()
    bus.directory.sealed = seal(
        "token", SecuritySettings.model_validate({"secret_key": Fernet.generate_key()})
    )
    place = a_place(bus, FakePhone())

    await run_outbound(call, place)

    await reported(place)
    assert bus.ended[call.uuid].cause_code == 5010


async def test_a_redis_that_comes_back_with_begin_is_asked_again_whose_call_it_is() -> (
    None
):
    bus, call, phone = FakeBus(), outbound(), FakePhone([FakeLeg(answers_at=1)])
    bus.directory.account_lost = 1
    place = a_place(bus, phone)

    await run_outbound(call, place)

    await reported(place)
    assert phone.dialled
    assert bus.ended[call.uuid].cause_code != 5010


@pytest.mark.parametrize(("lent", "cause"), [(1, 7011), (0, 5030)])
async def test_a_call_for_which_no_leg_is_free_here_is_dialled_elsewhere(
    lent: int, cause: int
) -> None:
    """The library keeps a call whose BYE nobody answers, for up to 32 s."""
    bus, call = FakeBus(), outbound()
    others = FakePhone([FakeLeg(answers_at=1)] * lent)
    place = replace(a_place(bus, FakePhone()), elsewhere=others)

    await run_outbound(call, place)

    await reported(place)
    assert len(others.dialled) == lent
    assert bus.ended[call.uuid].cause_code == cause


async def test_an_inbound_call_whose_account_cannot_be_read_is_refused() -> None:
    bus, leg = FakeBus(), FakeLeg()
    bus.directory.sealed = "sealed with another key"

    await run_inbound(number_called(), leg, a_place(bus, FakePhone()))

    assert leg.ended is not None
    assert leg.ended.sip_status == 500


async def test_a_caller_whose_document_is_slow_is_told_that_it_rings() -> None:
    leg, place = FakeLeg(), a_place(FakeBus(), FakePhone(), SlowCustomer())
    running = asyncio.create_task(run_inbound(number_called(), leg, place))

    await asyncio.sleep(0.09)
    assert not leg.responses, "it may be answered yet"
    await asyncio.sleep(0.02)
    assert leg.responses == [180]

    (uuid,) = place.controls
    place.end_by_command(uuid, End(CAUSES[4000], API))
    await running


async def test_a_caller_who_is_refused_at_once_is_not_told_that_it_rings() -> None:
    leg = FakeLeg()

    await run_inbound(number_called(), leg, a_place(FakeBus(), FakePhone()))

    assert leg.ended is not None
    assert leg.ended.sip_status == CAUSES[7011].sip_status
    assert not leg.responses


def number_called() -> Any:  # noqa: ANN401
    return an_invite(headers={"X-VP-Target": "number", "X-VP-To": NUMBER})


async def test_a_call_whose_opening_was_not_answered_is_ended_on_the_bus() -> None:
    """Redis may have opened it: only its answer was lost perhaps."""
    bus, leg = FakeBus(away={"open_at"}), FakeLeg()
    place = a_place(bus, FakePhone())

    await run_inbound(number_called(), leg, place)

    await reported(place)
    assert [facts.cause_code for facts in bus.ended.values()] == [5010]
    assert leg.ended is not None
    assert leg.ended.sip_status == 503


async def test_a_call_told_to_end_before_it_is_dialled_never_rings() -> None:
    bus, call, phone = FakeBus(away={"begin"}), outbound(), FakePhone([FakeLeg()])
    place = a_place(bus, phone)
    running = asyncio.create_task(run_outbound(call, place))
    await asyncio.sleep(0.05)

    known = place.end_by_command(call.uuid, End(CAUSES[1000], API))
    bus.away.clear()
    await running

    await reported(place)
    assert known
    assert not phone.dialled
    assert bus.ended[call.uuid].cause_code == 1000


async def test_a_call_answered_while_it_is_cancelled_is_hung_up() -> None:
    leg = FakeLeg(answers_at=1)
    bus, call, phone = FakeBus(), outbound(), FakePhone([leg])
    place = a_place(bus, phone)
    loop = asyncio.get_running_loop()
    loop.call_later(1, place.end_by_command, call.uuid, End(CAUSES[1000], API))

    await run_outbound(call, place)

    await reported(place)
    assert bus.ended[call.uuid].cause_code == 4000
    assert bus.ended[call.uuid].source == API


async def test_a_call_that_is_hung_up_with_the_answer_was_answered() -> None:
    leg = FakeLeg()
    bus, call = FakeBus(), outbound()
    place = a_place(bus, FakePhone([leg]))

    def answer_and_leave() -> None:
        leg.far.answer()
        leg.far.hang_up()

    asyncio.get_running_loop().call_later(1, answer_and_leave)
    await run_outbound(call, place)

    await reported(place)
    assert bus.ended[call.uuid].cause_code == 4000
    assert "answered" in bus.told


class NoKeysLeg(FakeLeg):
    @override
    async def send_digits(
        self, digits: str, *, tone_ms: int = 160, by: KeysBy = KeysBy.ANY
    ) -> None:
        raise MediaError("digit not sent")


async def test_digits_that_cannot_be_sent_do_not_end_the_call() -> None:
    leg = NoKeysLeg(answers_at=1)
    bus, call = FakeBus(), outbound(send_digits="1")
    place = a_place(bus, FakePhone([leg]))

    await run_outbound(call, place)

    await reported(place)
    assert bus.ended[call.uuid].cause_code == 7011


@pytest.mark.parametrize("early", [True, False])
async def test_digits_for_the_pre_answer_wait_for_audio(*, early: bool) -> None:
    leg = FakeLeg(rings_at=1, answers_at=5)
    call = outbound(send_digits="12", send_on_preanswer=True)
    place = a_place(FakeBus(), FakePhone([leg]), SlowCustomer())
    running = asyncio.create_task(run_outbound(call, place))
    await asyncio.sleep(2)

    if early:
        await leg.open_early_media()
    await asyncio.sleep(5)

    assert "".join(key for _, key in leg.sent) == "12"
    assert (leg.sent[0][0] < 5) is early
    place.end_by_command(call.uuid, End(CAUSES[4000], API))
    await running


@pytest.mark.real_time
async def test_a_worker_outlives_a_bus_that_is_away_when_it_acknowledges() -> None:
    bus = FakeBus(away={"acknowledge", "requeue"})
    worker = a_worker(a_place(bus, FakePhone()), lend_nothing)
    ours, theirs = Pipe()
    serving = asyncio.create_task(worker.serve(theirs))
    told = Hangup(source=API, cause=1000)

    bus.sent.put_nowait(CommandMessage(id="1", call_uuid=a_call().uuid, command=told))
    await asyncio.sleep(0.1)
    bus.away.clear()
    await asyncio.sleep(0.5)

    assert bus.acknowledged == ["call not found"]
    ours.send_bytes(STOP)
    await serving
    ours.close()
    theirs.close()
