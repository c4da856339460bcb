"""Addresses that can be called: E.164 numbers and SIP URIs, checked and made one form.

Numbers are kept as digits without `+`. A SIP URI is kept as it was written, so that a
callback says what the request said; its parameters may stay, headers may not.
"""

import re
from typing import Final

_E164: Final = re.compile(r"\+?([1-9][0-9]{1,14})")
_SIP: Final = re.compile(
    r"""(?ix) sip:
    (?P<user> [a-z0-9\-_.!~*'()&=+$,;/%#]{1,128} )
    @ (?P<host> \[[0-9a-f:.]+\] | [a-z0-9]([a-z0-9.\-]{0,252}) )
    (?P<port> :[0-9]{1,5} )?
    (?P<parameters> (;[a-z0-9\-_.!~*'()%=\[\]:/&+$]+)* )"""
)
_LENGTH_MAX: Final = 255


def digits_of(text: str) -> str | None:
    """The number without `+`, or None when it is none (E.164: at most 15 digits)."""
    found = _E164.fullmatch(text.strip())
    return found[1] if found else None


def address_of(text: str) -> str | None:
    """A number as digits, a SIP URI as it is; None for what cannot be called."""
    text = text.strip()
    if text[:4].lower() != "sip:":
        return digits_of(text)
    if len(text) > _LENGTH_MAX or not _SIP.fullmatch(text):
        return None
    return "sip:" + text[4:]
