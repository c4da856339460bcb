"""Child processes of `voiceplat up`: started, watched, restarted, ended in order."""

import asyncio
import os
import secrets
import signal
import socket
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import structlog

from voiceplat.core.errors import VoiceplatError

log = structlog.get_logger()

RESTARTS_MAX: Final = 5
"""In a row; one that has run for STEADY_AFTER_S before it died begins a new row."""
STEADY_AFTER_S: Final = 30.0
RESTART_AFTER_S: Final = 1.0
LAST_LINES: Final = 12
BACKLOG: Final = 2048
"""Connections that wait for a server which is restarted."""
PORTS: Final = range(12000, 20000)
MARKS_MAX: Final = 200
"""Ports given last: kept from others until whoever was given them has taken them."""
_marks: Final[deque[socket.socket]] = deque()


class ChildFailed(VoiceplatError):
    def __init__(self, name: str, status: int | None, log_file: Path) -> None:
        lines = log_file.read_text(errors="replace").splitlines()[-LAST_LINES:]
        super().__init__(
            f"{name} ended with status {status}; the end of {log_file}:\n  "
            + "\n  ".join(lines)
        )


class CannotListen(VoiceplatError):
    def __init__(self, where: str, host: str, port: int, error: OSError) -> None:
        super().__init__(f"cannot listen on {host}:{port} ({where}): {error.strerror}")


class Child:
    """One process, its output in `<log_dir>/<name>.log`.

    It leads a session of its own, so that Ctrl-C reaches only `up`, and it gets SIGTERM
    when `up` dies without a word.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log_dir: Path,
        *,
        holds: Sequence[int] = (),
    ) -> None:
        """`holds` are file descriptors that stay open for as long as it lives."""
        self.name = name
        self._argv = ("setpriv", "--pdeathsig", "TERM", *argv)
        self._holds = holds
        self._log = log_dir / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._ending = False

    async def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=self._holds,
            )

    async def keep(self) -> None:
        """Restart it whenever it dies; raises ChildFailed when it keeps dying."""
        loop = asyncio.get_running_loop()
        in_a_row = 0
        while True:
            since = loop.time()
            status = await self.ended()
            if self._ending:
                return
            in_a_row = 1 if loop.time() - since > STEADY_AFTER_S else in_a_row + 1
            if in_a_row > RESTARTS_MAX:
                raise ChildFailed(self.name, status, self._log)
            log.error("process_died", name=self.name, status=status)
            await asyncio.sleep(RESTART_AFTER_S)
            await self.start()

    async def ended(self) -> int | None:
        """Its exit status, once it has ended; None when it was never started."""
        return await self._process.wait() if self._process else None

    async def failed(self) -> None:
        """Raises ChildFailed when it ends (while starting up, any end is a failure)."""
        raise ChildFailed(self.name, await self.ended(), self._log)

    def hurry(self) -> None:
        """Tell it once more that it must end, if it was told."""
        process = self._process
        if self._ending and process is not None and process.returncode is None:
            process.terminate()

    async def stop(self, timeout_s: float) -> None:
        """SIGTERM, and SIGKILL to its whole session after `timeout_s`."""
        self._ending = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(timeout_s):
                await process.wait()
        except TimeoutError:
            log.warning("process_killed", name=self.name, after_s=timeout_s)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def require_free(where: str, host: str, port: int) -> None:
    """Raises CannotListen unless UDP and TCP of that address can be had now."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:  # as servers do, past connections or not
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotListen(where, host, port, error) from error


def listening(where: str, host: str, port: int) -> socket.socket:
    """Connections wait there until somebody serves it. Raises CannotListen."""
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(where, host, port, error) from error


def port_or_other(host: str, port: int) -> int:
    """That port; a free one when somebody has it."""
    try:
        require_free("", host, port)
    except CannotListen:
        return free_port()
    return port


def free_port() -> int:
    """A port of 127.0.0.1 that is free now, for UDP and for TCP.

    From a range that no system gives to connections going out: what is free now will
    then be free a moment later, too. Nobody else who asks here is given it meanwhile.
    """
    while True:
        port = secrets.choice(PORTS)
        with ExitStack() as stack, suppress(OSError):
            mark = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            mark.bind(f"\0voiceplat-port-{port}")  # one process of a machine has it
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
            if len(_marks) == MARKS_MAX:
                _marks.popleft().close()
            _marks.append(mark)
            stack.pop_all()
            return port
