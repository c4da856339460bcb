"""A SIP message as people may see it: what tells of its call, and no secrets.

It is not parsed properly: whatever was on the wire is shown, broken or not.
"""

import re
from typing import Final

from voiceplat.calls.blotting import BLOT

TEXT_MAX: Final = 16 * 1024

_FIELD: Final = r"[ \t]*:[ \t]*([^\s;]+)"
_LINE: Final = re.MULTILINE | re.IGNORECASE
_CALL_ID: Final = re.compile(rf"^(?:Call-ID|i){_FIELD}", _LINE)
_ABOUT: Final = re.compile(rf"^X-VP-Call-ID{_FIELD}", _LINE)
_CALL: Final = re.compile(rf"^X-VP-Call{_FIELD}", _LINE)
_CSEQ: Final = re.compile(r"^CSeq[ \t]*:[ \t]*([0-9]+)[ \t]+([A-Za-z]+)", _LINE)
_SECRET_HEADERS: Final = re.compile(
    r"^((?:Proxy-)?(?:Authorization|Authentication-Info)|Identity|y|X-Plivo-Jwt)"
    r"[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
    _LINE,
)
_PASSWORD_IN_URI: Final = re.compile(r"(\bsips?:[^\s:@<>;,]+):[^\s@<>;,]+@", _LINE)
_CRYPTO: Final = re.compile(r"^(a=crypto:[^\s]*[ \t]+[^\s]*)[^\r\n]*", _LINE)
_SECRET_LINES: Final = re.compile(r"^(a=ice-pwd:|k=)[^\r\n]*", _LINE)
_SIGNAL: Final = re.compile(r"^(Signal[ \t]*=[ \t]*)[^\r\n]*", _LINE)
_DURATION: Final = re.compile(r"^Duration[ \t]*=[ \t]*[0-9]+[ \t]*$", _LINE)


def call_id(text: str) -> str:
    """Empty when there is none."""
    return _found(_CALL_ID, text)


def about_call_id(text: str) -> str:
    """Of a message of the edge's own: of which dialog it tells."""
    return _found(_ABOUT, text)


def call_uuid(text: str) -> str:
    """As a worker names it; only to be believed on the private side."""
    return _found(_CALL, text)


def cseq(text: str) -> str:
    """`2 INVITE`; empty when there is none."""
    found = _CSEQ.search(text)
    return f"{found[1]} {found[2]}" if found else ""


def blotted(text: str, *, digits: bool) -> str:
    """Without passwords, keys of audio and tokens; with `digits` those can be read."""
    head, blank, body = text.partition("\r\n\r\n")
    head = _SECRET_HEADERS.sub(rf"\1: {BLOT}", head)
    head = _PASSWORD_IN_URI.sub(rf"\1:{BLOT}@", head)
    if body:
        body = _CRYPTO.sub(rf"\1 {BLOT}", body)
        body = _SECRET_LINES.sub(rf"\1{BLOT}", body)
        if not digits and cseq(head).endswith(" INFO"):
            body = _without_digits(body)
    return (head + blank + body)[:TEXT_MAX]


def _without_digits(body: str) -> str:
    """Of a key that is told by INFO the duration can be read, of others nothing."""
    return "\r\n".join(
        line if _DURATION.match(line) else _blotted_line(line)
        for line in body.split("\r\n")
    )


def _blotted_line(line: str) -> str:
    if _SIGNAL.match(line):
        return _SIGNAL.sub(rf"\1{BLOT}", line)
    return BLOT if line.strip() else line


def _found(pattern: re.Pattern[str], text: str) -> str:
    head = text.partition("\r\n\r\n")[0]
    found = pattern.search(head)
    return found[1] if found else ""
