"""A ring group larger than a worker: its legs come from other workers of the platform.

Real workers, Redis, SIP and RTP. Each far phone takes four calls; that of a worker is
its proxy too, so it gets whatever the worker dials.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.servers.free_ports import free_port
from tests.servers.redis import PATIENCE
from voiceplat.bus.bus import Bus
from voiceplat.calls.leg import Destination, Leg
from voiceplat.core.errors import NoLegFree
from voiceplat.core.ids import NodeId, WorkerAddress
from voiceplat.core.settings import MediaSettings, Settings
from voiceplat.links.lifeline import STOP
from voiceplat.media.elsewhere import Elsewhere
from voiceplat.media.remote_leg import RemoteLeg
from voiceplat.media.worker import WorkerSpec
from voiceplat.media.worker_process import WorkerProcess
from voiceplat.telephony.listen import tones, write_tone
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [pytest.mark.sip, pytest.mark.redis]

HERE = WorkerAddress("127.0.0.1:1")
LEGS = 4


@asynccontextmanager
async def far_phone(folder: Path) -> AsyncIterator[Softphone]:
    await asyncio.to_thread(folder.mkdir)
    async with Softphone.start(PhoneSettings(rtp_port_min=0), folder=folder) as phone:
        yield phone


@asynccontextmanager
async def worker(
    redis_url: str, proxy: Softphone, rtp_port_min: int
) -> AsyncIterator[WorkerProcess]:
    host, _, port = proxy.address.partition(":")
    settings = Settings.model_validate(
        {
            "redis": {"url": redis_url, **PATIENCE},
            "security": {"secret_key": Fernet.generate_key()},
            "sip": {"private_host": host, "private_port": port},
            "media": {"announce_interval_ms": 200, "legs_per_worker": LEGS},
        }
    )
    process = WorkerProcess(
        WorkerSpec(settings, NodeId("node"), free_port(), rtp_port_min)
    )
    running = asyncio.create_task(process.run())
    try:
        yield process
    finally:
        process.order(STOP)
        await running


async def free_legs(bus: Bus, worker: WorkerProcess, count: int) -> None:
    async with asyncio.timeout(20):
        while await bus.legs.free(worker.spec.address) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def dial(phone: PjPhone, elsewhere: Elsewhere, to: Destination) -> Leg:
    try:
        return await phone.dial(to)
    except NoLegFree:
        return await elsewhere.dial(to)


async def test_ten_legs_ring_from_a_worker_with_four_and_the_last_one_answers(
    bus: Bus, redis_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as parts:
        enter = parts.enter_async_context
        far = [await enter(far_phone(tmp_path / f"far-{n}")) for n in range(3)]
        workers = [
            await enter(worker(redis_url, far[1], 21000)),
            await enter(worker(redis_url, far[2], 22000)),
        ]
        phone = await enter(PjPhone.open(PhoneSettings(rtp_port_min=20000)))
        settings = Settings(media=MediaSettings(borrow_timeout_ms=5000))
        elsewhere = await enter(Elsewhere.open(settings, HERE, bus, phone))
        for process in workers:
            await free_legs(bus, process, LEGS)

        caller = await far[0].call(f"sip:15550199@{phone.address}")
        _, a_leg = await phone.next_call()
        await a_leg.answer()
        to = Destination(f"sip:15550100@{far[0].address}", "15550199")
        b_legs = [await dial(phone, elsewhere, to) for _ in range(10)]
        ringing = [await far[0].next_call() for _ in range(3)]
        ringing += [await each.next_call() for each in far[1:] for _ in range(3)]
        ringing += [await next_of(far[1:])]
        await asyncio.gather(*(call.ring() for call in ringing))
        await asyncio.gather(*(leg.until_ringing() for leg in b_legs))

        callee = ringing[-1]
        await callee.answer()
        answered = await first_answered(b_legs)
        await asyncio.gather(*(leg.hang_up() for leg in b_legs if leg is not answered))
        bridging = asyncio.create_task(a_leg.bridge(answered))
        await asyncio.sleep(0.5)
        await asyncio.gather(
            caller.say(write_tone(tmp_path / "440.wav", 440, 1.0)),
            callee.say(write_tone(tmp_path / "800.wav", 800, 1.0)),
        )
        await asyncio.sleep(0.5)
        await callee.hang_up()
        await bridging
        await a_leg.hang_up()

        assert sum(isinstance(leg, RemoteLeg) for leg in b_legs) == 7
        assert isinstance(answered, RemoteLeg)
        assert await heard(caller) == {800}
        assert await heard(callee) == {440}
        for process in workers:
            await free_legs(bus, process, LEGS)


async def next_of(phones: list[Softphone]) -> SoftphoneCall:
    """The next call, at whichever phone it comes in."""
    waiting = [asyncio.create_task(phone.next_call()) for phone in phones]
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    return done.pop().result()


async def first_answered(legs: list[Leg]) -> Leg:
    waiting = {asyncio.create_task(leg.until_answered()): leg for leg in legs}
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return waiting[done.pop()]


async def heard(call: SoftphoneCall) -> set[int]:
    await call.until_ended()
    found = await asyncio.to_thread(tones, call.heard)
    return {round(tone.hz / 10) * 10 for tone in found}
