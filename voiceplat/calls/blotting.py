"""What nobody may read in a timeline: passwords and, by setting, digits and speech.

Nothing here parses properly: a text that is broken is blotted out all the same, rather
too much than too little.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

BLOT: Final = "•"

_PASSWORD: Final = "sipAuthPassword"  # noqa: S105 - an attribute's name
_DIGIT_ATTRIBUTES: Final = ("sendDigits", "digits")
_VALUE: Final = r"""("[^"]*(?:"|$)|'[^']*(?:'|$))"""
_PASSWORD_WRITTEN: Final = re.compile(rf"({_PASSWORD}\s*=\s*){_VALUE}", re.IGNORECASE)
_DIGITS_WRITTEN: Final = re.compile(
    rf"(\b(?:{'|'.join(_DIGIT_ATTRIBUTES)})\s*=\s*){_VALUE}", re.IGNORECASE
)
_KEYS_ELEMENT: Final = "DTMF"
_KEYS_WRITTEN: Final = re.compile(
    rf"""(<{_KEYS_ELEMENT}\b(?:[^>"']|"[^"]*"|'[^']*')*(?<!/)>)(.*?)(?=</{_KEYS_ELEMENT}|$)""",
    re.IGNORECASE | re.DOTALL,
)


def blotted_digits(text: str) -> str:
    """How many there were can still be seen."""
    return BLOT * len(text)


def blotted_params(
    params: Mapping[str, str], digits: frozenset[str], speech: frozenset[str]
) -> dict[str, str]:
    """Without what was pressed and said; both sets name fields."""
    return {
        name: blotted_digits(value)
        if name in digits
        else (BLOT if value and name in speech else value)
        for name, value in params.items()
    }


def blotted_document(text: str, *, digits: bool) -> str:
    """XML, whole or a part; with `digits` those that are sent can be read."""
    text = _PASSWORD_WRITTEN.sub(rf'\1"{BLOT}"', text)
    if digits:
        return text
    text = _DIGITS_WRITTEN.sub(rf'\1"{BLOT}"', text)
    return _KEYS_WRITTEN.sub(rf"\1{BLOT}", text)


def blotted_attributes(
    attributes: Mapping[str, str], *, digits: bool
) -> dict[str, str]:
    """Of an element, as they were written."""
    hidden = {_PASSWORD} if digits else {_PASSWORD, *_DIGIT_ATTRIBUTES}
    return {
        name: BLOT if value and name in hidden else value
        for name, value in attributes.items()
    }


def blotted_body(tag: str, text: str, *, digits: bool) -> str:
    """Of an element."""
    if tag == _KEYS_ELEMENT and not digits:
        return blotted_digits(text)
    return blotted_document(text, digits=digits)


def shown_url(url: str) -> str:
    """Without user, password and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unusable URL)"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
