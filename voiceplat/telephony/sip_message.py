"""SIP messages as text: the headers that the domain asks for, and the ones we write.

The library gives a message as it came over the wire, compact names and folded lines
included (RFC 3261 7.3.1, 7.3.3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from voiceplat.calls.leg import Destination, Invite

_COMPACT: Final = {
    "c": "Content-Type",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "s": "Subject",
    "t": "To",
    "v": "Via",
}
_LISTS: Final = ("diversion", "history-info", "p-asserted-identity", "privacy")
"""Headers that may come several times, and then mean one list (RFC 3261 7.3.1)."""
_CUSTOM: Final = "X-PH-"
_FOLDED: Final = re.compile(r"\r?\n[ \t]+")
_ADDRESS: Final = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^<"]*))\s*<(?P<uri>[^>]*)>'
)
_ESCAPED: Final = re.compile(r"\\(.)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SIGNAL: Final = re.compile(r"^\s*signal\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_KEYS: Final = frozenset("0123456789*#ABCD")
_EVENTS: Final = {str(code): key for code, key in enumerate("*#ABCD", start=10)}
"""Some phones write a key's number in RFC 4733."""
_USER_SAFE: Final = "-_.!~*'()&=+$,;?/"
"""What RFC 3261 allows in the user part besides letters and digits."""


@dataclass(frozen=True, slots=True)
class SipMessage:
    start_line: str
    headers: Mapping[str, str]
    """Each header's first value, its name as received (compact ones written out).

    Of `_LISTS` all values, with commas between them.
    """
    body: str = ""

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((v for n, v in self.headers.items() if n.lower() == wanted), "")

    @property
    def is_request(self) -> bool:
        return not self.start_line.startswith("SIP/2.0")


def parse_message(text: str) -> SipMessage:
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    start_line, _, rest = _FOLDED.sub(" ", head).partition("\n")
    headers: dict[str, str] = {}
    for line in rest.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            name, value = name.strip(), value.strip()
            name = _COMPACT.get(name.lower(), name)
            if name in headers and name.lower() in _LISTS:
                value = f"{headers.pop(name)}, {value}"
            headers.setdefault(name, value)
    return SipMessage(start_line, headers, body)


def key_of_info(message: SipMessage) -> str:
    """The key that an INFO brings, `0-9*#A-D`; empty when it brings something else."""
    kind = message.header("Content-Type").partition(";")[0].strip().lower()
    signal = message.body.strip()
    if kind == "application/dtmf-relay":
        found = _SIGNAL.search(message.body)
        signal = found[1] if found else ""
    elif kind != "application/dtmf":
        return ""
    signal = _EVENTS.get(signal, signal.upper())
    return signal if signal in _KEYS else ""


def parse_invite(text: str) -> Invite:
    message = parse_message(text)
    name, from_uri = split_address(message.header("From"))
    _, to_uri = split_address(message.header("To"))
    request_uri = [*message.start_line.split(), "", ""][1]
    return Invite(
        request_user=_user(request_uri),
        from_uri=from_uri,
        from_name=name,
        to_uri=to_uri,
        call_id=message.header("Call-ID"),
        headers={name.lower(): value for name, value in message.headers.items()},
        custom={
            name[len(_CUSTOM) :]: value
            for name, value in message.headers.items()
            if name.upper().startswith(_CUSTOM)
        },
    )


def split_address(value: str) -> tuple[str, str]:
    """A From or To value as (display name, `sip:user@host` without parameters)."""
    found = _ADDRESS.match(value)
    if found is None:
        return "", value.partition(";")[0].strip()
    quoted = found["quoted"]
    name = _ESCAPED.sub(r"\1", quoted) if quoted is not None else found["bare"].strip()
    return name, found["uri"].split(";")[0].split("?")[0]


def address(name: str, uri: str) -> str:
    """`"Name" <uri>` for a From, whatever characters the name has."""
    if not name:
        return f"<{uri}>"
    clean = one_line(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}" <{uri}>'


def sip_uri(user: str, host: str) -> str:
    return f"sip:{quote(user, safe=_USER_SAFE)}@{host}"


def edge_headers(to: Destination) -> dict[str, str]:
    """What the edge tells carriers in their own way of writing (docs/edge.md)."""
    said = {
        "X-VP-Diversion": to.diversion,
        "X-VP-Identity": to.asserted_identity,
        "X-VP-Privacy": "id" if to.privacy else "",
    }
    return {name: value.removeprefix("+") for name, value in said.items() if value}


def one_line(value: str) -> str:
    """A header's value that cannot begin another header."""
    return _CONTROL.sub("", value)


def _user(uri: str) -> str:
    rest = uri.partition(":")[2]
    user, at, _ = rest.partition("@")
    return unquote(user.partition(";")[0].partition(":")[0]) if at else ""
