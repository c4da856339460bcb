"""A call as one party sees it: requests within it, and those that begin it."""

import secrets
from dataclasses import dataclass, field
from typing import Self

from tests.edge.party import Party
from tests.edge.sip import Message, address_of, credentials, sdp, uri_of


@dataclass
class Dialog:
    """What RFC 3261 section 12 makes a party remember."""

    party: Party
    call_id: str
    local: str
    remote: str
    target: str
    routes: list[str]
    cseq: int = 1
    answer: str = ""
    """The session description that the far end sent."""

    def request(self, method: str, body: str = "", **headers: str) -> Message:
        """Send a request within the call; ACK has the INVITE's CSeq."""
        self.cseq += method != "ACK"
        message = _message(self, method, self.target, body, headers)
        hop = uri_of(self.routes[0]) if self.routes else self.target
        self.party.send(message, address_of(hop))
        return message

    async def hang_up_with(self, other: "Dialog") -> None:
        """Hang up; the other end answers."""
        self.request("BYE")
        await other.wait_for_bye()
        await self.party.expect(200)

    async def wait_for_bye(self, within_s: float = 3.0) -> Message:
        bye = await self.party.expect("BYE", within_s=within_s)
        self.party.reply(bye, 200)
        return bye

    @classmethod
    def of_caller(cls, caller: "Caller", answer: Message) -> Self:
        return cls(
            caller.party,
            caller.call_id,
            caller.local,
            answer.get("To"),
            uri_of(answer.get("Contact")),
            list(reversed(answer.all("Record-Route"))),
            cseq=caller.cseq,
            answer=answer.body,
        )

    @classmethod
    def of_callee(cls, party: Party, invite: Message, local: str) -> Self:
        return cls(
            party,
            invite.get("Call-ID"),
            local,
            invite.get("From"),
            uri_of(invite.get("Contact")),
            invite.all("Record-Route"),
            cseq=100,
            answer=invite.body,
        )


@dataclass
class Caller:
    """The sender of a first INVITE (or of a REGISTER), until it is answered."""

    party: Party
    uri: str
    sender: str
    to: str = ""
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    call_id: str = field(default_factory=lambda: secrets.token_hex(8))
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    cseq: int = 0
    contact: str = ""
    """The party's own address, when it is empty."""
    sent: Message = field(default_factory=lambda: Message(""))

    @property
    def local(self) -> str:
        return f"<{self.sender}>;tag={self.tag}"

    @property
    def remote(self) -> str:
        return f"<{self.to or self.uri}>"

    def made(
        self, method: str = "INVITE", extra: tuple[str, str] | None = None
    ) -> Message:
        """The next request, not sent yet."""
        self.cseq += 1
        self.sent = _message(self, method, self.uri, self.body, self.headers)
        if extra:
            self.sent.headers.append(extra)
        return self.sent

    def send(
        self, method: str = "INVITE", extra: tuple[str, str] | None = None
    ) -> Self:
        self.party.send(self.made(method, extra))
        return self

    async def send_with_password(
        self, user: str, password: str, method: str = "INVITE"
    ) -> Self:
        challenge = await self.send(method).party.expect(401, 407)
        if method == "INVITE":
            self.acknowledge(challenge)
        answer = credentials(challenge, method, self.uri, user, password)
        return self.send(method, answer)

    def acknowledge(self, refusal: Message) -> None:
        """ACK of an INVITE that was refused, hop by hop."""
        self.party.send(self._same("ACK", refusal.get("To")))

    def cancel(self) -> None:
        self.party.send(self._same("CANCEL", self.remote))

    async def refused(self, *statuses: int, within_s: float = 3.0) -> Message:
        refusal = await self.party.expect(*statuses, within_s=within_s)
        self.acknowledge(refusal)
        return refusal

    async def answered(self, body: str = "", within_s: float = 3.0) -> Dialog:
        """Wait for 200 and acknowledge it."""
        return self.confirmed(await self.party.expect(200, within_s=within_s), body)

    def confirmed(self, answer: Message, body: str = "") -> Dialog:
        """Acknowledge that 200."""
        dialog = Dialog.of_caller(self, answer)
        dialog.request("ACK", body)
        return dialog

    def _same(self, method: str, to: str) -> Message:
        invite = self.sent
        headers = [
            ("Via", invite.get("Via")),
            ("From", self.local),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Max-Forwards", "70"),
        ]
        return Message(f"{method} {self.uri} SIP/2.0", headers)


def answer(party: Party, invite: Message, body: str, **headers: str) -> Dialog:
    """Ring, and answer on the heels of that."""
    return take(party, invite, ring(party, invite), body, **headers)


def ring(party: Party, invite: Message) -> str:
    """The tag of the answer that is to follow."""
    tag = secrets.token_hex(4)
    party.reply(invite, 180, tag=tag, Contact=party.contact)
    return tag


def take(party: Party, invite: Message, tag: str, body: str, **headers: str) -> Dialog:
    party.reply(invite, 200, tag=tag, body=body, Contact=party.contact, **headers)
    return Dialog.of_callee(party, invite, f"{invite.get('To')};tag={tag}")


async def connect(
    caller: Caller, callee: Party, port: int = 42000
) -> tuple[Dialog, Dialog]:
    """The INVITE that is under way is answered: the call as both ends see it."""
    invite = await callee.expect("INVITE")
    theirs = answer(callee, invite, sdp(callee.host, port))
    ours = await caller.answered()
    await callee.expect("ACK")
    return ours, theirs


def _message(
    call: Dialog | Caller, method: str, uri: str, body: str, extra: dict[str, str]
) -> Message:
    routes = call.routes if isinstance(call, Dialog) else []
    contact = call.contact if isinstance(call, Caller) else ""
    headers = [
        ("Via", call.party.via()),
        *(("Route", route) for route in routes),
        ("From", call.local),
        ("To", call.remote),
        ("Call-ID", call.call_id),
        ("CSeq", f"{call.cseq} {method}"),
        ("Contact", contact or call.party.contact),
        ("Max-Forwards", "70"),
        *((name.replace("_", "-"), value) for name, value in extra.items()),
    ]
    if body and "Content_Type" not in extra:
        headers.append(("Content-Type", "application/sdp"))
    return Message(f"{method} {uri} SIP/2.0", headers, body)
