"""What happens to a call that goes out: it rings, is answered, and obeys."""

import asyncio
from datetime import timedelta

from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.outcome import End
from voiceplat.core.settings import Settings
from voiceplat.media.race import first_of
from voiceplat.media.session import LiveSession
from voiceplat.xml.interpreter import run_call


async def dial_and_obey(session: LiveSession, settings: Settings) -> End:
    call = session.call
    unanswered = await first_of(
        _until_answered(session),
        _while_ringing(session, call.hangup_on_ring),
        _gives_up_after(call.ring_timeout),
    )
    if unanswered is not None:
        return unanswered
    return await first_of(
        run_call(session, settings), _press(session, call.send_digits)
    )


async def _until_answered(session: LiveSession) -> None:
    await session.leg.until_answered()
    session.was_answered()


async def _while_ringing(session: LiveSession, limit: timedelta | None) -> End:
    """Tells that it rings, then gives up `limit` after that (6010)."""
    await session.leg.until_ringing()
    session.rings()
    call = session.call
    if call.send_on_preanswer and session.leg.has_media:
        await session.leg.send_digits(call.send_digits)
    return await (_forever() if limit is None else _gives_up_after(limit))


async def _gives_up_after(span: timedelta) -> End:
    await asyncio.sleep(span.total_seconds())
    return End(CAUSES[6010])


async def _press(session: LiveSession, digits: str) -> End:
    """`send_digits`, beside whatever the document does; never ends the call."""
    if digits and not session.call.send_on_preanswer:
        await session.leg.send_digits(digits)
    return await _forever()


async def _forever() -> End:
    await asyncio.Event().wait()
    raise AssertionError
