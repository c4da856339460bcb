"""What happens to a call that came in: it rings while its answer URL is asked."""

from voiceplat.calls.outcome import End
from voiceplat.core.settings import Settings
from voiceplat.media.session import LiveSession
from voiceplat.xml.interpreter import run_call


async def ring_and_obey(session: LiveSession, settings: Settings) -> End:
    await session.leg.ring()
    return await run_call(session, settings)
