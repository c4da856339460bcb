"""The front of `voiceplat run`: TLS for Plivo's names on loopback, the API behind it.

A process of its own: `voiceplat run` starts it, then becomes the user's program. It
says where it listens in one line of JSON, leaves that program's children, and ends when
the program does. Of HTTP it reads the head of a request: what follows is passed on.
"""

import asyncio
import json
import os
import re
import shutil
import ssl
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_server, socket
from tempfile import mkdtemp
from typing import Final
from urllib.parse import urlsplit

from voiceplat.cli.sdk.certificate import Certificate, new_certificate
from voiceplat.core.race import first_of

UNFINISHED: Final = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""How a connection ends that brings no request, or more than one can have."""
PIECE_BYTES: Final = 1 << 16
CONNECT: Final = re.compile(r"CONNECT \[?([^\]\s]+)\]?:(\d{1,5}) HTTP/1\.")
PLIVO: Final = re.compile(r"(?i)(^|\.)plivo\.com$")
ROOTS: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""What Debian's programs trust."""
OWN_HEADERS: Final = re.compile(rb"(?i)\r\n(?:host|connection):[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Api:
    """Where the platform's REST API is."""

    url: str

    @property
    def authority(self) -> str:
        return urlsplit(self.url).netloc

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        return await asyncio.open_connection(
            parts.hostname,
            parts.port or (443 if secure else 80),
            ssl=ssl.create_default_context() if secure else None,
        )

    def addressed(self, head: bytes) -> bytes:
        """The head of a request to Plivo as one to this API, on its own connection."""
        line, _, _ = head.partition(b"\r\n")
        rest = OWN_HEADERS.sub(b"", head.removeprefix(line))
        ours = f"\r\nHost: {self.authority}\r\nConnection: close"
        return line + ours.encode() + rest


class Front:
    def __init__(self, api: Api, port: int) -> None:
        self._api = api
        self._port = port

    async def take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection of the program, one request."""
        with closing(writer), suppress(*UNFINISHED):
            head = await reader.readuntil(b"\r\n\r\n")
            try:
                answers, requests = await self._api.connect()
            except OSError as error:
                writer.write(self._nobody_there(error))
                await writer.drain()
                return
            with closing(requests):
                requests.write(self._api.addressed(head))
                sending = asyncio.create_task(_pass_on(reader, requests))
                try:
                    await _pass_on(answers, writer)
                finally:
                    sending.cancel()

    async def tunnel(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection of a program that asks a proxy: Plivo's names lead to us."""
        with closing(writer), suppress(*UNFINISHED):
            head = await reader.readuntil(b"\r\n\r\n")
            found = CONNECT.match(head.decode("latin-1"))
            if found is None:
                writer.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
                await writer.drain()
                return
            host, port = found[1], int(found[2])
            if port == 443 and PLIVO.search(host):
                host, port = "127.0.0.1", self._port
            answers, requests = await asyncio.open_connection(host, port)
            with closing(requests):
                writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                await first_of(_pass_on(reader, requests), _pass_on(answers, writer))

    def _nobody_there(self, error: OSError) -> bytes:
        body = json.dumps(
            {"error": f"voiceplat run: no API at {self._api.url}: {error}"}
        ).encode()
        return (
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def _pass_on(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(PIECE_BYTES):
            goal.write(piece)
            await goal.drain()


@dataclass(frozen=True, slots=True)
class Listening:
    """Both on 127.0.0.1; the second is for programs that ask a proxy."""

    tls: socket
    proxy: socket


async def serve(
    api: Api, listening: Listening, certificate: Certificate, program: int
) -> None:
    """Until the process of that descriptor (pidfd_open(2)) has ended."""
    front = Front(api, _port(listening.tls))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(program, ended.set)
    tls = await asyncio.start_server(
        front.take, sock=listening.tls, ssl=certificate.server_context()
    )
    proxy = await asyncio.start_server(front.tunnel, sock=listening.proxy)
    async with tls, proxy:
        await ended.wait()


def _port(listening: socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def main(api: str, pid: int) -> None:
    program = os.pidfd_open(pid)
    certificate = new_certificate()
    folder = Path(mkdtemp(prefix="voiceplat-run-"))
    trusted = folder / "front.pem"
    trusted.write_bytes(certificate.certificate)
    roots = ROOTS.read_bytes() if ROOTS.exists() else b""
    (folder / "roots.pem").write_bytes(roots + certificate.certificate)
    anywhere = ("127.0.0.1", 0)
    listening = Listening(create_server(anywhere), create_server(anywhere))
    said = {
        "port": _port(listening.tls),
        "proxy_port": _port(listening.proxy),
        "certificate": str(trusted),
        "roots": str(folder / "roots.pem"),
    }
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    if os.fork():
        os._exit(0)  # the one that serves is nobody's child but the system's
    _let_go_of_terminal()
    try:
        asyncio.run(serve(Api(api), listening, certificate, program))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _let_go_of_terminal() -> None:
    with Path(os.devnull).open("r+b") as nothing:
        for stream in (0, 1, 2):
            os.dup2(nothing.fileno(), stream)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
