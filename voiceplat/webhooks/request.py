"""What goes over the wire for one hook: its URL without the fragment, and its form.

POST carries the parameters as a form and leaves the URL's query alone; GET puts them
into the query, where they win over the URL's own pairs of the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, unquote_plus, urlencode, urlsplit

from voiceplat.calls.call import Hook
from voiceplat.core.errors import UnusableUrl
from voiceplat.webhooks.signature import SigningKeys, signature_headers

METHODS: Final = ("GET", "POST")

_KEPT: Final = "%/:=&?~+!$,;'@()*[]|"
"""Characters of a path or query that need no escape, or are one already."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, ready to be sent any number of times."""

    method: str
    url: str = field(repr=False)
    """With its whole query and without a fragment: what is sent and what is signed."""
    form: Mapping[str, str] = field(repr=False)
    place: str
    """Scheme, host and path: what may be logged."""
    fragment: str

    @property
    def body(self) -> bytes:
        return _encoded(self.form).encode() if self.form else b""

    def headers(self, keys: SigningKeys, nonce: str) -> dict[str, str]:
        """Signed; each attempt wants a nonce of its own, so that none is a replay."""
        headers = signature_headers(self.method, self.url, self.form, keys, nonce) | {
            "Accept-Encoding": "identity"
        }
        host = urlsplit(self.url).netloc.rpartition("@")[2]
        if host.isascii():
            headers["Host"] = host  # a port of no need too: it is signed as written
        if self.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return headers


def outgoing(hook: Hook, params: Mapping[str, str]) -> Outgoing:
    """Raises UnusableUrl when the URL or the method cannot be used."""
    parts = _split(hook.url)
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    method = hook.method.upper()
    if method not in METHODS:
        raise UnusableUrl(place, "the method is neither GET nor POST")
    query = quote(parts.query, safe=_KEPT)
    if method == "GET":
        query = _merged(query, params)
    wire = parts._replace(path=quote(parts.path, safe=_KEPT), query=query, fragment="")
    return Outgoing(
        method=method,
        url=wire.geturl(),
        form=params if method == "POST" else {},
        place=place,
        fragment=parts.fragment,
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # is only judged when it is read
    except ValueError:
        usable = False
    if not usable:
        raise UnusableUrl("(unusable URL)", "it is no absolute http:// or https:// URL")
    return parts


def _merged(query: str, params: Mapping[str, str]) -> str:
    kept = [pair for pair in query.split("&") if pair and _name(pair) not in params]
    return "&".join([*kept, _encoded(params)] if params else kept)


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _encoded(params: Mapping[str, str]) -> str:
    return urlencode(params, errors="replace")
