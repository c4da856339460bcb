"""The ledger's end of the speech service: a file goes in, its words come out.

The file is sent over the socket, so whoever asks needs no folder in common with it.
"""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

import httpx
from pydantic import ValidationError

from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.transcript import Transcript

_CONNECT_S: Final = 5
_SEND_S: Final = 60


class Transcription:
    """An async context manager, one per process."""

    def __init__(self, settings: SpeechSettings) -> None:
        self._socket = settings.socket
        self._http = httpx.AsyncClient(
            base_url="http://speech",
            transport=httpx.AsyncHTTPTransport(uds=str(settings.socket), verify=False),
            # how long the words take nobody knows: live callers come first
            timeout=httpx.Timeout(None, connect=_CONNECT_S, write=_SEND_S),
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    async def transcribe(
        self, sound: AsyncIterator[bytes], language: str
    ) -> Transcript:
        """The words of an MP3 or WAV file.

        Raises Unavailable when the service is not there, SpeechError when it is lost
        or cannot do it now, MediaError when the file is not one that can be heard;
        and what `sound` raises.
        """
        try:
            answer = await self._http.post(
                "/transcribe", params={"language": language}, content=sound
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unavailable("the speech service", f"{self._socket}") from error
        except httpx.TransportError as error:
            why = f"the speech service was lost: {type(error).__name__}"
            raise SpeechError(why) from error
        if not answer.is_success:
            raise _refusal(answer)
        try:
            return Transcript.model_validate_json(answer.content)
        except ValidationError as error:
            raise SpeechError("the speech service answered nonsense") from error


def _refusal(answer: httpx.Response) -> Exception:
    if answer.headers.get("content-type") != "application/json":
        return SpeechError(f"the speech service failed: {answer.status_code}")
    refusal = answer.json()
    kind = MediaError if refusal.get("kind") == "media" else SpeechError
    return kind(refusal.get("message", "it was refused"))
