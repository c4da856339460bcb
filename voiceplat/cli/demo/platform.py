"""The platform of the demo, as its operator starts it and fills it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voiceplat.core.errors import VoiceplatError
from voiceplat.edge.audio_ports import spare_audio_ports

READY_WITHIN_S: Final = 90
STOPPED_WITHIN_S: Final = 60


class CommandFailed(VoiceplatError):
    pass


@dataclass(frozen=True, slots=True)
class Running:
    """What `voiceplat up --json` said, and where it writes."""

    api: str
    sip: str
    auth_id: str
    auth_token: str
    data: Path

    async def operate(self, *words: str) -> dict[str, Any]:
        """Run `voiceplat <words> --json` on it; what it printed."""
        config = str(self.data / "voiceplat.toml")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voiceplat", "--config", config, *words, "--json"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise CommandFailed(f"voiceplat {' '.join(words)}: {err.decode()}")
        printed: dict[str, Any] = json.loads(out)
        return printed


@asynccontextmanager
async def running_platform(data: Path, api: str, sip: str) -> AsyncIterator[Running]:
    """Beside whatever else runs on the machine."""
    first, last = spare_audio_ports()
    audio = {
        "VOICEPLAT_SIP__RTP_PORT_MIN": str(first),
        "VOICEPLAT_SIP__RTP_PORT_MAX": str(last),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voiceplat", "up", "--data", str(data)),
        *("--api", api, "--sip", sip, "--json"),
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ) | audio,  # noqa: TID251 - a child's environment
    )
    try:
        yield await _ready(process, data)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOPPED_WITHIN_S):
            await process.wait()


async def _ready(process: asyncio.subprocess.Process, data: Path) -> Running:
    output = process.stdout
    assert output is not None  # noqa: S101 - it is a PIPE
    async with asyncio.timeout(READY_WITHIN_S):
        line = await output.readline()
    if not line:
        raise CommandFailed(f"voiceplat up did not start; see {data / 'logs'}")
    said = json.loads(line)
    return Running(
        api=said["api"],
        sip=said["sip"],
        auth_id=said["auth_id"],
        auth_token=said["auth_token"],
        data=data,
    )
