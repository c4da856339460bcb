"""Recognition, one utterance at a time, on a thread of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from voiceplat.core.errors import SpeechError
from voiceplat.speech.audio import read_for_recognition
from voiceplat.speech.engine import Recogniser, Recognition


class Listening:
    def __init__(self, recogniser: Recogniser | None) -> None:
        self._recogniser = recogniser
        self._thread = ThreadPoolExecutor(1, "listen")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def recognise(self, wav: Path, language: str) -> Recognition:
        """Raises SpeechError, or MediaError when it is no WAV."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._recognise, wav, language
        )

    def _recognise(self, wav: Path, language: str) -> Recognition:
        if self._recogniser is None:
            raise SpeechError(
                "no recogniser is loaded: run python -m voiceplat.speech.models "
                "and start the speech service again"
            )
        return self._recogniser.recognise(read_for_recognition(wav), language)
