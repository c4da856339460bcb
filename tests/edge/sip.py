"""SIP messages of the tests' phones, carriers and workers: built and read as text."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

CODECS: Final = "0 8 9 101"


@dataclass
class Message:
    first: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    source: tuple[str, int] = ("", 0)

    @property
    def method(self) -> str:
        """Of a request; empty for a reply."""
        return "" if self.first.startswith("SIP/2.0") else self.first.split()[0]

    @property
    def status(self) -> int:
        """Of a reply; 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def uri(self) -> str:
        return self.first.split()[1]

    @property
    def transaction(self) -> str:
        """What a retransmission has in common with its first message."""
        tag = self.get("To").partition("tag=")[2]
        return f"{self.status} {self.get('CSeq')} {self.get('Via')} {tag}"

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def names(self) -> list[str]:
        return [key.lower() for key, _ in self.headers]

    def text(self) -> str:
        lines = [self.first, *(f"{key}: {value}" for key, value in self.headers)]
        if not self.get("Content-Length"):
            lines.append(f"Content-Length: {len(self.body.encode())}")
        return "\r\n".join([*lines, "", self.body])


def parse(text: str, source: tuple[str, int]) -> Message:
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = [line.partition(":") for line in lines]
    headers = [(name.strip(), value.strip()) for name, _, value in pairs]
    return Message(first, headers, body, source)


def reply_to(
    request: Message, status: int, *, tag: str = "", body: str = "", **headers: str
) -> Message:
    """A reply; header names take _ for -."""
    reason = {100: "Trying", 180: "Ringing", 183: "Progress", 200: "OK"}
    to = request.get("To")
    if tag and "tag=" not in to:
        to += f";tag={tag}"
    copied = [
        *(("Via", via) for via in request.all("Via")),
        *(("Record-Route", route) for route in request.all("Record-Route")),
        ("From", request.get("From")),
        ("To", to),
        ("Call-ID", request.get("Call-ID")),
        ("CSeq", request.get("CSeq")),
    ]
    if body:
        headers.setdefault("Content_Type", "application/sdp")
    extra = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Message(
        f"SIP/2.0 {status} {reason.get(status, 'No')}", [*copied, *extra], body
    )


def sdp(host: str, port: int, codecs: str = CODECS, mode: str = "sendrecv") -> str:
    names = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000", "18": "G729/8000"}
    names["101"] = "telephone-event/8000"
    lines = [
        "v=0",
        f"o=test 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {codecs}",
        *(f"a=rtpmap:{codec} {names[codec]}" for codec in codecs.split()),
        f"a={mode}",
    ]
    return "\r\n".join([*lines, ""])


def media_address(body: str) -> tuple[str, int]:
    """Where a session description wants its RTP."""
    host = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    assert host is not None, body
    assert port is not None, body
    return host[1], int(port[1])


def uri_of(header: str) -> str:
    """The URI of a From, To, Contact or Route value."""
    found = re.search(r"<([^>]+)>", header)
    return found[1] if found else header.partition(";")[0]


def address_of(uri: str) -> tuple[str, int]:
    """Host and port that a URI names."""
    host, _, port = (
        uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition(":")
    )
    return host, int(port or 5060)


def ha1(user: str, realm: str, password: str) -> str:
    return _md5(f"{user}:{realm}:{password}")


def credentials(
    challenge: Message, method: str, uri: str, user: str, password: str
) -> tuple[str, str]:
    """The header that answers a 401 or 407 (RFC 2617, qop=auth)."""
    asked = challenge.get("WWW-Authenticate") or challenge.get("Proxy-Authenticate")
    secret = ha1(user, _parameter(asked, "realm"), password)
    return credentials_of(challenge, method, uri, user, secret)


def credentials_of(
    challenge: Message, method: str, uri: str, user: str, secret: str
) -> tuple[str, str]:
    """The same by the hash of a password."""
    asked = challenge.get("WWW-Authenticate") or challenge.get("Proxy-Authenticate")
    realm, nonce = (_parameter(asked, name) for name in ("realm", "nonce"))
    cnonce = secrets.token_hex(4)
    asking = _md5(f"{method}:{uri}")
    response = _md5(f"{secret}:{nonce}:00000001:{cnonce}:auth:{asking}")
    name = "Authorization" if challenge.status == 401 else "Proxy-Authorization"
    return name, (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}"'
    )


def _parameter(header: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', header)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - digest is MD5
