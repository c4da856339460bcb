"""Speech as input: what a recogniser is asked for, and what it tells meanwhile."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SpeechWanted:
    """What GetInput asks for (plivo-xml 3.5)."""

    language: str = "en-US"
    hints: tuple[str, ...] = ()
    """Phrases that are expected; a result that is near to one becomes it."""
    end_silence_s: float | None = None
    """Silence that ends an utterance; None leaves it to the recogniser (`auto`)."""
    model: str = "default"
    """`default`, `command_and_search` or `phone_call`."""
    profanity_filter: bool = False
    interim: bool = False
    """Whether partial results are wanted while somebody speaks."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody speaks."""


@dataclass(frozen=True, slots=True)
class Interim:
    """What was understood so far; `stable` will not change any more."""

    stable: str
    unstable: str
    stability: float
    """0.0 to 1.0: how likely `unstable` is to stay."""


@dataclass(frozen=True, slots=True)
class Understood:
    """An utterance is over; `text` is empty when it was no speech after all."""

    text: str
    confidence: float
    """0.0 to 1.0."""


Heard = SpeechStarted | Interim | Understood


class Listening(Protocol):
    """A recogniser at work on one leg: started, interim…, understood, and again."""

    def hear(self, frame: bytes) -> None:
        """20 ms of what the far end says, as `Leg.listen` gives them; never blocks."""
        ...

    def prompt_plays(self, *, plays: bool) -> None:
        """While a prompt of ours plays its echo must not be taken for speech."""
        ...

    async def next_heard(self) -> Heard:
        """Raises SpeechError when the recogniser fails or is gone."""
        ...


class Ears(Protocol):
    def listen(self, wanted: SpeechWanted) -> AbstractAsyncContextManager[Listening]:
        """Entering raises SpeechError when no recogniser can do what is wanted."""
        ...
