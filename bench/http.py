"""HTTP/1.1 with kept connections and nothing between the bytes and the stopwatch."""

import asyncio
import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bench.stamped import now_ns

ANSWER_WITHIN_S: Final = 10.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    asked_ns: int
    took_ms: float


class Api:
    """The REST API of one account, as its customer's program uses it."""

    def __init__(self, base: str, auth_id: str, auth_token: str) -> None:
        at = urlsplit(base)
        self._host, self._port = at.hostname or "", at.port or 80
        self._path = f"/v1/Account/{auth_id}/"
        secret = base64.b64encode(f"{auth_id}:{auth_token}".encode()).decode()
        self._head = (
            f"Host: {at.netloc}\r\nAuthorization: Basic {secret}\r\n"
            "Content-Type: application/json\r\n"
        )
        self._idle: list[Connection] = []

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Raises OSError or TimeoutError when there is no answer."""
        reader, writer = await self._connection()
        body = json.dumps(fields)
        request = (
            f"POST {self._path}{path} HTTP/1.1\r\n{self._head}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        asked = now_ns()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            writer.write(request.encode())
            status, text = await _answer(reader)
        took = (now_ns() - asked) / 1e6
        self._idle.append((reader, writer))
        return Answer(status, json.loads(text or "null"), asked, took)

    async def _connection(self) -> Connection:
        """One that the server has not closed meanwhile, or a new one."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next(
        int(line.partition(":")[2])
        for line in head
        if line.lower().startswith("content-length:")
    )
    return int(head[0].split()[1]), await reader.readexactly(length)
