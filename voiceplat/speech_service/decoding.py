"""Decoding in warm children (decoder.py): a file that kills one harms no other."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from voiceplat.core.errors import MediaError
from voiceplat.core.settings import PlaySettings
from voiceplat.core.warm_children import ChildFailed, WarmChildren

_CHILDREN: Final = 2
_PROGRAM: Final = "voiceplat.speech_service.decoder"


class Decoders:
    """An async context manager; `decode` waits for a child that is free."""

    def __init__(
        self, settings: PlaySettings, rate_hz: int, children: int = _CHILDREN
    ) -> None:
        self._settings = settings
        self._rate_hz = rate_hz
        self._children = WarmChildren(_PROGRAM, children)

    async def __aenter__(self) -> Self:
        await self._children.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._children.__aexit__(kind, error, traceback)

    async def decode(self, source: Path, target: Path) -> None:
        """Write `source` to `target` as WAV. Raises MediaError."""
        limit_s = self._settings.decode_timeout_s
        order = {
            "source": str(source),
            "target": str(target),
            "rate_hz": self._rate_hz,
            "duration_max_s": self._settings.duration_max_s,
            "timeout_s": limit_s,
        }
        try:
            answer = await self._children.order(order, limit_s)
        except ChildFailed as error:
            raise MediaError(f"the decoder {error.why}") from error
        if answer["error"]:
            raise MediaError(str(answer["error"]))
