"""A call's session seen from another of its legs: who is to hear a sound document."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from voiceplat.calls.call import Call
from voiceplat.calls.conference import Conferences
from voiceplat.calls.dialling import Dialler
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Leg
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import Goto
from voiceplat.calls.session import CallSession, Documents, Prompts
from voiceplat.calls.status import CallStatus
from voiceplat.calls.taking import CallRecorder
from voiceplat.core.race import never
from voiceplat.core.settings import Settings


@dataclass(frozen=True, slots=True)
class OtherLeg(CallSession):
    session: CallSession
    other: Leg

    @property
    @override
    def call(self) -> Call:
        return self.session.call

    @property
    @override
    def leg(self) -> Leg:
        return self.other

    @property
    @override
    def status(self) -> CallStatus:
        return self.session.status

    @property
    @override
    def prompts(self) -> Prompts:
        return self.session.prompts

    @property
    @override
    def documents(self) -> Documents:
        return self.session.documents

    @property
    @override
    def ears(self) -> Ears:
        return self.session.ears

    @property
    @override
    def settings(self) -> Settings:
        return self.session.settings

    @property
    @override
    def dialler(self) -> Dialler:
        return self.session.dialler

    @property
    @override
    def recorder(self) -> CallRecorder:
        return self.session.recorder

    @property
    @override
    def conferences(self) -> Conferences:
        return self.session.conferences

    @property
    @override
    def notes(self) -> CallNotes:
        return self.session.notes

    @override
    async def answer(self) -> None:
        """Its leg needs no answer of ours."""

    @override
    def hang_up_after(self, seconds: int) -> None:
        self.session.hang_up_after(seconds)

    @override
    def meanwhile(self, deed: Coroutine[Any, Any, None]) -> None:
        self.session.meanwhile(deed)

    @override
    async def until_quiet(self) -> None:
        await self.session.until_quiet()

    @override
    async def until_transferred(self) -> Goto:
        return await never()
