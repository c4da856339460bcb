"""What a worker and the speech service say to one another while one listens.

The worker says what is wanted, then sends sound in binary messages (16-bit mono, any
length) and, in text, when a prompt of ours begins and ends to play. The service says
that it is ready, or that it refuses and why, and then what is heard.
"""

import json
from dataclasses import asdict
from typing import Any, Final

from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.core.errors import SpeechError

PATH: Final = "/listen"
READY: Final = '{"event": "ready"}'

_HEARD: Final[dict[str, type[Heard]]] = {
    "started": SpeechStarted,
    "interim": Interim,
    "understood": Understood,
}
_NAMES: Final = {kind: name for name, kind in _HEARD.items()}


def order(wanted: SpeechWanted, rate_hz: int) -> str:
    return json.dumps({"rate_hz": rate_hz, "wanted": asdict(wanted)})


def read_order(text: str) -> tuple[SpeechWanted, int]:
    said = json.loads(text)
    wanted = said["wanted"]
    return SpeechWanted(**wanted | {"hints": tuple(wanted["hints"])}), said["rate_hz"]


def prompt_plays(*, plays: bool) -> str:
    return json.dumps({"prompt_plays": plays})


def read_prompt_plays(text: str) -> bool:
    return bool(json.loads(text)["prompt_plays"])


def event(heard: Heard) -> str:
    return json.dumps({"event": _NAMES[type(heard)]} | asdict(heard))


def refusal(why: str) -> str:
    return json.dumps({"event": "refused", "why": why})


def read_event(text: str | bytes) -> Heard | None:
    """None when it is only that the service is ready. Raises SpeechError."""
    said: dict[str, Any] = json.loads(text)
    name = said.pop("event")
    if name == "refused":
        raise SpeechError(said["why"])
    return _HEARD[name](**said) if name in _HEARD else None
