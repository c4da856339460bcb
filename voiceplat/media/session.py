"""One live call in a worker: what its document may do to it, and what may end it."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from typing_extensions import override

from voiceplat.bus.events import Callback
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.conference import Conferences
from voiceplat.calls.dialling import Dialler
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Ended, Leg
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import End, Goto
from voiceplat.calls.session import CallSession, Documents, Prompts
from voiceplat.calls.status import CallStatus
from voiceplat.calls.taking import CallRecorder
from voiceplat.core.settings import Settings
from voiceplat.media.conferences import LiveConferences
from voiceplat.media.controls import Controls
from voiceplat.media.deeds import Deeds
from voiceplat.media.dialling import LiveDialler
from voiceplat.media.documents import CallDocuments
from voiceplat.media.ends import end_of
from voiceplat.media.place import Place
from voiceplat.media.recording import LiveRecorder
from voiceplat.webhooks.signature import SigningKeys


class LiveSession(CallSession):
    def __init__(  # noqa: PLR0913 - the composition of one call
        self,
        call: Call,
        leg: Leg,
        *,
        keys: SigningKeys,
        place: Place,
        controls: Controls,
        b_legs: LiveDialler,
    ) -> None:
        """`b_legs` are its further legs; whoever runs the call enters them."""
        self._call = call
        self._leg = leg
        self._place = place
        self._controls = controls
        self._status = CallStatus.RINGING
        self._notes = place.notes_of(call)
        leg.watch_keys(self._notes.key)
        self._documents = CallDocuments(
            self._notes, keys, place.webhooks, lambda: self._status, notify=self._notify
        )
        self._answered = asyncio.Event()
        self._hang_up_at = asyncio.get_running_loop().create_future()
        self.deeds = Deeds()
        """What runs beside the elements; whoever runs the call enters it."""
        self.b_legs = b_legs
        self.recordings = LiveRecorder(call, leg, place, lambda: self._status)
        """What is recorded of it; whoever runs the call enters it."""

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
        return self._place.prompts

    @property
    @override
    def documents(self) -> Documents:
        return self._documents

    @property
    @override
    def ears(self) -> Ears:
        return self._place.ears

    @property
    @override
    def dialler(self) -> Dialler:
        return self.b_legs

    @property
    @override
    def recorder(self) -> CallRecorder:
        return self.recordings

    @property
    @override
    def conferences(self) -> Conferences:
        return LiveConferences(self._call, self._leg, self._place)

    @property
    @override
    def notes(self) -> CallNotes:
        return self._notes

    @property
    @override
    def settings(self) -> Settings:
        return self._place.settings

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

    def _notify(self, hook: Hook, params: Mapping[str, str], once: str) -> None:
        callback = Callback(account=self._call.account, hook=hook, params=dict(params))
        self._place.reporter.tell(
            lambda: self._place.bus.events.notify(self._call.uuid, callback, once)
        )

    def rings(self) -> None:
        """An outbound call's far end rings."""
        self._place.reporter.tell(lambda: self._place.bus.live.ringing(self._call.uuid))

    def was_answered(self) -> None:
        self._status = CallStatus.IN_PROGRESS
        self._answered.set()
        self._place.reporter.tell(
            lambda: self._place.bus.live.answered(self._call.uuid)
        )

    # what may end it, each a coroutine for core.race

    async def until_commanded(self) -> End:
        """The API, or a drain, ends the call.

        Whoever commands it may not know of the answer yet: a call that was answered is
        hung up (4000), not cancelled.
        """
        end = await self._controls.ending
        if end.cause is CAUSES[1000] and self._leg.answered:
            return End(CAUSES[4000], end.source)
        return end

    @override
    async def until_transferred(self) -> Goto:
        """See calls.session.CallSession.until_transferred."""
        return await self._controls.transfers.get()

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
        return end_of(
            ended,
            self._call,
            answered=self._status is CallStatus.IN_PROGRESS,
        )
