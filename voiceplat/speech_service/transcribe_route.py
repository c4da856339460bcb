"""`POST /transcribe`: a file in the body, its words in the answer, when there is time.

The file lies on the disk without a name: whatever becomes of the service, it is gone.
Who asked and left is not worked for any more.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import IO, Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from voiceplat.core.errors import MediaError, SpeechError
from voiceplat.speech.transcript import Transcript
from voiceplat.speech_service.transcribing import Transcriber

_LOOK_S: Final = 1.0


class Dictation:
    def __init__(self, transcriber: Transcriber | None, scratch: Path) -> None:
        self._transcriber = transcriber
        self._scratch = scratch

    async def take(self, request: Request, language: str) -> Transcript:
        """Raises SpeechError, MediaError."""
        if self._transcriber is None:
            raise SpeechError(
                "nobody can tell speech from noise: run python -m "
                "voiceplat.speech.models and start the speech service again"
            )
        await asyncio.to_thread(self._scratch.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            await _receive(request, file)
            working = asyncio.create_task(
                self._transcriber.transcribe(file.fileno(), language)
            )
            return await _while_wanted(working, request)


async def _receive(request: Request, file: IO[bytes]) -> None:
    try:
        async for chunk in request.stream():
            file.write(chunk)
    except ClientDisconnect as error:
        raise MediaError("the file did not come whole") from error
    except OSError as error:
        raise SpeechError(f"the file cannot be taken: {error}") from error
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)


async def _while_wanted(
    working: "asyncio.Task[Transcript]", request: Request
) -> Transcript:
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=_LOOK_S)
            if await request.is_disconnected():
                raise MediaError("nobody waits for it any more")
        return working.result()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
