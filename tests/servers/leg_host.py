"""The worker of another process: dials, or takes an INVITE, and lends the leg.

    async with LegHost.start() as host:
        wanted by `host.dial` and `host.take` is told to it as a bus would

The process itself: one phone; each line of stdin is `dial` or `take` and a LegWanted.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from pydantic import SecretStr
from typing_extensions import override

from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import Destination
from voiceplat.core.settings import SecuritySettings, Settings
from voiceplat.links.link_socket import LinkSocket
from voiceplat.media.lending import LendingPhone, lend
from voiceplat.telephony.link import Link
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone

RTP_PORT_MIN = 21000
SECRET = SecretStr("Zm9yIHRlc3RzIG9ubHksIHNlYWxzIG5vdGhpbmcgcmU=")
LINE_MAX = 1 << 18


class LegHost:
    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.address = address
        """`IP:PORT` of its phone."""
        self._process = process

    @classmethod
    @asynccontextmanager
    async def start(cls) -> AsyncIterator["LegHost"]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.servers.leg_host"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            address = (await process.stdout.readline()).decode().strip()
            yield cls(process, address)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def tell(self, how: str, wanted: LegWanted) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{how} {wanted.model_dump_json()}\n".encode())

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()


@dataclass(frozen=True)
class Taker(LendingPhone):
    """Lends what rings, not what it dials."""

    phone: PjPhone

    @override
    def open_link(self, ends_at: LinkSocket) -> Link:
        return self.phone.open_link(ends_at)

    @override
    async def dial(self, to: Destination) -> PjLeg:
        _, leg = await self.phone.next_call()
        return leg


async def serve() -> None:
    reader = asyncio.StreamReader(limit=LINE_MAX)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    settings = Settings(security=SecuritySettings(secret_key=SECRET))
    of_phone = PhoneSettings(rtp_port_min=RTP_PORT_MIN)
    async with PjPhone.open(of_phone) as phone, asyncio.TaskGroup() as lent:
        sys.stdout.write(f"{phone.address}\n")
        sys.stdout.flush()
        phones = {"dial": phone, "take": Taker(phone)}
        tasks = []
        while line := await reader.readline():
            how, _, text = line.decode().partition(" ")
            wanted = LegWanted.model_validate_json(text)
            task = lent.create_task(lend(wanted, phones[how], settings))
            tasks.append(task)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(serve())
