"""What happens to a call that came in: its answer URL is asked, and it obeys."""

import asyncio

from voiceplat.calls.leg import Leg
from voiceplat.calls.outcome import End
from voiceplat.core.race import first_of, never
from voiceplat.core.settings import Settings
from voiceplat.media.session import LiveSession
from voiceplat.xml.interpreter import run_call


async def ring_and_obey(session: LiveSession, settings: Settings) -> End:
    """Who is answered at once is not told that it rings (docs/adr/0034)."""
    ring_after_s = settings.media.ring_after_ms / 1000
    return await first_of(
        run_call(session, settings), _ring_after(ring_after_s, session.leg)
    )


async def _ring_after(seconds: float, leg: Leg) -> End:
    await asyncio.sleep(seconds)
    await leg.ring()
    return await never()
