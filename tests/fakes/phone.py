"""A phone that dials scripted legs, and rings when a test says so; with memory."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping

from typing_extensions import override

from tests.fakes.leg import FakeLeg
from voiceplat.calls.leg import Destination, Invite, Leg, Phone
from voiceplat.core.errors import NoLegFree


class FakePhone(Phone):
    """`answers` are the legs that it dials, in order; a leg more, and none is free."""

    def __init__(self, answers: Iterable[FakeLeg] = ()) -> None:
        self.dialled: list[Destination] = []
        self._answers = deque(answers)
        self._waiting: asyncio.Queue[tuple[Invite, Leg]] = asyncio.Queue()
        self._legs: list[Leg] = []

    @property
    @override
    def legs(self) -> int:
        return sum(leg.ended is None for leg in self._legs)

    @override
    async def dial(self, to: Destination) -> Leg:
        if not self._answers:
            raise NoLegFree
        self.dialled.append(to)
        self._legs.append(self._answers.popleft())
        return self._legs[-1]

    @override
    async def next_call(self) -> tuple[Invite, Leg]:
        return await self._waiting.get()

    def receive(self, leg: FakeLeg, invite: Invite | None = None) -> None:
        """An INVITE comes in."""
        self._legs.append(leg)
        self._waiting.put_nowait((invite or an_invite(), leg))


def an_invite(
    to: str = "15550199",
    from_: str = "15550100",
    *,
    headers: Mapping[str, str] | None = None,
    custom: Mapping[str, str] | None = None,
) -> Invite:
    return Invite(
        request_user=to,
        from_uri=f"sip:{from_}@127.0.0.1",
        from_name="",
        to_uri=f"sip:{to}@127.0.0.1",
        call_id="3f0c2a",
        headers={name.lower(): value for name, value in (headers or {}).items()},
        custom=custom or {},
    )
