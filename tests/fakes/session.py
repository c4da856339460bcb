"""A call under a document's control, without a platform around it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from tests.fakes.conferences import FakeConferences
from tests.fakes.dialler import FakeDialler
from tests.fakes.documents import FakeDocuments
from tests.fakes.ears import FakeEars
from tests.fakes.prompts import FakePrompts
from tests.fakes.recorder import FakeRecorder
from voiceplat.calls.call import Call
from voiceplat.calls.conference import Conferences
from voiceplat.calls.dialling import Dialler
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Leg
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import Goto
from voiceplat.calls.session import CallSession, Documents, Prompts
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.calls.timeline import NoTimeline, Timeline
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.settings import Settings

MAIN = AuthId("MA" + "M" * 18)
SUB = AuthId("SA" + "S" * 18)
UUID = CallUuid("6e8a6b1c-37a1-4c06-9a3f-2f6f6d3e0c11")


def a_call(direction: Direction = Direction.INBOUND, **facts: object) -> Call:
    """A call of a subaccount from 15550100 to 15550199."""
    known = {
        "uuid": UUID,
        "account": SUB,
        "main_account": MAIN,
        "direction": direction,
        "from_": "15550100",
        "to": "15550199",
        "initiated_at": datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC),
    }
    return Call.model_validate(known | facts)


class FakeSession(CallSession):
    """Ends its leg when a scheduled hangup is due, as the runner of real calls does."""

    def __init__(  # noqa: PLR0913 - the composition of one call
        self,
        leg: Leg,
        *,
        call: Call | None = None,
        prompts: Prompts | None = None,
        documents: Documents | None = None,
        documents_of: Callable[["FakeSession"], Documents] | None = None,
        ears: Ears | None = None,
        settings: Settings | None = None,
        dialler: Dialler | None = None,
        conferences: Conferences | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        self.scheduled: list[int] = []
        self.transfers: asyncio.Queue[Goto] = asyncio.Queue()
        self._call = call or a_call()
        self._leg = leg
        self._notes = CallNotes(self._call, timeline or NoTimeline())
        self._status = CallStatus.IN_PROGRESS if leg.answered else CallStatus.RINGING
        self._prompts = prompts or FakePrompts()
        self._documents = documents or FakeDocuments()
        if documents_of is not None:
            self._documents = documents_of(self)
        self._ears = ears or FakeEars()
        self._settings = settings or Settings()
        self._dialler = dialler or FakeDialler()
        self._recorder = FakeRecorder()
        self._conferences = conferences or FakeConferences()
        self._deeds: set[asyncio.Task[None]] = set()

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

    @property
    @override
    def recorder(self) -> FakeRecorder:
        return self._recorder

    @property
    @override
    def dialler(self) -> Dialler:
        return self._dialler

    @property
    @override
    def conferences(self) -> Conferences:
        return self._conferences

    @property
    @override
    def notes(self) -> CallNotes:
        return self._notes

    @override
    async def answer(self) -> None:
        if self._status is CallStatus.RINGING:
            await self._leg.answer()
            self._status = CallStatus.IN_PROGRESS

    @override
    def hang_up_after(self, seconds: int) -> None:
        self.scheduled.append(seconds)
        asyncio.get_running_loop().call_later(seconds, self._hang_up)

    @override
    async def until_transferred(self) -> Goto:
        return await self.transfers.get()

    @override
    def meanwhile(self, deed: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(deed)
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)

    @override
    async def until_quiet(self) -> None:
        while self._deeds:
            await asyncio.wait(set(self._deeds))

    def _hang_up(self) -> None:
        self.meanwhile(self._leg.hang_up())
