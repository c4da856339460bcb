"""Documents that only sound: confirmSound, dialMusic, waitSound (plivo-xml 2.13).

Their `Play`, `Speak` and `Wait` are heard, whatever else they hold is passed over, and
one that cannot be had is silence, not an error.
"""

import asyncio
from collections.abc import Mapping

import structlog

from voiceplat.calls.outcome import UrlKind
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import DocumentError, FetchError
from voiceplat.xml.element import Step
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.elements.wait import Wait
from voiceplat.xml.values import is_web_url

log = structlog.get_logger()

NO_FIELDS: Mapping[str, str] = {}


async def sounds_of(url: str, call: CallSession) -> list[Step]:
    """What the document at `url` lets one hear, with its audio at hand."""
    heard = await elements_of(url, call)
    return list(await asyncio.gather(*(it.prepare(call) for it in heard)))


async def elements_of(url: str, call: CallSession) -> list[Play | Speak | Wait]:
    """What of the document at `url` can be heard."""
    from voiceplat.xml.document import parse  # noqa: PLC0415 - it knows all elements

    if not is_web_url(url):
        log.warning("sound_document_skipped", why="invalid URL")
        return []
    try:
        body = await call.documents.request(UrlKind.ACTION, url, "POST", NO_FIELDS)
        document = parse(body, lenient=True)
    except (FetchError, DocumentError) as error:
        log.warning("sound_document_skipped", why=str(error))
        return []
    return [it for it in document.elements if isinstance(it, Play | Speak | Wait)]
