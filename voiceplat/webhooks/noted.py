"""Attempts of requests as moments of a timeline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from voiceplat.calls import params
from voiceplat.calls.blotting import blotted_document, blotted_params, shown_url
from voiceplat.calls.timeline import WebRequest
from voiceplat.webhooks.exchange import Exchange, Watcher
from voiceplat.webhooks.request import Outgoing
from voiceplat.webhooks.signature import v3_message

BODY_MAX: Final = 16 * 1024
"""Characters of an answer."""
_MILLISECOND: Final = timedelta(milliseconds=1)


def noting(note: Callable[[WebRequest], None], *, digits: bool) -> Watcher:
    """A watcher that notes every attempt; with `digits` those can be read."""
    return lambda seen: note(web_request(seen, digits=digits))


def web_request(seen: Exchange, *, digits: bool) -> WebRequest:
    request = seen.request if digits else _blotted(seen.request)
    url = shown_url(request.url)
    body = seen.body.decode(errors="replace")
    return WebRequest(
        at=seen.began_at,
        purpose=seen.purpose,
        method=request.method,
        url=url,
        params=dict(request.form)
        or dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        signed=v3_message(request.method, url, request.form, seen.nonce),
        status=seen.status,
        took_ms=round(seen.took / _MILLISECOND, 1),
        content_type=seen.content_type,
        body=blotted_document(body, digits=digits)[:BODY_MAX],
        trouble=seen.trouble,
    )


def _blotted(request: Outgoing) -> Outgoing:
    """In a GET the fields are part of the URL."""
    pairs = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    blotted = [
        pair for name, value in pairs for pair in _blotted_fields({name: value}).items()
    ]
    url = request.url
    if blotted != pairs:  # else as it was written, to the letter
        url = urlsplit(url)._replace(query=urlencode(blotted)).geturl()
    return replace(request, url=url, form=_blotted_fields(dict(request.form)))


def _blotted_fields(fields: dict[str, str]) -> dict[str, str]:
    return blotted_params(fields, params.PRESSED, params.SAID)
