"""What a worker counts, told to its supervisor over the pipe between them.

Workers come and go, and there are many: they have no figures of their own, and one
that has nothing to tell costs nothing (ADR 29).
"""

import select
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from voiceplat.speech.client import PromptMade
from voiceplat.webhooks.exchange import Exchange

log = structlog.get_logger()

FIGURE: Final = b"figure "
"""What a message begins with that is one; the others ask for something."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)

    seconds: float


class QueueWait(_Told):
    """An outbound call is dialled; so long after it was accepted."""

    kind: Literal["queue_wait"] = "queue_wait"


class WebhookTry(_Told):
    kind: Literal["webhook"] = "webhook"
    purpose: str
    failure: str


class PromptWait(_Told):
    """A call waited for the audio of a Speak or Play."""

    kind: Literal["prompt"] = "prompt"
    source: str
    cached: bool


Figure = QueueWait | WebhookTry | PromptWait
Tell = Callable[[Figure], None]

FIGURES: Final[TypeAdapter[Figure]] = TypeAdapter(
    Annotated[Figure, Field(discriminator="kind")]
)


def nobody(_: Figure) -> None:
    """Is told nothing."""


def teller(lifeline: Connection) -> Tell:
    """The worker's end. A supervisor that does not listen costs figures, not calls."""
    writable = select.poll()
    writable.register(lifeline.fileno(), select.POLLOUT)

    def tell(figure: Figure) -> None:
        if any(state & select.POLLOUT for _, state in writable.poll(0)):
            try:
                lifeline.send_bytes(FIGURE + figure.model_dump_json().encode())
            except OSError as error:  # it is gone, and this worker soon will be
                log.debug("figure_not_told", why=str(error))

    return tell


def webhooks_told(tell: Tell) -> Callable[[Exchange], None]:
    """Watches the requests of a worker."""

    def watch(seen: Exchange) -> None:
        tell(
            WebhookTry(
                seconds=seen.took.total_seconds(),
                purpose=seen.purpose,
                failure=seen.failure,
            )
        )

    return watch


def prompts_told(tell: Tell) -> Callable[[PromptMade], None]:
    """Watches what a worker waits for of the speech service."""

    def watch(made: PromptMade) -> None:
        tell(
            PromptWait(
                seconds=made.took_s, source=made.source.value, cached=made.cached
            )
        )

    return watch
