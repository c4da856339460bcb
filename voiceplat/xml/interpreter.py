"""The loop: elements in their order, and the only place that moves between documents.

Failures become hangup causes here, by the kind of URL (plivo-xml 2.3, 2.4).
"""

from collections.abc import Coroutine
from typing import Any, assert_never

import structlog

from voiceplat.calls.blotting import shown_url
from voiceplat.calls.call import Hook
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import End, Goto, Outcome, Proceed, UrlKind
from voiceplat.calls.session import CallSession
from voiceplat.calls.trouble import TroubleKind
from voiceplat.core.errors import DocumentError, FetchError, NotADocument
from voiceplat.core.race import first_of
from voiceplat.core.settings import Settings
from voiceplat.xml.document import Document, Written, parse
from voiceplat.xml.element import Element, Needs
from voiceplat.xml.values import METHODS, is_web_url

log = structlog.get_logger()


async def run_call(session: CallSession, settings: Settings) -> End:
    """Fetch the call's first document, or the fallback's, and run it to the end.

    Raises CallEnded when the far end leaves meanwhile.
    """
    return await _go_on(_begin(session, settings), session, settings)


async def go_to(to: Goto, session: CallSession, settings: Settings) -> End:
    """Fetch `to` and run it, and those it leads to, until one ends the call."""
    return await _go_on(_follow(to, session, settings), session, settings)


async def run(document: Document, session: CallSession, settings: Settings) -> End:
    """Run `document`, and those it leads to, until one of them ends the call.

    Raises CallEnded when the far end leaves meanwhile.
    """
    return await _go_on(_run_document(document, session), session, settings)


async def _go_on(
    step: Coroutine[Any, Any, Goto | End], session: CallSession, settings: Settings
) -> End:
    """A transfer interrupts whatever runs, and drops the rest of it (51)."""
    hops_left = settings.webhooks.redirects_max
    while True:
        outcome = await first_of(session.until_transferred(), step)
        if isinstance(outcome, End):
            return outcome
        if hops_left == 0:
            log.warning("redirects_cut", limit=settings.webhooks.redirects_max)
            return End(outcome.kind.unreachable)
        hops_left -= 1
        step = _follow(outcome, session, settings)


async def _begin(session: CallSession, settings: Settings) -> Goto | End:
    first = await _first_document(session, settings)
    return first if isinstance(first, End) else await _run_document(first, session)


async def _follow(to: Goto, session: CallSession, settings: Settings) -> Goto | End:
    following = await _fetch(to, session, settings)
    if isinstance(following, End):
        return following
    return await _run_document(following, session)


async def _run_document(document: Document, session: CallSession) -> Goto | End:
    if not document.elements:
        await session.answer()  # an empty document takes the call, and ends it
    for element, written in zip(document.elements, document.written, strict=True):
        outcome = await _run_noted(element, written, session)
        match outcome:
            case Proceed():
                continue
            case Goto() | End():
                return outcome
            case _:
                assert_never(outcome)
    await session.until_quiet()  # keys that are still being sent
    return End(CAUSES[4010])


async def _run_noted(
    element: Element, written: Written, session: CallSession
) -> Outcome:
    notes = session.notes
    running = notes.element_begins(written.tag, written.attributes, written.text)
    told = "was interrupted"
    try:
        outcome = await _run_element(element, session)
        told = _told(outcome)
    except CallEnded:
        told = "the far end left"
        raise
    except Exception as error:
        told = f"failed: {type(error).__name__}"
        raise
    else:
        return outcome
    finally:
        notes.element_ends(running, told)


def _told(outcome: Outcome) -> str:
    match outcome:
        case Proceed():
            return "goes on"
        case Goto(url):
            return f"goes to {shown_url(url)}"
        case End(cause):
            return f"ends the call: {cause.name}"
        case _:
            assert_never(outcome)


async def _run_element(element: Element, session: CallSession) -> Outcome:
    step = await element.prepare(session)
    match element.needs:
        case Needs.ANSWERED:
            await session.answer()
        case Needs.EARLY_MEDIA:
            if not session.leg.has_media:
                await session.leg.open_early_media()
        case Needs.NOTHING:
            pass
        case _:
            assert_never(element.needs)
    log.debug("element_runs", tag=element.tag())
    return await step.execute(session)


async def _first_document(session: CallSession, settings: Settings) -> Document | End:
    """The answer URL's document; if that fails in any way, the fallback URL's.

    A call of the platform's own brings its document along.
    """
    if own := session.call.document:
        return _parse(own.encode(), settings)
    end = End(UrlKind.ANSWER.unreachable)
    for hook in (session.call.answer, session.call.fallback):
        if hook is None:
            continue
        found = await _fetch(_start_at(hook), session, settings)
        if isinstance(found, Document):
            return found
        end = found
    return end


def _start_at(hook: Hook) -> Goto:
    return Goto(hook.url, hook.method, UrlKind.ANSWER)


async def _fetch(to: Goto, session: CallSession, settings: Settings) -> Document | End:
    if not is_web_url(to.url):
        _failed(to, TroubleKind.REQUEST, "invalid URL", session)
        return End(to.kind.invalid_url)
    method = to.method.strip().upper()
    if method not in METHODS:
        _failed(to, TroubleKind.REQUEST, "invalid method", session)
        return End(to.kind.invalid_method)
    try:
        body = await session.documents.request(to.kind, to.url, method, to.params)
        return _parse(body, settings)
    except (NotADocument, DocumentError) as error:
        _failed(to, TroubleKind.DOCUMENT, str(error), session)
        return End(to.kind.invalid_xml)
    except FetchError as error:
        _failed(to, TroubleKind.REQUEST, error.why, session)
        return End(to.kind.unreachable)


def _failed(to: Goto, kind: TroubleKind, why: str, session: CallSession) -> None:
    log.warning("document_failed", kind=to.kind, why=why)
    place = shown_url(to.url).partition("?")[0]
    session.notes.trouble(kind, f"{to.kind} URL {place}: {why}")


def _parse(body: bytes, settings: Settings) -> Document:
    """Raises DocumentError."""
    return parse(
        body,
        lenient=settings.xml.lenient,
        strict_voices=settings.xml.strict_voices,
        max_bytes=settings.webhooks.document_max_bytes,
    )
