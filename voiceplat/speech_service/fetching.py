"""Play's audio: downloaded once for all calls of a host, decoded, kept for the next."""

import asyncio
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Final, NamedTuple, Self

import httpx

from voiceplat.core.addresses import guarded_transport
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import MediaError
from voiceplat.core.reach import PrivateAddress
from voiceplat.core.settings import PlaySettings, SecuritySettings
from voiceplat.metrics.speech import SpeechFigures
from voiceplat.speech.audio import whole_file
from voiceplat.speech.cache import Download, download_path, sound_path, use
from voiceplat.speech_service.decoding import Decoders
from voiceplat.speech_service.http_cache import fresh_until
from voiceplat.speech_service.sharing import SharedWork
from voiceplat.speech_service.shelf import Shelf

_REDIRECTS_MAX: Final = 5
_NOT_MODIFIED: Final = 304
_OK: Final = 200


class _BadStatus(Exception):
    """The server answered, but not with audio; asking again may help."""


class _Answer(NamedTuple):
    """What a request gave; `digest` is empty when the known audio is still right."""

    headers: httpx.Headers
    digest: str


class Fetcher:
    """An async context manager; `fetch` is what it is for."""

    def __init__(  # noqa: PLR0913 - what it fetches with, and where to
        self,
        settings: PlaySettings,
        security: SecuritySettings,
        decoders: Decoders,
        shelf: Shelf,
        rate_hz: int,
        *,
        figures: SpeechFigures | None = None,
    ) -> None:
        self._settings = settings
        self._fetches = (figures or SpeechFigures()).fetches
        self._decoders = decoders
        self._shelf = shelf
        self._rate_hz = rate_hz
        self._downloads: SharedWork[Path] = SharedWork()
        self._attempt_s = (
            settings.connect_timeout_ms + settings.read_timeout_ms
        ) / 1000
        self._http = httpx.AsyncClient(
            transport=guarded_transport(security.reach),
            timeout=httpx.Timeout(
                settings.read_timeout_ms / 1000,
                connect=settings.connect_timeout_ms / 1000,
            ),
            follow_redirects=True,
            max_redirects=_REDIRECTS_MAX,
            headers={"user-agent": "voiceplat", "accept-encoding": "identity"},
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

    async def fetch(self, url: str) -> Path:
        """The audio behind the URL as a WAV in the cache. Raises MediaError."""
        record = download_path(self._shelf.folder, url, self._rate_hz)
        known = Download.read(record)
        if known and known.fresh_until > utc_now().timestamp():
            return Path(known.sound)
        return await self._downloads.get(url, lambda: self._download(url, record))

    async def _download(self, url: str, record: Path) -> Path:
        known = Download.read(record)
        loop = asyncio.get_running_loop()
        began, outcome = loop.time(), "failed"
        try:
            with NamedTemporaryFile(dir=self._shelf.folder, prefix=".") as body:
                answer = await self._request(url, known, body)
                sound = await self._sound(answer, known, Path(body.name))
            outcome = "fetched" if answer.digest else "unchanged"
        except MediaError as error:
            raise MediaError(f"{_shown(url)}: {error}") from error
        finally:
            self._fetches.labels(outcome).observe(loop.time() - began)
        await self._remember(record, sound, answer.headers, utc_now(), known)
        return sound

    async def _request(
        self, url: str, known: Download | None, body: IO[bytes]
    ) -> _Answer:
        """Ask, and once more on any failure that another try can mend."""
        why: Exception = MediaError("nothing was tried")
        for _ in range(self._settings.retries + 1):
            body.seek(0)
            body.truncate()
            try:
                async with asyncio.timeout(self._attempt_s):
                    return await self._attempt(url, known, body)
            except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise MediaError("it is not an http or https URL") from error
            except PrivateAddress as error:
                raise MediaError(str(error)) from error
            except (httpx.HTTPError, _BadStatus, TimeoutError) as error:
                why = error
        raise MediaError(_reason(why)) from why

    async def _attempt(
        self, url: str, known: Download | None, body: IO[bytes]
    ) -> _Answer:
        async with self._http.stream(
            "GET", url, headers=_conditions(known)
        ) as response:
            if known and response.status_code == _NOT_MODIFIED:
                return _Answer(response.headers, digest="")
            if response.status_code != _OK:
                raise _BadStatus(f"the server answered {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise MediaError("the server encoded it, which nobody asked for")
            digest, size = sha256(), 0
            async for block in response.aiter_bytes():
                size += len(block)
                if size > self._settings.file_max_bytes:
                    raise MediaError(
                        f"it is larger than {self._settings.file_max_bytes} bytes"
                    )
                digest.update(block)
                body.write(block)
            body.flush()
            return _Answer(response.headers, digest.hexdigest())

    async def _sound(self, answer: _Answer, known: Download | None, body: Path) -> Path:
        """The decoded audio; bytes decoded before are not decoded again."""
        if known and not answer.digest:
            return Path(known.sound)
        sound = sound_path(self._shelf.folder, answer.digest, self._rate_hz)
        if not use(sound):
            with whole_file(sound) as file:
                await self._decoders.decode(body, Path(file.name))
            await self._shelf.added(sound)
        return sound

    async def _remember(
        self,
        record: Path,
        sound: Path,
        headers: httpx.Headers,
        now: datetime,
        known: Download | None,
    ) -> None:
        kept = known if known and str(sound) == known.sound else None
        download = Download(
            sound=str(sound),
            fresh_until=fresh_until(headers, now).timestamp(),
            etag=headers.get("etag", kept.etag if kept else ""),
            last_modified=headers.get(
                "last-modified", kept.last_modified if kept else ""
            ),
        )
        new = not use(record)
        with whole_file(record) as file:
            file.write(download.to_json())
        if new:
            await self._shelf.added(record)


def _conditions(known: Download | None) -> dict[str, str]:
    conditions = {
        "if-none-match": known.etag if known else "",
        "if-modified-since": known.last_modified if known else "",
    }
    return {name: value for name, value in conditions.items() if value}


def _reason(error: Exception) -> str:
    """A sentence for errors that httpx leaves without words."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "the server took too long"
    return str(error) or type(error).__name__


def _shown(url: str) -> str:
    """The URL without what may be secret in it: user, password, query."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "the URL"
    return str(parsed.copy_with(userinfo=b"", query=None, fragment=None))
