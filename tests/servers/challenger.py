"""A SIP phone elsewhere that lets nobody in without a password, and hears who comes in.

It asks by digest (RFC 2617, MD5, qop=auth), with a new nonce each time.
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from typing_extensions import override

from tests.calls_e2e.ear import hears
from tests.edge.dialog import Dialog, answer
from tests.edge.party import Party, udp_party
from tests.edge.sip import Message, ha1, sdp

HOST = "127.0.0.9"
USER, PASSWORD, REALM = "carol", "a secret of hers", "elsewhere.example"
PATIENCE_S = 20.0
_PARTS = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')


class Ear(asyncio.DatagramProtocol):
    """All RTP that came."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.port = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.port = transport.get_extra_info("sockname")[1]

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.append(data)

    async def until_heard(self, hz: float) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not hears(list(self.packets), hz):  # noqa: ASYNC110 - 50 a second
                await asyncio.sleep(0.1)


@dataclass
class Challenger:
    party: Party
    ear: Ear
    let_in: "asyncio.Queue[Dialog]" = field(default_factory=asyncio.Queue)
    """Calls that knew the password."""
    answers: list[str] = field(default_factory=list)
    """Authorization of each INVITE, empty when there was none."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    """Until then it lets those who know the password wait."""

    @property
    def uri(self) -> str:
        return f"sip:{USER}@{self.party.host}:{self.party.port}"

    async def serve(self) -> None:
        while True:
            invite = await self.party.expect("INVITE", within_s=3600)
            said = invite.get("Authorization")
            self.answers.append(said)
            if _knows_the_password(invite, said):
                await self.may_answer.wait()
                body = sdp(self.party.host, self.ear.port)
                self.let_in.put_nowait(answer(self.party, invite, body))
            else:
                self._ask(invite)

    def _ask(self, invite: Message) -> None:
        nonce = secrets.token_hex(8)
        asked = f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"'
        tag = secrets.token_hex(4)
        self.party.reply(invite, 401, tag=tag, WWW_Authenticate=asked)


def _knows_the_password(invite: Message, said: str) -> bool:
    parts = {found[1]: found[2] or found[3] for found in _PARTS.finditer(said)}
    if parts.get("username") != USER:
        return False
    asking = _md5(f"INVITE:{parts['uri']}")
    words = (parts["nonce"], parts["nc"], parts["cnonce"], parts["qop"], asking)
    secret = ha1(USER, REALM, PASSWORD)
    right = _md5(":".join((secret, *words)))
    return parts["uri"] == invite.uri and parts["response"] == right


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - digest is MD5


@asynccontextmanager
async def challenger() -> AsyncIterator[Challenger]:
    loop = asyncio.get_running_loop()
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=(HOST, 0))
    async with udp_party(HOST, ("127.0.0.1", 5060)) as party:
        callee = Challenger(party, ear)
        callee.may_answer.set()
        serving = asyncio.create_task(callee.serve())
        try:
            yield callee
        finally:
            transport.close()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
