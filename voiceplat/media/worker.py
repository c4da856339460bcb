"""A call worker: one process, one SIP endpoint, a few calls.

It offers its free slots on the bus, takes the INVITEs and jobs that come for them, and
ends when its supervisor says so or is gone.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import CommandMessage, Job, LegWanted
from voiceplat.bus.notebook import Notebook
from voiceplat.bus.reporter import Reporter
from voiceplat.calls.call import Call
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.outcome import End
from voiceplat.core.errors import CallError, CallNotLive, Unavailable
from voiceplat.core.ids import NodeId, WorkerAddress
from voiceplat.core.log import configure_logging, last_words
from voiceplat.core.race import first_of
from voiceplat.core.settings import Settings
from voiceplat.links.lifeline import DRAIN, next_order
from voiceplat.media.elsewhere import Elsewhere
from voiceplat.media.figures import prompts_told, webhooks_told
from voiceplat.media.lending import lend
from voiceplat.media.place import Place
from voiceplat.media.rooms import RoomsOfPlatform
from voiceplat.media.runner import run_inbound, run_outbound
from voiceplat.media.running_calls import RunningCalls
from voiceplat.metrics.told import teller
from voiceplat.speech.client import SpeechClient
from voiceplat.telephony.pj_phone import PhoneSettings, PjPhone
from voiceplat.webhooks.client import WebhookClient

log = structlog.get_logger()

LendLeg = Callable[[LegWanted], Awaitable[None]]

TOGETHER_S: Final = 0.05
"""A call that begins or ends changes more than once what is free; it is told once, and
not just when the call has most to do."""
LAST_WORDS_S: Final = 5.0
"""How long hanging up the last calls, and telling the bus, may take."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    settings: Settings
    node: NodeId
    sip_port: int
    rtp_port_min: int

    @property
    def address(self) -> WorkerAddress:
        return WorkerAddress(f"{self.settings.media.private_host}:{self.sip_port}")


def worker_main(spec: WorkerSpec, lifeline: Connection) -> None:
    """Body of the process; `lifeline` brings orders, and its end the supervisor's."""
    settings = spec.settings
    level, style = settings.log_level, settings.log_style
    configure_logging("worker", level, style, worker=spec.address)
    with last_words():
        asyncio.run(_serve(spec, lifeline))


async def _serve(spec: WorkerSpec, lifeline: Connection) -> None:
    settings = spec.settings
    async with AsyncExitStack() as parts:
        enter = parts.enter_async_context
        tell = teller(lifeline)
        speech = await enter(SpeechClient(settings, prompts_told(tell)))
        bus = await enter(Bus.connect(settings.redis))
        webhooks = await enter(
            WebhookClient(
                settings.webhooks, settings.security, watch=webhooks_told(tell)
            )
        )
        legs_changed = asyncio.Event()
        phone = await enter(
            PjPhone.open(_phone_settings(spec), when_legs_change=legs_changed.set)
        )
        notebook = Notebook(bus, settings.timeline)
        elsewhere = await enter(Elsewhere.open(settings, spec.address, bus, phone))
        place = Place(
            settings=settings,
            worker=spec.address,
            node=spec.node,
            bus=bus,
            webhooks=webhooks,
            prompts=speech,
            ears=speech,
            phone=phone,
            reporter=Reporter(),
            calls=RunningCalls(legs_changed),
            controls={},
            elsewhere=elsewhere,
            rooms=RoomsOfPlatform(
                settings.media, spec.node, bus, phone, lifeline.send_bytes
            ),
            tell=tell,
            timeline=notebook,
            troubles=notebook,
        )
        lend_leg = partial(lend, phone=phone, settings=settings)
        await CallWorker(place, lend_leg, notebook).serve(lifeline)


def _phone_settings(spec: WorkerSpec) -> PhoneSettings:
    settings, media = spec.settings, spec.settings.media
    return PhoneSettings(
        host=media.private_host,
        sip_port=spec.sip_port,
        proxy=f"{settings.sip.private_host}:{settings.sip.private_port}",
        domain=settings.sip.domain,
        rtp_port_min=spec.rtp_port_min,
        rtp_ports=media.rtp_ports_per_worker,
        clock_rate_hz=media.clock_rate_hz,
        codecs=media.codecs,
        max_legs=media.legs_per_worker,
        log_level=settings.log_level,
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a worker tells of its room."""

    free: int
    busy: int
    legs: int
    begun: int
    """Not told: whatever has begun took a slot that may be free again."""


class CallWorker:
    """The calls of one worker, the legs it lends, and what lets new ones in."""

    def __init__(self, place: Place, lend_leg: LendLeg, notebook: Notebook) -> None:
        self._place = place
        self._notebook = notebook
        self._lend_leg = lend_leg
        self._calls = place.calls
        self._lent = RunningCalls(place.calls.changed)
        self._draining = False

    async def serve(self, lifeline: Connection) -> None:
        """Returns when the last call is over after DRAIN, STOP or a lost lifeline."""
        log.info("worker_ready", pid=os.getpid())
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(self._place.reporter.run()),
                tasks.create_task(self._notebook.run()),
                tasks.create_task(self._offer_slots()),
                tasks.create_task(self._take_jobs()),
                tasks.create_task(self._take_calls()),
            ]
            await self._obey(lifeline)
            try:
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._hang_up_all()
                    await self._place.reporter.flushed()
            except TimeoutError:  # whoever buries this worker ends what is left
                log.warning("worker_leaves_calls", calls=len(self._calls))
            for task in background:
                task.cancel()
        with suppress(Unavailable):
            await self._place.bus.slots.withdraw(self._place.worker)
            await self._notebook.flush()

    @property
    def _free(self) -> int:
        sessions = self._place.settings.media.sessions_per_worker
        return min(self._free_legs, max(0, sessions - len(self._calls)))

    @property
    def _free_legs(self) -> int:
        if self._draining:
            return 0
        begun = len(self._calls) + len(self._lent)  # not all have their leg yet
        taken = max(self._place.phone.legs, begun)
        return max(0, self._place.settings.media.legs_per_worker - taken)

    @property
    def _may_take(self) -> bool:
        """Whether a call may come in that has its leg already, perhaps the last one."""
        media, begun = self._place.settings.media, len(self._calls) + len(self._lent)
        may_begin = begun < media.legs_per_worker and not self._draining
        return may_begin and len(self._calls) < media.sessions_per_worker

    async def _offer_slots(self) -> None:
        """Again and again, so that a slot that was taken in vain comes back."""
        loop = asyncio.get_running_loop()
        again_after_s = self._place.settings.media.announce_interval_ms / 1000
        told: _Offer | None = None
        again_at = loop.time()
        while True:
            self._calls.changed.clear()
            if (offer := self._offer) != told or loop.time() >= again_at:
                told = offer if await self._tell(offer) else None
                again_at = loop.time() + again_after_s
            with suppress(TimeoutError):
                async with asyncio.timeout_at(again_at):
                    await self._calls.changed.wait()
                    if not self._draining:
                        await asyncio.sleep(TOGETHER_S)

    @property
    def _offer(self) -> "_Offer":
        return _Offer(
            free=self._free,
            busy=len(self._calls) + len(self._lent),
            legs=self._free_legs,
            begun=self._calls.begun + self._lent.begun,
        )

    async def _tell(self, offer: "_Offer") -> bool:
        try:
            await self._place.bus.slots.announce(
                self._place.worker, free=offer.free, busy=offer.busy, legs=offer.legs
            )
        except Unavailable as error:
            log.warning("slots_not_offered", why=str(error))
            return False
        return True

    async def _take_calls(self) -> None:
        while True:
            invite, leg = await self._place.phone.next_call()
            if self._may_take:
                self._calls.start(run_inbound(invite, leg, self._place))
            else:
                self._calls.start(leg.hang_up(486))

    async def _take_jobs(self) -> None:
        async for message in self._place.bus.commands.inbox(self._place.worker):
            match message:
                case Job() if message.call.uuid in self._place.controls:
                    pass  # it came twice
                case Job() if self._free:
                    self._calls.start(run_outbound(message.call, self._place))
                    await asyncio.sleep(0)  # it asks first, the inbox after it
                case Job():
                    self._give_back(message.call)
                case CommandMessage():
                    self._command(message)
                case LegWanted():
                    self._lent.start(self._lend(message))

    def _give_back(self, call: Call) -> None:
        """A job for which there is no room."""
        place = self._place
        place.reporter.tell(
            lambda: place.bus.queue.requeue(call.uuid, held_by=place.worker)
        )

    def _command(self, message: CommandMessage) -> None:
        place, error = self._place, None
        controls = place.controls.get(message.call_uuid)
        try:
            if controls is None:
                raise CallNotLive(message.call_uuid)
            controls.obey(message.command)
        except CallError as refusal:
            error = str(refusal)
        place.reporter.tell(lambda: place.bus.commands.acknowledge(message, error))

    async def _lend(self, wanted: LegWanted) -> None:
        if not self._draining:
            await self._lend_leg(wanted)

    async def _obey(self, lifeline: Connection) -> None:
        """Orders of the supervisor; a lifeline that ends is a STOP."""
        order = await next_order(lifeline)
        self._draining = True
        self._calls.changed.set()
        if order == DRAIN:
            await first_of(self._until_idle(), next_order(lifeline))

    async def _until_idle(self) -> None:
        while len(self._calls) or len(self._lent):
            await self._calls.until_idle()
            await self._lent.until_idle()

    async def _hang_up_all(self) -> None:
        for uuid in self._place.controls:
            self._place.end_by_command(uuid, End(CAUSES[1000], HangupSource.PLIVO))
        self._lent.cancel()
        await self._until_idle()
