"""Asking the two servers: Kamailio by JSON-RPC over a Unix socket, rtpengine by ng.

Both speak datagrams, one question and one answer each.
"""

import asyncio
import json
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.edge import bencode

ANSWER_TIMEOUT_S: Final = 2.0
_DATAGRAM_MAX: Final = 65536


class RpcRefused(VoiceplatError):
    """Kamailio understood the question and said no."""


async def kamailio_rpc(socket_path: Path, method: str, *params: str | int) -> Any:  # noqa: ANN401 - JSON of any shape
    """The result of one RPC command.

    Raises Unavailable when Kamailio does not answer, RpcRefused when it refuses.
    """
    question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind("")  # an abstract name of the kernel's choice, to be answered at
        text = await exchange(
            link, str(socket_path), json.dumps(question).encode(), "Kamailio"
        )
    answer = json.loads(text)
    if "error" in answer:
        raise RpcRefused(f"{method}: {answer['error'].get('message', '')}")
    return answer.get("result")


async def ping_rtpengine(host: str, port: int) -> None:
    """Raises Unavailable when rtpengine does not answer."""
    await _ask_rtpengine(host, port, "d7:command4:pinge")


async def rtpengine_statistics(host: str, port: int) -> dict[str, Any]:
    """What rtpengine counts. Raises Unavailable."""
    answer = await _ask_rtpengine(host, port, "d7:command10:statisticse")
    try:
        match bencode.decode(answer):
            case {"statistics": dict() as statistics}:
                return statistics
    except bencode.NotBencode as error:
        raise Unavailable("rtpengine", str(error)) from error
    raise Unavailable("rtpengine", "it does not tell its statistics")


async def forget_call(host: str, port: int, call_id: str) -> None:
    """Have rtpengine close the ports of a call, if it has any. Raises Unavailable."""
    name = call_id.encode()
    what = f"d7:call-id{len(name)}:{call_id}7:command6:deletee"
    await _ask_rtpengine(host, port, what)


async def _ask_rtpengine(host: str, port: int, command: str) -> bytes:
    cookie = secrets.token_hex(8)  # an answer to a cookie of before would be of before
    question = f"{cookie} {command}".encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        answer = await exchange(link, (host, port), question, "rtpengine")
    return answer.partition(b" ")[2]


async def exchange(
    link: socket.socket, address: str | tuple[str, int], question: bytes, part: str
) -> bytes:
    """The answer to one datagram; raises Unavailable with `part` when none comes."""
    loop = asyncio.get_running_loop()
    link.setblocking(False)
    try:
        link.connect(address)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await loop.sock_sendall(link, question)
            return await loop.sock_recv(link, _DATAGRAM_MAX)
    except (OSError, TimeoutError) as error:
        raise Unavailable(part, str(error)) from error
    finally:
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
