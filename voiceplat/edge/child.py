"""A server program as a child: started, watched, restarted with backoff, ended.

It leads a session of its own, so that all of it can be ended; `setpriv --pdeathsig`
ends it when this process dies without a word. What it writes becomes our log.
"""

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from typing import Final

import structlog

from voiceplat.core.errors import Unavailable, VoiceplatError

log = structlog.get_logger()

START_TIMEOUT_S: Final = 10.0
STOP_TIMEOUT_S: Final = 5.0
POLL_S: Final = 0.02
BACKOFF_FIRST_S: Final = 0.2
BACKOFF_MAX_S: Final = 10.0
STEADY_AFTER_S: Final = 30.0
LAST_LINES: Final = 8
_BEGINNING: Final = re.compile(
    r"\s*(\d+\(\d+\) |\[|(DEBUG|INFO|NOTICE|WARN(ING)?|ERR(OR)?|CRITICAL|ALERT|BUG):"
    r"|\d+:[CMS] \d)"
)
"""Of what a server says by itself. The lines after it are of a message from outside,
with whatever secrets that has."""
_TROUBLE: Final = re.compile(
    r"\b(WARNING|ERROR|CRITICAL|ALERT|WARN|ERR|CRIT)\b"
    r"|^\d+:[CMS] .*(Error|Fatal|[Ff]ailed|Can't)"
)
"""The second line is Redis', which has no word for it."""


class StartFailed(VoiceplatError):
    """A server ended or stayed silent while it started; carries its last words."""


class Child:
    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        answers: Callable[[], Awaitable[object]],
        *,
        died: Callable[[], object] = lambda: None,
    ) -> None:
        """`answers` raises Unavailable while the server cannot be asked yet.

        `died` is called when it ended and was not told to.
        """
        self.name = name
        self._argv = ("setpriv", "--pdeathsig", "TERM", *argv)
        self._answers = answers
        self._died = died
        self._process: Process | None = None
        self._listener: asyncio.Task[None] | None = None
        self._words: deque[str] = deque(maxlen=LAST_LINES)

    @property
    def pid(self) -> int:
        """Of the running program (setpriv has become it)."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it; returns when it answers. Raises StartFailed."""
        # a pipe of asyncio's would hide its end until all its children have ended
        ear, mouth = os.pipe()
        self._words.clear()
        self._listener = asyncio.create_task(self._listen(ear))
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=DEVNULL,
                stdout=mouth,
                stderr=STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(mouth)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await self._is_up():
                    if process.returncode is not None:
                        await self._bury()  # and hear its last words
                        raise self._failure(f"ended with {process.returncode}")
                    await asyncio.sleep(POLL_S)
        except TimeoutError as error:
            raise self._failure(f"silent for {START_TIMEOUT_S:.0f} s") from error
        log.info("server_started", server=self.name, pid=process.pid)

    async def keep(self) -> None:
        """Restart it whenever it ends, for ever."""
        loop = asyncio.get_running_loop()
        wait = BACKOFF_FIRST_S
        while True:
            since = loop.time()
            status = await self._process.wait() if self._process else None
            await self._bury()
            self._died()
            log.error("server_died", server=self.name, status=status, restart_in_s=wait)
            if loop.time() - since > STEADY_AFTER_S:
                wait = BACKOFF_FIRST_S
            await asyncio.sleep(wait)
            wait = min(wait * 2, BACKOFF_MAX_S)
            try:
                await self.start()
            except StartFailed as error:
                log.error("server_restart_failed", server=self.name, why=str(error))  # noqa: TRY400 - its words are what matters
                await self.stop()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                log.warning("server_killed", server=self.name)
        await self._bury()

    def send_signal(self, number: signal.Signals) -> None:
        """Nothing happens when it does not run."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _bury(self) -> None:
        """Nothing of it is left: a child of a killed Kamailio would keep its ports."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        if self._listener is not None:
            await self._listener

    async def _is_up(self) -> bool:
        try:
            await self._answers()
        except Unavailable:
            return False
        return True

    async def _listen(self, ear: int) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ear, "rb")
        )
        with closing(transport):
            async for line in reader:
                text = line.decode(errors="replace").rstrip()
                if not text:
                    continue
                self._words.append(text)
                if not _BEGINNING.match(text):
                    continue
                say = log.warning if _TROUBLE.search(text) else log.info
                say("server_said", process=self.name, text=text)

    def _failure(self, how: str) -> StartFailed:
        return StartFailed("\n  ".join([f"{self.name} {how}", *self._words]))
