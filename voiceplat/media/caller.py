"""Who calls, and who forwarded the call: what SIP headers say and whom to believe.

A caller who is withheld has an anonymous From; a carrier tells the number beside that,
in P-Asserted-Identity (RFC 3325), to those it trusts. Who forwarded is in Diversion
(RFC 5806), the last one first, or in History-Info (RFC 7044, and 4244 before it).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from voiceplat.calls.leg import NOBODY, NOBODYS_DOMAIN, Invite

_USER: Final = re.compile(r"(?:sips?|tel):\+?([^@;>?]+)", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[^0-9]")
"""`tel:+1-555-0100` has them to be read (RFC 3966)."""
_ITEM: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+')
_ENTRY: Final = re.compile(r"<(?P<uri>[^>?]*)(?:\?(?P<embedded>[^>]*))?>(?P<rest>.*)")
_NAME: Final = re.compile(r'\s*"?([^"<]*?)"?\s*<')
_FORWARDING: Final = re.compile(r"cause=(?:302|404|408|480|486|487|503)\b")
"""Why a call went on to somebody else (RFC 4458)."""
_HIDDEN: Final = re.compile(r"privacy=\"?(?:full|uri)\b", re.IGNORECASE)
_PRIVATE: Final = re.compile(r"\b(?:id|user|header|full)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    number: str
    """Without `+`; `anonymous` when nobody told it whom we believe."""
    name: str
    withheld: bool
    """Callees must not be told the number."""


def caller_of(invite: Invite, *, trusted: bool) -> Caller:
    """Who calls over a trunk; `trusted`: its P-Asserted-Identity is believed."""
    found = _USER.match(invite.from_uri)
    number = found[1] if found else invite.from_uri
    withheld = bool(_PRIVATE.search(invite.headers.get("privacy", "")))
    if not is_anonymous(invite.from_uri):
        return Caller(number, invite.from_name or number, withheld)
    for identity in _items(invite.headers.get("p-asserted-identity", "")):
        if trusted and (asserted := _number(identity)):
            name = _NAME.match(identity)
            return Caller(asserted, (name and name[1]) or asserted, withheld=True)
    return Caller(NOBODY, invite.from_name or NOBODY, withheld=True)


def is_anonymous(uri: str) -> bool:
    found = _USER.match(uri)
    user = found[1].lower() if found else ""
    return user == NOBODY or uri.lower().endswith(f"@{NOBODYS_DOMAIN}")


def forwarder_of(headers: Mapping[str, str], *, trusted: bool) -> str:
    """The number that forwarded the call last, without `+`; empty when none did."""
    diversions = _items(headers.get("diversion", ""))
    if diversions:
        hidden = _HIDDEN.search(diversions[0].partition(">")[2])
        return "" if hidden and not trusted else _number(diversions[0])
    return _forwarder_in(_history(headers.get("history-info", "")), trusted=trusted)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One target that the call had, in the order in which it had them."""

    number: str
    index: str
    mapped_from: str
    """Index of the target whose owner sent the call here."""
    sent_here: bool
    """It came here because the one before did not take it."""
    sent_on: bool
    """What became of the call here made it go on."""
    hidden: bool


def _history(header: str) -> list[_Entry]:
    return [
        _Entry(
            number=_number(item),
            index=_parameter(found["rest"], "index"),
            mapped_from=_parameter(found["rest"], "mp"),
            sent_here=bool(_FORWARDING.search(found["uri"])),
            sent_on=bool(_FORWARDING.search(unquote(found["embedded"] or ""))),
            hidden="privacy=" in (found["embedded"] or "").lower(),
        )
        for item in _items(header)
        if (found := _ENTRY.search(item))
    ]


def _forwarder_in(history: list[_Entry], *, trusted: bool) -> str:
    by_index = {entry.index: entry for entry in history}
    for place in range(len(history) - 1, 0, -1):
        here, before = history[place], history[place - 1]
        forwarder = by_index.get(here.mapped_from)
        if forwarder is None and (here.sent_here or before.sent_on):
            forwarder = before
        if forwarder is not None:
            return "" if forwarder.hidden and not trusted else forwarder.number
    return ""


def _items(header: str) -> list[str]:
    """Values between commas that stand in no URI and no quotes."""
    return [item.strip() for item in _ITEM.findall(header) if item.strip()]


def _number(item: str) -> str:
    found = _USER.search(item)
    if found is None:
        return ""
    if found[0].lower().startswith("tel:"):
        return _SEPARATORS.sub("", found[1])
    return unquote(found[1])


def _parameter(text: str, name: str) -> str:
    found = re.search(rf";\s*{name}\s*=\s*([^;\s]+)", text, re.IGNORECASE)
    return found[1] if found else ""
