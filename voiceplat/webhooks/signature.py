"""Signatures of our requests, as Plivo's SDKs check them (plivo-rest 8.8).

V2 signs the bare URL, V3 also its query and the form. Each is made twice: with the
token of the (sub)account that owns the call, and with the main account's (`Ma`).
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

_NONCE_DIGITS = 20


@dataclass(frozen=True, slots=True)
class SigningKeys:
    token: str = field(repr=False)
    """Of the (sub)account that owns the call."""
    main_token: str = field(repr=False)


def new_nonce() -> str:
    """Decimal digits, as the cloud's are; never the same twice."""
    return str(secrets.randbelow(10**_NONCE_DIGITS)).zfill(_NONCE_DIGITS)


def signature_headers(
    method: str, url: str, form: Mapping[str, str], keys: SigningKeys, nonce: str
) -> dict[str, str]:
    """The six headers of a request to `url`, whose query is complete."""
    return {
        "X-Plivo-Signature-V2": sign_v2(url, keys.token, nonce),
        "X-Plivo-Signature-Ma-V2": sign_v2(url, keys.main_token, nonce),
        "X-Plivo-Signature-V2-Nonce": nonce,
        "X-Plivo-Signature-V3": sign_v3(method, url, form, keys.token, nonce),
        "X-Plivo-Signature-Ma-V3": sign_v3(method, url, form, keys.main_token, nonce),
        "X-Plivo-Signature-V3-Nonce": nonce,
    }


def sign_v2(url: str, token: str, nonce: str) -> str:
    return _digest(token, _base(url) + nonce)


def sign_v3(
    method: str, url: str, form: Mapping[str, str], token: str, nonce: str
) -> str:
    return _digest(token, v3_message(method, url, form, nonce))


def v3_message(method: str, url: str, form: Mapping[str, str], nonce: str) -> str:
    """What V3 signs; the fragment is never part of it."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    if method.upper() == "GET":
        pairs += form.items()
        form = {}
    text = "&".join(f"{key}={value}" for key, value in sorted(pairs))
    message = _base(url)
    if text or form:
        message += "?" + text
    if text and form:
        message += "."
    return f"{message}{_concatenated(form.items())}.{nonce}"


def _concatenated(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(key + value for key, value in sorted(pairs))


def _base(url: str) -> str:
    """Scheme, host, port and path, each as it was written."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _digest(token: str, message: str) -> str:
    made = hmac.digest(token.encode(), message.encode("utf-8", "replace"), sha256)
    return b64encode(made).decode()
