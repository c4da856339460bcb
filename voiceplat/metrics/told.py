"""What workers and mixers count, told to their supervisor over the pipe between them.

They come and go, and there are many: they have no figures of their own, and one that
has nothing to tell costs nothing (ADR 29).
"""

import select
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

log = structlog.get_logger()

FIGURE: Final = b"figure "
"""What a message begins with that is one; the others ask for something."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Took(_Told):
    seconds: float


class QueueWait(_Took):
    """An outbound call is dialled; so long after it was accepted."""

    kind: Literal["queue_wait"] = "queue_wait"


class WebhookTry(_Took):
    kind: Literal["webhook"] = "webhook"
    purpose: str
    failure: str


class PromptWait(_Took):
    """A call waited for the audio of a Speak or Play."""

    kind: Literal["prompt"] = "prompt"
    source: str
    cached: bool


class RoomGap(_Told):
    """A mixer had no time for so many ticks of 20 ms: its members heard a gap."""

    kind: Literal["room_gap"] = "room_gap"
    ticks: int


Figure = QueueWait | WebhookTry | PromptWait | RoomGap
Tell = Callable[[Figure], None]

FIGURES: Final[TypeAdapter[Figure]] = TypeAdapter(
    Annotated[Figure, Field(discriminator="kind")]
)


def nobody(_: Figure) -> None:
    """Is told nothing."""


def teller(lifeline: Connection) -> Tell:
    """Their end. A supervisor that does not listen costs figures, not calls."""
    writable = select.poll()
    writable.register(lifeline.fileno(), select.POLLOUT)

    def tell(figure: Figure) -> None:
        if any(state & select.POLLOUT for _, state in writable.poll(0)):
            try:
                lifeline.send_bytes(FIGURE + figure.model_dump_json().encode())
            except OSError as error:  # it is gone, and so is this process soon
                log.debug("figure_not_told", why=str(error))

    return tell
