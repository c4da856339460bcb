"""A carrier's SIP socket with many calls at once, each a party of its own.

Every party does what dice say: it rings, refuses, answers, gives up, re-negotiates,
hangs up, or waits until it is hung up. A call that never ends fails the crowd.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from typing_extensions import override

from tests.edge.dialog import Caller, Dialog
from tests.edge.party import Party
from tests.edge.sip import Message, address_of, parse, reply_to, sdp, uri_of
from voiceplat.core.race import first_of, never

PATIENCE_S: Final = 60.0
AGAIN_S: Final = 1.0
"""A request without an answer is sent again after this."""
FINAL: Final = (200, 400, 403, 404, 408, 480, 481, 486, 487, 488, 491, 500, 503, 603)
AUDIO_PORT: Final = 46000
"""Nobody listens there: what is said to the crowd is dropped."""


class CallParty(Party):
    """One call's part of the common socket; a repeated request is answered again."""

    def __init__(self, crowd: "Crowd") -> None:
        super().__init__(crowd.peer)
        self.host, self.port = crowd.host, crowd.port
        self.over = False
        self._udp = crowd.socket
        self._answers: dict[str, Message] = {}

    @override
    def reply(self, request: Message, status: int, **parts: str) -> Message:
        answer = super().reply(request, status, **parts)
        self._answers[request.transaction] = answer
        return answer

    @override
    def _take(self, text: str, source: tuple[str, int]) -> None:
        message = parse(text, source)
        if answer := self._answers.get(message.transaction):
            self.send(answer, source)
        elif self.over and message.method not in {"", "ACK"}:
            self.reply(message, 481)
        else:
            super()._take(text, source)

    async def until_final(self, method: str, within_s: float = PATIENCE_S) -> Message:
        """The last answer to a request of that method."""
        async with asyncio.timeout(within_s):
            while True:
                answer = await self.expect(*FINAL, within_s=PATIENCE_S)
                if answer.get("CSeq").endswith(method):
                    return answer

    async def ask(self, dialog: Dialog, method: str, body: str = "") -> int:
        """The answer's status; until there is one the same is sent again."""
        request = dialog.request(method, body)
        hop = address_of(uri_of(dialog.routes[0]) if dialog.routes else dialog.target)
        for _ in range(int(PATIENCE_S / AGAIN_S)):
            try:
                return (await self.until_final(method, AGAIN_S)).status
            except TimeoutError:
                self.send(request, hop)
        raise AssertionError(f"no answer to {method}")


class Crowd(asyncio.DatagramProtocol):
    def __init__(self, peer: tuple[str, int], dice: random.Random) -> None:
        self.peer = peer
        self.host = ""
        self.port = 0
        self.came_to: Counter[str] = Counter()
        """What became of the calls, seen from here."""
        self.socket: asyncio.DatagramTransport
        self._dice = dice
        self._parties: dict[str, CallParty] = {}
        self._tasks: asyncio.TaskGroup

    @classmethod
    @asynccontextmanager
    async def at(
        cls, host: str, port: int, peer: tuple[str, int], dice: random.Random
    ) -> AsyncIterator["Crowd"]:
        """Leaving it waits until all calls are over."""
        crowd = cls(peer, dice)
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: crowd, local_addr=(host, port))
        try:
            async with asyncio.TaskGroup() as crowd._tasks:
                yield crowd
        finally:
            crowd.socket.close()
            await asyncio.sleep(0)  # the loop closes the socket a turn later

    async def place(self, number: str) -> None:
        """A call to the platform, from its INVITE to its end."""
        party = CallParty(self)
        caller = Caller(
            party,
            f"sip:+{number}@{self.peer[0]}:{self.peer[1]}",
            f"sip:+15550199@{self.host}:{self.port}",
            body=self._sdp(),
        )
        self._parties[caller.call_id] = party
        await self._through(party, self._calls(party, caller))

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.socket = cast("asyncio.DatagramTransport", transport)
        self.host, self.port = transport.get_extra_info("sockname")

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if b"\r\n\r\n" not in data:
            return
        message = parse(data.decode(), addr)
        call_id = message.get("Call-ID")
        if call_id in self._parties:
            self._parties[call_id].datagram_received(data, addr)
        elif message.method == "INVITE":
            party = self._parties[call_id] = CallParty(self)
            party.datagram_received(data, addr)
            self._tasks.create_task(self._through(party, self._is_called(party)))
        elif message.method not in {"", "ACK"}:
            status = 200 if message.method == "OPTIONS" else 481
            self.socket.sendto(reply_to(message, status).text().encode(), addr)

    async def _through(self, party: CallParty, call: Coroutine[Any, Any, str]) -> None:
        self.came_to[await call] += 1
        party.over = True

    async def _calls(self, party: CallParty, caller: Caller) -> str:
        caller.send()
        await party.expect(100, within_s=PATIENCE_S)
        gives_up_after = self._dice.choice((self._dice.uniform(0.1, 3), PATIENCE_S))
        try:
            answer = await party.until_final("INVITE", gives_up_after)
        except TimeoutError:
            caller.cancel()
            answer = await party.until_final("INVITE")
        if answer.status != 200:
            caller.acknowledge(answer)
            return f"caller got {answer.status}"
        dialog = caller.confirmed(answer)
        if gives_up_after < PATIENCE_S:
            await party.ask(dialog, "BYE")
            return "caller left"
        return "caller " + await self._talk(party, dialog)

    async def _is_called(self, party: CallParty) -> str:
        invite = await party.expect("INVITE")
        tag = invite.get("Call-ID")[-8:]
        return await first_of(
            self._is_cancelled(party, invite, tag), self._answers(party, invite, tag)
        )

    async def _is_cancelled(self, party: CallParty, invite: Message, tag: str) -> str:
        cancel = await party.expect("CANCEL", within_s=PATIENCE_S)
        party.reply(cancel, 200, tag=tag)
        party.reply(invite, 487, tag=tag)
        await party.expect("ACK", within_s=PATIENCE_S)
        return "callee cancelled"

    async def _answers(self, party: CallParty, invite: Message, tag: str) -> str:
        dice = self._dice
        kind = dice.choices(("answers", "is busy", "is silent"), (6, 1, 2))[0]
        party.reply(invite, 100)
        await asyncio.sleep(dice.uniform(0, 0.3))
        if kind == "is busy":
            party.reply(invite, 486, tag=tag)
            await party.expect("ACK", within_s=PATIENCE_S)
            return "callee busy"
        if dice.random() < 0.3:
            early = {"body": self._sdp(), "Contact": party.contact}
            party.reply(invite, 183, tag=tag, **early)
        else:
            party.reply(invite, 180, tag=tag, Contact=party.contact)
        if kind == "is silent":
            await never()
        await asyncio.sleep(dice.uniform(0, 1))
        party.reply(invite, 200, tag=tag, body=self._sdp(), Contact=party.contact)
        dialog = Dialog.of_callee(party, invite, f"{invite.get('To')};tag={tag}")
        await party.expect("ACK", within_s=PATIENCE_S)
        return "callee " + await self._talk(party, dialog)

    async def _talk(self, party: CallParty, dialog: Dialog) -> str:
        return await first_of(self._obeys(party), self._acts(party, dialog))

    async def _obeys(self, party: CallParty) -> str:
        while True:
            request = await party.expect(
                *("BYE", "INVITE", "UPDATE", "INFO", "CANCEL", "ACK"),
                within_s=PATIENCE_S,
            )
            match request.method:
                case "BYE":
                    party.reply(request, 200)
                    return "was hung up on"
                case "INVITE" | "UPDATE":
                    own = {"body": self._sdp(), "Contact": party.contact}
                    party.reply(request, 200, **own)
                case "CANCEL":
                    party.reply(request, 481)
                case "INFO":
                    party.reply(request, 200)

    async def _acts(self, party: CallParty, dialog: Dialog) -> str:
        dice = self._dice
        for _ in range(dice.randint(0, 3)):
            await asyncio.sleep(dice.uniform(0, 0.8))
            mode = dice.choice(("sendrecv", "sendonly", "inactive"))
            if await party.ask(dialog, "INVITE", self._sdp(mode)) == 200:
                dialog.request("ACK")
        if dice.random() < 0.4:
            await never()
        await asyncio.sleep(dice.uniform(0, 2))
        await party.ask(dialog, "BYE")
        return "hung up"

    def _sdp(self, mode: str = "sendrecv") -> str:
        return sdp(self.host, AUDIO_PORT, mode=mode)
