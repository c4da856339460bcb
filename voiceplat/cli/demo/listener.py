"""What a party of the demo heard: words by recognition, a file by its tone."""

import re
from pathlib import Path

from voiceplat.cli.demo.timeline import Timeline
from voiceplat.core.settings import use_config
from voiceplat.speech.client import SpeechClient
from voiceplat.telephony.listen import tones

SAME_HZ = 15


class Listener:
    def __init__(self, data: Path, timeline: Timeline) -> None:
        self._settings = use_config(data / "voiceplat.toml")
        self._timeline = timeline

    async def heard(self, recording: Path, words: str, tone_hz: float) -> None:
        """Checks that `recording` holds both, the words first."""
        async with SpeechClient(self._settings) as speech:
            said = (await speech.recognise(recording)).text
        self._timeline.check(
            "heard the sentence", passed=_plain(words) in _plain(said), detail=said
        )
        found = [tone for tone in tones(recording) if abs(tone.hz - tone_hz) < SAME_HZ]
        length_s = sum(tone.seconds for tone in found)
        self._timeline.check(
            "heard the file",
            passed=length_s > 0.9,
            detail=f"{tone_hz} Hz for {length_s:.2f} s",
        )


def _plain(text: str) -> str:
    """Letters only: 7:30 and "seven thirty" are the same to a listener."""
    spoken = re.sub(r"7[.:]30", "seven thirty", text.lower())
    return re.sub(r"[^a-z]+", " ", spoken).strip()
