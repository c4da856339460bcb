"""What a party hears, while the call goes on: the recording as far as it is written."""

import asyncio
import wave
from pathlib import Path
from tempfile import NamedTemporaryFile

from voiceplat.telephony.listen import Tone, tones
from voiceplat.telephony.softphone import SoftphoneCall

HEADER_BYTES = 44
RATE_HZ = 8000
LOOK_AGAIN_S = 0.1
TOO_LATE_S = 20
SAME_HZ = 15


def heard_so_far(call: SoftphoneCall) -> list[Tone]:
    """The tones in what is written, a quarter of a second behind."""
    if not call.heard.exists():
        return []
    samples = call.heard.read_bytes()[HEADER_BYTES:]
    with NamedTemporaryFile(suffix=".wav") as file:
        with wave.open(file.name, "wb") as whole:
            whole.setnchannels(1)
            whole.setsampwidth(2)
            whole.setframerate(RATE_HZ)
            whole.writeframes(samples[: len(samples) // 2 * 2])
        return tones(Path(file.name))


async def until_tone(call: SoftphoneCall, hz: float) -> None:
    """Returns when the party has begun to hear that tone."""
    try:
        async with asyncio.timeout(TOO_LATE_S):
            while not has_heard(call, hz):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise AssertionError(f"no {hz} Hz: {what_was_heard(call)}") from None


def what_was_heard(call: SoftphoneCall) -> str:
    """For the reader of a test that failed."""
    length = call.heard.stat().st_size / RATE_HZ / 2 if call.heard.exists() else 0
    return f"{length:.1f} s with {heard_so_far(call)}, {call.quality}, {call.ended}"


def has_heard(call: SoftphoneCall, hz: float) -> bool:
    return any(abs(tone.hz - hz) < SAME_HZ for tone in heard_so_far(call))
