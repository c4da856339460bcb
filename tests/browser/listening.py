"""Whether a party hears anything now: the end of the recording, while it is written."""

import asyncio
from typing import Final

from tests.calls_e2e.hearing import (
    LOOK_AGAIN_S,
    TOO_LATE_S,
    heard_so_far,
    what_was_heard,
)
from voiceplat.telephony.softphone import SoftphoneCall

LATELY_S: Final = 1.0
RATE_BYTES: Final = 16000


async def until_silent(call: SoftphoneCall) -> None:
    """Returns when there was no tone for a second."""
    await _until_latest(call, tone=False)


async def until_heard_again(call: SoftphoneCall) -> None:
    """Returns when there is a tone in the last second."""
    await _until_latest(call, tone=True)


async def _until_latest(call: SoftphoneCall, *, tone: bool) -> None:
    try:
        async with asyncio.timeout(TOO_LATE_S):
            while _hears_lately(call) is not tone:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise AssertionError(what_was_heard(call)) from None


def _hears_lately(call: SoftphoneCall) -> bool:
    written_s = call.heard.stat().st_size / RATE_BYTES
    return any(tone.end_s > written_s - LATELY_S for tone in heard_so_far(call))
