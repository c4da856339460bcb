"""What of a worker's work is told to be counted."""

from collections.abc import Callable

from voiceplat.metrics.told import PromptWait, Tell, WebhookTry
from voiceplat.speech.client import PromptMade
from voiceplat.webhooks.exchange import Exchange


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
