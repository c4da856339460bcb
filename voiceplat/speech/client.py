"""The workers' end of the speech service: prompts made ready to play, and ears.

What is in the host's cache is found here, without asking the service; only what must
be made, downloaded or understood travels over its unix socket.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from typing_extensions import override

from voiceplat.calls.hearing import Ears, Listening, SpeechWanted
from voiceplat.calls.script import Script
from voiceplat.calls.session import Tone
from voiceplat.calls.voices import is_supported
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import MediaError, SpeechError
from voiceplat.core.settings import Settings
from voiceplat.speech import voices
from voiceplat.speech.cache import (
    Download,
    download_path,
    normalise,
    prompt_path,
    tone_path,
    use,
)
from voiceplat.speech.engine import Recognition
from voiceplat.speech.registry import synthesizers
from voiceplat.speech.remote_ears import listening
from voiceplat.speech.tones import write_tone

_KEEP_ALIVE_S = 30
_AGAIN_AFTER_S = 0.2


class Source(StrEnum):
    SPEAK = "speak"
    PLAY = "play"


@dataclass(frozen=True, slots=True)
class PromptMade:
    source: Source
    cached: bool
    """It was in the host's cache: nobody had to be asked."""
    took_s: float


class SpeechClient(Ears):
    """Implements Prompts and Ears. An async context manager, one per process."""

    def __init__(
        self, settings: Settings, told: Callable[[PromptMade], None] = lambda _: None
    ) -> None:
        """`told` hears of each prompt that was wanted and is there."""
        self._settings = settings
        self._told = told
        self._cache = settings.cache_dir.absolute()
        self._rate_hz = settings.media.clock_rate_hz
        self._choose = lru_cache(maxsize=1024)(partial(voices.choose, installed=()))
        self._away_since: float | None = None
        self._http = httpx.AsyncClient(
            base_url="http://speech",
            transport=httpx.AsyncHTTPTransport(
                uds=str(settings.speech.socket),
                verify=False,  # nothing on a unix socket is; loading trust takes 4 MB
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_S),
            ),
            timeout=settings.speech.request_timeout_s,
        )

    async def __aenter__(self) -> Self:
        installed = await asyncio.to_thread(lambda: tuple(synthesizers().values()))
        self._choose = lru_cache(maxsize=1024)(
            partial(voices.choose, installed=installed)
        )
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    def is_supported(self, voice: str, language: str) -> bool:
        """Whether the wire contract has this voice, for strict mode."""
        return is_supported(voice, language)

    @property
    def longest_text(self) -> int:
        """See calls.session.Prompts.longest_text."""
        return self._settings.speech.speak_max_chars

    async def speak(self, script: Script, *, voice: str, language: str) -> Path:
        """The script as a WAV. Raises SpeechError."""
        spoken = normalise(script)
        cast = voices.cast(spoken, voice, language, self._choose)
        path = prompt_path(self._cache, cast, spoken, self._rate_hz)
        if use(path):
            self._told(PromptMade(Source.SPEAK, cached=True, took_s=0.0))
            return path
        order = {"script": asdict(spoken), "voice": voice, "language": language}
        with self._made(Source.SPEAK):
            return Path((await self._ask("speak", order, SpeechError))["path"])

    async def fetch(self, url: str) -> Path:
        """The audio behind the URL as a WAV. Raises MediaError."""
        known = Download.read(download_path(self._cache, url, self._rate_hz))
        if known and known.fresh_until > utc_now().timestamp():
            self._told(PromptMade(Source.PLAY, cached=True, took_s=0.0))
            return Path(known.sound)
        with self._made(Source.PLAY):
            answer = await self._ask("fetch", {"url": url}, MediaError)
            return Path(answer["path"])

    async def tone(self, tone: Tone) -> Path:
        """See calls.session.Prompts.tone."""
        path = tone_path(self._cache, tone, self._rate_hz)
        if not use(path):
            await asyncio.to_thread(write_tone, path, tone, self._rate_hz)
        return path

    def still_there(self, audio: Path) -> bool:
        """See calls.session.Prompts.still_there."""
        return use(audio)

    async def recognise(self, path: Path, *, language: str = "en-US") -> Recognition:
        """What a WAV (an absolute path) says. Raises SpeechError or MediaError."""
        order = {"path": str(path), "language": language}
        return Recognition(**await self._ask("recognise", order, SpeechError))

    @override
    def listen(self, wanted: SpeechWanted) -> AbstractAsyncContextManager[Listening]:
        """See calls.hearing.Ears.listen."""
        return listening(self._settings.speech, wanted, self._rate_hz)

    @contextmanager
    def _made(self, source: Source) -> Iterator[None]:
        """Told when it is there, not when it failed or nobody waits any more."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        yield
        self._told(PromptMade(source, cached=False, took_s=loop.time() - began))

    async def _ask(
        self,
        what: str,
        order: Mapping[str, Any],
        failure: type[SpeechError | MediaError],
    ) -> dict[str, Any]:
        try:
            answer = await self._answer(what, order)
        except httpx.TransportError as error:
            raise failure(
                f"the speech service at {self._settings.speech.socket} "
                f"does not answer ({type(error).__name__}): "
                "is `voiceplat speech` running?"
            ) from error
        if answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        if answer.headers.get("content-type") != "application/json":
            raise failure(f"the speech service failed to {what}: {answer.status_code}")
        refusal = answer.json()
        kind = MediaError if refusal.get("kind") == "media" else SpeechError
        raise kind(refusal.get("message", f"{what} was refused"))

    async def _answer(self, what: str, order: Mapping[str, Any]) -> httpx.Response:
        """Asked again while the service is restarted, which does no harm.

        One that stays away is waited for once, and not by each prompt.
        """
        loop = asyncio.get_running_loop()
        while True:
            try:
                answer = await self._http.post(
                    f"/{what}", json=order, timeout=self._wait(what)
                )
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                now = loop.time()
                self._away_since = self._away_since or now
                if now - self._away_since > self._settings.speech.away_max_ms / 1000:
                    raise
                await asyncio.sleep(_AGAIN_AFTER_S)
            else:
                self._away_since = None
                return answer

    def _wait(self, what: str) -> float:
        """A download has its own limits in the service; wait for all of them."""
        if what != "fetch":
            return self._settings.speech.request_timeout_s
        play = self._settings.play
        attempt_ms = play.connect_timeout_ms + play.read_timeout_ms
        return attempt_ms * (play.retries + 1) / 1000 + play.decode_timeout_s + 5
