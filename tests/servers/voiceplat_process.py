"""One more process of a platform that runs already, as a second API or media node."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.platform import Platform


@dataclass(frozen=True, slots=True)
class VoiceplatProcess:
    process: asyncio.subprocess.Process
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text()

    def terminate(self) -> None:
        """SIGTERM."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)


@asynccontextmanager
async def one_more(
    name: str, of: Platform, settings: Mapping[str, str]
) -> AsyncIterator[VoiceplatProcess]:
    """`settings` are environment names without their `VOICEPLAT_`; beside the rest."""
    log_file = of.data / "logs" / f"{name}-more.log"
    config = ("--config", str(of.data / "voiceplat.toml"))
    chosen = {f"VOICEPLAT_{key}": value for key, value in settings.items()}
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "TERM"),
            *(sys.executable, "-m", "voiceplat", *config, name),
            stdout=log,
            stderr=log,
            env=dict(os.environ) | chosen,  # noqa: TID251 - a child's environment
        )
    made = VoiceplatProcess(process, log_file)
    try:
        yield made
    finally:
        made.terminate()
        await process.wait()
