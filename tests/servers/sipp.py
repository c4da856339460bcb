"""SIPp plays a party of a call by a scenario of tests/sipp, and says how it went.

A calling scenario is judged by SIPp's exit status. A called one is probed with OPTIONS
meanwhile, each a call to SIPp; it writes the file `done` when its INVITE went well.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

SCENARIOS = Path(__file__).parents[1] / "sipp"
TIMEOUT_S = 20


class SippFailed(AssertionError):
    pass


async def sipp(  # noqa: PLR0913 - the options of one run, each by name
    scenario: str,
    *,
    host: str,
    port: int,
    to: str,
    user: str = "",
    fields: str = "",
    pause_ms: int = 0,
) -> None:
    """Run a calling scenario towards `to` once. Raises SippFailed with its log."""
    with tempfile.TemporaryDirectory(prefix="vp-sipp-") as name:
        folder = Path(name)
        (folder / "fields.csv").write_text(f"SEQUENTIAL\n{fields}\n")
        process = await _start(
            folder,
            scenario,
            f"{host}:{port}",
            *(to, "-m", "1", "-s", user or "x", "-d", str(pause_ms)),
            *(("-inf", "fields.csv") if fields else ()),
            *("-timeout", str(TIMEOUT_S)),
        )
        if await process.wait():
            raise _failed(folder, scenario, process)


@asynccontextmanager
async def sipp_waits(scenario: str, *, host: str, port: int) -> AsyncIterator[None]:
    """A called party; leaving the block waits until its call is over."""
    with tempfile.TemporaryDirectory(prefix="vp-sipp-") as name:
        folder = Path(name)
        process = await _start(folder, scenario, f"{host}:{port}")
        try:
            await _until(lambda: _is_bound(host, port))
            yield
            await _until((folder / "done").exists)
        except TimeoutError:
            raise _failed(folder, scenario, process) from None
        finally:
            process.kill()
            await process.wait()


async def _start(
    folder: Path, scenario: str, at: str, *options: str
) -> asyncio.subprocess.Process:
    host, _, port = at.rpartition(":")
    return await asyncio.create_subprocess_exec(
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", host, "-p", port),
        *("-nostdin", "-trace_err", "-error_file", "errors.log", *options),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not fact():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.02)


def _is_bound(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _failed(
    folder: Path, scenario: str, process: asyncio.subprocess.Process
) -> SippFailed:
    errors = folder / "errors.log"
    log = errors.read_text()[-2000:] if errors.exists() else ""
    return SippFailed(f"{scenario}: status {process.returncode}\n{log}")
