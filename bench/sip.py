"""As much SIP as measuring needs: build requests and answers, read what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CRLF: Final = "\r\n"
ANSWER_HEADERS: Final = ("via", "record-route", "from", "to", "call-id", "cseq")


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`method` and `uri`) or an answer (`status`)."""

    method: str
    uri: str
    status: int
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


def parse(data: bytes) -> Message | None:
    """None when it is no SIP."""
    head = data.decode("utf-8", "replace").partition(CRLF * 2)[0].split(CRLF)
    words = head[0].split(" ", 2)
    if len(words) != 3:
        return None
    headers = tuple(
        (name.strip().lower(), value.strip())
        for name, colon, value in (line.partition(":") for line in head[1:])
        if colon
    )
    if words[0] == "SIP/2.0":
        return Message("", "", int(words[1]), headers)
    return Message(words[0], words[1], 0, headers)


def build(start: str, headers: Sequence[tuple[str, str]], body: str = "") -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [f"Content-Length: {len(body.encode())}", "", body]
    return CRLF.join(lines).encode()


def answer(to: Message, status: str, tag: str) -> bytes:
    """`status` is code and reason; `tag` ours."""
    headers = [
        (name, f"{value};tag={tag}" if name == "to" and "tag=" not in value else value)
        for name, value in to.headers
        if name in ANSWER_HEADERS
    ]
    return build(f"SIP/2.0 {status}", headers)


def user_of(uri: str) -> str:
    """`123` of `sip:+123@host`."""
    return uri.partition(":")[2].partition("@")[0].lstrip("+")


def uri_of(contact: str) -> str:
    """The URI of a Contact."""
    return contact.partition("<")[2].partition(">")[0] or contact.partition(";")[0]


def offer(host: str, port: int) -> str:
    """SDP of a telephone: G.711 and keys."""
    lines = (
        "v=0",
        f"o=bench 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=ptime:20",
        "",
    )
    return CRLF.join(lines)
