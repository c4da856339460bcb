"""One live call in a worker: what its document may do to it, and what may end it."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from typing_extensions import override

from voiceplat.bus.bus import Bus
from voiceplat.bus.events import Callback
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.hangup import CAUSES, HangupSource, cause_of_sip
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Ended, Leg, Party
from voiceplat.calls.outcome import End
from voiceplat.calls.session import CallSession, Documents, Prompts
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.settings import Settings
from voiceplat.media.deeds import Deeds
from voiceplat.media.documents import CallDocuments
from voiceplat.media.reporter import Reporter
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.signature import SigningKeys


class LiveSession(CallSession):
    def __init__(  # noqa: PLR0913 - the composition of one call
        self,
        call: Call,
        leg: Leg,
        *,
        prompts: Prompts,
        ears: Ears,
        keys: SigningKeys,
        webhooks: WebhookClient,
        bus: Bus,
        reporter: Reporter,
        commanded: asyncio.Future[End],
        settings: Settings,
    ) -> None:
        self._call = call
        self._leg = leg
        self._prompts = prompts
        self._ears = ears
        self._settings = settings
        self._bus = bus
        self._reporter = reporter
        self._status = CallStatus.RINGING
        self._documents = CallDocuments(
            call, keys, webhooks, lambda: self._status, notify=self._notify
        )
        self._answered = asyncio.Event()
        self._hang_up_at = asyncio.get_running_loop().create_future()
        self._commanded = commanded
        self.deeds = Deeds()
        """What runs beside the elements; whoever runs the call enters it."""

    @property
    @override
    def call(self) -> Call:
        return self._call

    @property
    @override
    def leg(self) -> Leg:
        return self._leg

    @property
    @override
    def status(self) -> CallStatus:
        return self._status

    @property
    @override
    def prompts(self) -> Prompts:
        return self._prompts

    @property
    @override
    def documents(self) -> Documents:
        return self._documents

    @property
    @override
    def ears(self) -> Ears:
        return self._ears

    @property
    @override
    def settings(self) -> Settings:
        return self._settings

    @override
    async def answer(self) -> None:
        """See calls.session.CallSession.answer."""
        if self._status is CallStatus.IN_PROGRESS:
            return
        await self._leg.answer({"X-CallUUID": self._call.uuid})
        self.was_answered()

    @override
    def hang_up_after(self, seconds: int) -> None:
        """See calls.session.CallSession.hang_up_after; the first one set counts."""
        if not self._hang_up_at.done():
            loop = asyncio.get_running_loop()
            self._hang_up_at.set_result(loop.time() + seconds)

    @override
    def meanwhile(self, deed: Coroutine[Any, Any, None]) -> None:
        """See calls.session.CallSession.meanwhile."""
        self.deeds.start(deed)

    @override
    async def until_quiet(self) -> None:
        """See calls.session.CallSession.until_quiet."""
        await self.deeds.until_quiet()

    def _notify(self, hook: Hook, params: Mapping[str, str]) -> None:
        callback = Callback(account=self._call.account, hook=hook, params=dict(params))
        self._reporter.tell(lambda: self._bus.events.notify(self._call.uuid, callback))

    def rings(self) -> None:
        """An outbound call's far end rings."""
        self._reporter.tell(lambda: self._bus.live.ringing(self._call.uuid))

    def was_answered(self) -> None:
        self._status = CallStatus.IN_PROGRESS
        self._answered.set()
        self._reporter.tell(lambda: self._bus.live.answered(self._call.uuid))

    # what may end it, each a coroutine for core.race

    async def until_commanded(self) -> End:
        """The API, or a drain, ends the call.

        Whoever commands it may not know of the answer yet: a call that was answered is
        hung up (4000), not cancelled.
        """
        end = await self._commanded
        if end.cause is CAUSES[1000] and self._leg.answered:
            return End(CAUSES[4000], end.source)
        return end

    async def until_time_limit(self) -> End:
        """`time_limit` after the answer (6000)."""
        await self._answered.wait()
        await asyncio.sleep(self._call.time_limit.total_seconds())
        return End(CAUSES[6000])

    async def until_scheduled(self) -> End:
        """`<Hangup schedule>` came due (6000)."""
        due = await self._hang_up_at
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return End(CAUSES[6000])

    async def until_far_end_leaves(self) -> End:
        return self.end_of(await self._leg.until_ended())

    def end_of(self, ended: Ended) -> End:
        """The far end left: hung up, gave up, refused, or was lost."""
        if self._leg.answered and self._status is not CallStatus.IN_PROGRESS:
            self.was_answered()  # and over before there was audio
        inbound = self._call.direction is Direction.INBOUND
        source = HangupSource.CALLER if inbound else HangupSource.CALLEE
        if self._status is CallStatus.IN_PROGRESS:
            return End(CAUSES[4000 if ended.by is Party.FAR else 5000], source)
        if inbound:
            return End(CAUSES[1000], source)
        told = ended.headers.get("X-VP-Cause", "")
        return End(
            cause_of_sip(
                ended.sip_status, told_by_edge=int(told) if told.isdecimal() else None
            )
        )
