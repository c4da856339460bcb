"""baresip, a phone of Debian's: says a tone, records what it hears, takes any call."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tests.servers.free_ports import free_port
from voiceplat.telephony.listen import write_tone

OWN_HZ: Final = 700.0
_MODULES: Final = "/usr/lib/baresip/modules"
_PATIENCE_S: Final = 20
_TONE_S: Final = 120
_CONFIG: Final = """
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module uuid.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{port}
sip_listen 127.0.0.1:0
sip_verify_server no
audio_source aufile,{tone}
audio_player aubridge,nobody
snd_path {folder}
ausrc_srate 8000
auplay_srate 8000
"""
_ACCOUNT: Final = (
    "<sip:{user}@{domain};transport={transport}>;auth_pass={password}"
    ';outbound="sip:{proxy};transport={transport}";answermode=auto;regint=60'
    "{media}\n"
)


@dataclass(slots=True)
class Baresip:
    folder: Path
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def heard(self) -> list[Path]:
        """WAV of what it heard, one for each description of the session.

        Whole when it has ended.
        """
        return sorted(self.folder.glob("dump-*-dec.wav"))

    async def until_registered(self) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                self._order("reginfo", "")
                if "OK" in (await self._until("response"))["data"]:
                    return
                await asyncio.sleep(0.2)

    async def until(self, event: str) -> None:
        """Returns after the next CALL_ESTABLISHED, CALL_CLOSED, …"""
        async with asyncio.timeout(_PATIENCE_S):
            while (await self._until("event"))["type"] != event:
                pass

    async def call(self, uri: str) -> None:
        self._order("dial", uri)

    async def hang_up(self) -> None:
        self._order("hangup", "")

    def _order(self, command: str, given: str) -> None:
        text = json.dumps({"command": command, "params": given})
        self._writer.write(f"{len(text)}:{text},".encode())

    async def _until(self, kind: str) -> dict[str, Any]:
        while not (told := await self._next()).get(kind):
            pass
        return told

    async def _next(self) -> dict[str, Any]:
        """A netstring of JSON."""
        length = int((await self._reader.readuntil(b":"))[:-1])
        text = await self._reader.readexactly(length + 1)
        told: dict[str, Any] = json.loads(text[:-1])
        return told


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    password: str
    domain: str
    proxy: str
    transport: Literal["udp", "tcp", "tls"]


@asynccontextmanager
async def baresip(folder: Path, account: Account) -> AsyncIterator[Baresip]:
    """A phone that registers; over TLS its audio must be SRTP."""
    port, tone = free_port(), write_tone(folder / "tone.wav", OWN_HZ, _TONE_S)
    (folder / "config").write_text(
        _CONFIG.format(modules=_MODULES, port=port, tone=tone, folder=folder)
    )
    (folder / "accounts").write_text(
        _ACCOUNT.format(
            **asdict(account),
            media=";mediaenc=srtp-mand" if account.transport == "tls" else "",
        )
    )
    with (folder / "baresip.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "TERM", "baresip", "-f", str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        reader, writer = await _connected(port)
        try:
            yield Baresip(folder, reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()
    finally:
        process.terminate()
        await process.wait()


async def _connected(
    port: int,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
