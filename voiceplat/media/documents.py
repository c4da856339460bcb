"""The customer's server for one call: signed requests with the call's own fields."""

from collections.abc import Callable, Mapping

from typing_extensions import override

from voiceplat.calls import params as wire
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.outcome import UrlKind
from voiceplat.calls.session import Documents
from voiceplat.calls.status import CallStatus
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.signature import SigningKeys


class CallDocuments(Documents):
    def __init__(
        self,
        call: Call,
        keys: SigningKeys,
        client: WebhookClient,
        status: Callable[[], CallStatus],
    ) -> None:
        self._call = call
        self._keys = keys
        self._client = client
        self._status = status

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
            Hook(url=url, method=method), fields, self._keys, want_document=True
        )
        return answer.body
