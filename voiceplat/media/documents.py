"""The customer's server for one call: signed requests with the call's own fields."""

from collections.abc import Callable, Mapping
from typing import Final

import structlog
from typing_extensions import override

from voiceplat.calls import params as wire
from voiceplat.calls.call import Hook
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import UrlKind
from voiceplat.calls.session import Documents
from voiceplat.calls.status import CallStatus
from voiceplat.core.errors import FetchError
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.exchange import Watcher
from voiceplat.webhooks.noted import noting
from voiceplat.webhooks.signature import SigningKeys

log = structlog.get_logger()

INTERIM: Final = "interim results"
"""What requests are for that are worth nothing later."""


class CallDocuments(Documents):
    def __init__(
        self,
        notes: CallNotes,
        keys: SigningKeys,
        client: WebhookClient,
        status: Callable[[], CallStatus],
        *,
        notify: Callable[[Hook, Mapping[str, str], str], None],
    ) -> None:
        """`notify` puts a request into the outbox, one for each mark."""
        self._notes = notes
        self._call = notes.call
        self._keys = keys
        self._client = client
        self._status = status
        self._notify = notify

    @override
    async def request(
        self, kind: UrlKind, url: str, method: str, params: Mapping[str, str]
    ) -> bytes:
        """See calls.session.Documents.request."""
        fields = (
            wire.start_app(self._call, self._status())
            if kind is UrlKind.ANSWER
            else wire.redirect(self._call, self._status(), params)
        )
        answer = await self._client.send(
            Hook(url=url, method=method),
            fields,
            self._keys,
            want_document=True,
            purpose=kind.value,
            watch=self._noting(),
        )
        return answer.body

    @override
    def tell(
        self, url: str, method: str, params: Mapping[str, str], *, once: str = ""
    ) -> None:
        """See calls.session.Documents.tell."""
        fields = wire.redirect(self._call, self._status(), params)
        self._notify(Hook(url=url, method=method), fields, once)

    @override
    async def tell_now(self, url: str, method: str, params: Mapping[str, str]) -> None:
        """See calls.session.Documents.tell_now."""
        fields = wire.standard(self._call, self._status()) | dict(params)
        try:
            hook = Hook(url=url, method=method)
            await self._client.send(
                hook,
                fields,
                self._keys,
                want_document=False,
                purpose=INTERIM,
                watch=self._noting(),
            )
        except FetchError as error:
            log.info("not_told", url=error.url, why=error.why)

    def _noting(self) -> Watcher:
        return noting(self._notes.request, digits=self._notes.digits)
