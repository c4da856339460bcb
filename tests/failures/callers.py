"""Parties at a carrier: they call and are called, talk, and remember how it went.

What a party does is in the mark of its call (`seen.py`). It is as patient as a phone:
it repeats what is not answered for 32 s (RFC 3261, timers B and F), and no longer.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from typing_extensions import override

from tests.edge.dialog import Caller, Dialog
from tests.edge.sip import Message, media_address, sdp
from tests.failures.seen import End, Kind, Seen, Way
from tests.failures.sound import Choir, Voice, voice
from tests.servers.crowd import FINAL, CallParty, Crowd
from voiceplat.core.race import first_of, never

AGAIN_S: Final = 1.0
TRIES: Final = 32
RINGS_S: Final = 0.2
GIVES_UP_AFTER_S: Final = 30.0
LONGEST_S: Final = 90.0
"""No call of the load is meant to last half as long."""
STAYS_S: Final = 3.0
SAYS_HZ: Final = {Way.IN: 500.0, Way.OUT: 500.0, Way.LEG: 900.0}
PLAYED_HZ: Final = 620.0
DUE_HZ: Final = {Kind.PLAY: PLAYED_HZ, Kind.KEYS: PLAYED_HZ, Kind.DIAL: 900.0}
"""What a caller is to hear; a leg of a Dial hears its caller."""


class CallingParty(CallParty):
    """Acknowledges again what is answered again."""

    ack: Message | None = None

    @override
    def _take(self, text: str, source: tuple[str, int]) -> None:
        super()._take(text, source)
        if self.ack and text.startswith("SIP/2.0 200") and " INVITE" in text:
            self.send(self.ack)


class Callers(Crowd):
    seen: list[Seen]
    _choir: Choir

    @classmethod
    @asynccontextmanager
    async def talking_at(
        cls, host: str, port: int, peer: tuple[str, int]
    ) -> AsyncIterator["Callers"]:
        """Leaving it waits until all calls are over."""
        callers = cls(peer, random.Random(0))  # noqa: S311 - thrown by nobody here
        callers.seen, callers._choir = [], Choir()
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: callers, local_addr=(host, port))
        singing = asyncio.create_task(callers._choir.run())
        try:
            async with asyncio.TaskGroup() as callers._tasks:
                yield callers
        finally:
            singing.cancel()
            await asyncio.gather(singing, return_exceptions=True)
            callers.socket.close()
            await asyncio.sleep(0)

    async def call(self, mark: str, number: str) -> Seen:
        """A call to the platform, from its INVITE to its end."""
        party = CallingParty(self)
        seen = self._sees(mark)
        async with voice(self.host) as own:
            caller = Caller(
                party,
                f"sip:+{number}@{self.peer[0]}:{self.peer[1]}",
                f"sip:+15550199@{self.host}:{self.port}",
                body=sdp(self.host, own.port),
                headers={"X_PH_Mark": mark},
            )
            self._parties[caller.call_id] = party
            await self._makes(party, caller, seen, own)
            party.over = True
        return seen

    def _sees(self, mark: str) -> Seen:
        seen = Seen.of(mark)
        self.seen.append(seen)
        return seen

    async def _makes(
        self, party: CallingParty, caller: Caller, seen: Seen, own: Voice
    ) -> None:
        caller.send()
        try:
            async with asyncio.timeout(GIVES_UP_AFTER_S):
                answer = await self._final(party, caller.sent)
        except TimeoutError:
            caller.cancel()
            seen.end = End.GAVE_UP
            return
        seen.status, seen.retry_after = answer.status, answer.get("Retry-After")
        if not seen.answered:
            caller.acknowledge(answer)
            seen.end = End.REFUSED
            return
        dialog = caller.confirmed(answer)
        party.ack = dialog.request("ACK")
        await self._converse(party, dialog, seen, own)

    @staticmethod
    async def _final(party: CallParty, invite: Message) -> Message:
        """The answer to an INVITE, which is sent again until anything is."""
        provisional = (100, 180, 183)
        while True:
            with suppress(AssertionError):
                first = await party.expect(*provisional, *FINAL, within_s=AGAIN_S)
                if first.status >= 200:
                    return first
                return await party.until_final("INVITE", LONGEST_S)
            party.send(invite)

    @override
    async def _is_called(self, party: CallParty) -> str:
        invite = await party.expect("INVITE")
        seen = self._sees(invite.get("X-PH-Mark"))
        tag = invite.get("Call-ID")[-8:]
        async with voice(self.host) as own:
            await first_of(
                self._cancelled(party, invite, tag, seen),
                self._takes(party, invite, tag, seen, own),
            )
        return seen.end

    async def _cancelled(
        self, party: CallParty, invite: Message, tag: str, seen: Seen
    ) -> None:
        cancel = await party.expect("CANCEL", within_s=LONGEST_S)
        party.reply(cancel, 200, tag=tag)
        if seen.status:  # too late: its 200 is on the way (RFC 3261, 9.2)
            await never()
        party.reply(invite, 487, tag=tag)
        seen.status, seen.end = 487, End.CANCELLED

    async def _takes(
        self, party: CallParty, invite: Message, tag: str, seen: Seen, own: Voice
    ) -> None:
        party.reply(invite, 180, tag=tag, Contact=party.contact)
        await asyncio.sleep(RINGS_S)
        seen.status = 200
        body = sdp(self.host, own.port)
        for _ in range(TRIES):
            party.reply(invite, 200, tag=tag, body=body, Contact=party.contact)
            with suppress(AssertionError):
                heard = await party.expect("ACK", "BYE", within_s=AGAIN_S)
                break
        else:
            seen.end = End.UNACKNOWLEDGED
            return
        if heard.method == "BYE":  # whoever called died over it
            party.reply(heard, 200)
            seen.end = End.HUNG_UP_ON
            return
        dialog = Dialog.of_callee(party, invite, f"{invite.get('To')};tag={tag}")
        await self._converse(party, dialog, seen, own)

    async def _converse(
        self, party: CallParty, dialog: Dialog, seen: Seen, own: Voice
    ) -> None:
        self._choir.sings(own, SAYS_HZ[seen.way], media_address(dialog.answer))
        try:
            async with asyncio.timeout(LONGEST_S):
                await first_of(
                    self._hung_up_on(party, seen),
                    self._behaves(party, dialog, seen, own),
                )
        except TimeoutError:
            seen.end = End.NONE
        finally:
            self._choir.stops(own)
        due = SAYS_HZ[Way.IN] if seen.way is Way.LEG else DUE_HZ.get(seen.kind, 0.0)
        seen.heard = not due or await own.hears(due)

    @staticmethod
    async def _hung_up_on(party: CallParty, seen: Seen) -> None:
        bye = await party.expect("BYE", within_s=LONGEST_S)
        party.reply(bye, 200)
        seen.end = End.HUNG_UP_ON

    async def _behaves(
        self, party: CallParty, dialog: Dialog, seen: Seen, own: Voice
    ) -> None:
        if seen.kind is Kind.KEYS:
            await own.hears_something()
            for key in "42":
                body = f"Signal={key}\r\nDuration=160\r\n"
                await self._asks(party, dialog, "INFO", body)
        leaves = seen.kind is Kind.ROOM or seen.way is Way.LEG
        await asyncio.sleep(STAYS_S if leaves else LONGEST_S)
        heard = await self._asks(party, dialog, "BYE")
        seen.end = End.HUNG_UP if heard else End.HUNG_UP_UNHEARD

    @staticmethod
    async def _asks(
        party: CallParty, dialog: Dialog, method: str, body: str = ""
    ) -> bool:
        """Whether a request was answered at all; it is repeated as RFC 3261 says."""
        more = {"Content_Type": "application/dtmf-relay"} if body else {}
        request = dialog.request(method, body, **more)
        for _ in range(TRIES):
            with suppress(TimeoutError):
                await party.until_final(method, AGAIN_S)
                return True
            party.send(request)
        return False
