"""The customer's web server, a process of its own: documents, and what they play.

python -m bench.customer     prints its URL, serves until its stdin ends
"""

import asyncio
import itertools
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn

from voiceplat.telephony.listen import write_tone

WORDS: Final = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
DIAL: Final = "/dial/"
"""What follows in the path is `HOST:PORT` of the callee."""
TONE_HZ: Final = 620
TONE_S: Final = 15.0
"""Longer than any call that plays it."""

Asgi = MutableMapping[str, Any]
_numbers = itertools.count(1)


def spoken(number: int) -> str:
    """Ten words that were never said before."""
    digits = " ".join(WORDS[int(digit)] for digit in f"{number:05}")
    return f"your code is {digits} thank you"


def _document(path: str, host: str) -> str:
    match path:
        case "/play":
            inside = f"<Play>http://{host}/tone.wav</Play>"
        case "/menu":
            inside = (
                f'<GetDigits action="http://{host}/pressed" numDigits="1">'
                f"<Play>http://{host}/tone.wav</Play></GetDigits>"
                '<Wait length="30"/>'
            )
        case "/speak":
            inside = f"<Speak>{spoken(next(_numbers))}</Speak>"
        case _ if path.startswith(DIAL):
            inside = f"<Dial><User>sip:callee@{path.removeprefix(DIAL)}</User></Dial>"
        case _:
            inside = "<Hangup/>"
    return f"<Response>{inside}</Response>"


def application(tone: bytes) -> Callable[..., Awaitable[None]]:
    async def answer(
        scope: Asgi, _: object, send: Callable[[Asgi], Awaitable[None]]
    ) -> None:
        kind, body = b"text/xml", tone
        if scope["path"] == "/tone.wav":
            kind = b"audio/wav"
        else:
            host = dict(scope["headers"])[b"host"].decode()
            body = _document(scope["path"], host).encode()
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"max-age=3600"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


@asynccontextmanager
async def customer_server() -> AsyncIterator[str]:
    """Its URL."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.customer"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def _serve() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder) / "tone.wav", TONE_HZ, TONE_S).read_bytes()
    # with its protocol named: else asyncio leaves Nagle's algorithm on, and each
    # answer on a connection that was used before waits 40 ms for its second half
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application(tone), log_level="critical", access_log=False, lifespan="off"
        )
    )
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: setattr(server, "should_exit", True))
    await server.serve([listening])


if __name__ == "__main__":
    asyncio.run(_serve())
