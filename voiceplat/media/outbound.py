"""What happens to a call that goes out: it rings, is answered, and obeys."""

import asyncio
from datetime import timedelta

import structlog

from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.outcome import End
from voiceplat.core.errors import MediaError
from voiceplat.core.race import first_of, never
from voiceplat.core.settings import Settings
from voiceplat.media.session import LiveSession
from voiceplat.xml.interpreter import run_call

log = structlog.get_logger()


async def dial_and_obey(session: LiveSession, settings: Settings) -> End:
    return await first_of(_ring_and_obey(session, settings), _press(session))


async def _ring_and_obey(session: LiveSession, settings: Settings) -> End:
    call = session.call
    unanswered = await first_of(
        _until_answered(session),
        _while_ringing(session, call.hangup_on_ring),
        _gives_up_after(call.ring_timeout),
    )
    return unanswered or await run_call(session, settings)


async def _until_answered(session: LiveSession) -> None:
    await session.leg.until_answered()
    session.was_answered()


async def _while_ringing(session: LiveSession, limit: timedelta | None) -> End:
    """Tells that it rings, then gives up `limit` after that (6010)."""
    await session.leg.until_ringing()
    session.rings()
    return await (never() if limit is None else _gives_up_after(limit))


async def _gives_up_after(span: timedelta) -> End:
    await asyncio.sleep(span.total_seconds())
    return End(CAUSES[6010])


async def _press(session: LiveSession) -> End:
    """`send_digits`, beside whatever else happens; never ends the call."""
    call, leg = session.call, session.leg
    await (leg.until_media() if call.send_on_preanswer else leg.until_answered())
    try:
        await leg.send_digits(call.send_digits)
    except MediaError as error:
        log.warning("digits_not_sent", why=str(error))
    return await never()
