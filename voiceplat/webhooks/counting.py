"""Requests to customers' servers, counted."""

from voiceplat.metrics.figures import WebhookFigures
from voiceplat.webhooks.exchange import Exchange, Watcher


def counted_by(figures: WebhookFigures) -> Watcher:
    def watch(seen: Exchange) -> None:
        figures.tried(seen.purpose, seen.failure, seen.took.total_seconds())

    return watch
