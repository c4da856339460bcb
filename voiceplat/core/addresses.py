"""Which addresses a customer's URL may lead to, checked where the connection is made.

A name may resolve to one address when it is looked at and to another when it is
connected to; so the transport resolves once, checks every answer, and connects to one
of the very addresses that it has checked. Redirects pass through the same door.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address

import httpcore
import httpx
from typing_extensions import override

from voiceplat.core.reach import PrivateAddress, Reach

SocketOption = (
    tuple[int, int, int]
    | tuple[int, int, bytes | bytearray]
    | tuple[int, int, None, int]
)


def guarded_transport(
    reach: Reach, *, limits: httpx.Limits | None = None
) -> httpx.AsyncHTTPTransport:
    """A transport for `httpx.AsyncClient(transport=…)` that checks each connection.

    A request to a refused address raises PrivateAddress, before a byte is sent.
    """
    return _GuardedTransport(_GuardedBackend(reach), limits or httpx.Limits())


@cache
def trusted_authorities() -> ssl.SSLContext:
    """One for the process and what is forked from it: it takes 4 MB."""
    return httpx.create_ssl_context()


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx has no parameter for httpcore's network backend; the pool takes one."""

    def __init__(self, backend: "_GuardedBackend", limits: httpx.Limits) -> None:
        tls = trusted_authorities()
        super().__init__(verify=tls, limits=limits)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend,
        )


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._network = httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await _resolve(host, port)
                for address in addresses:
                    self._reach.require(address)
                return await self._first_that_answers(
                    addresses, port, local_address, socket_options
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host}: no answer in time") from error

    @override
    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise PrivateAddress(path)

    @override
    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _first_that_answers(
        self,
        addresses: list[str],
        port: int,
        local_address: str | None,
        socket_options: Iterable[SocketOption] | None,
    ) -> httpcore.AsyncNetworkStream:
        refusal: httpcore.ConnectError | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, None, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                refusal = error
        raise refusal or httpcore.ConnectError("the name has no address")


async def _resolve(host: str, port: int) -> list[str]:
    """Every address of the name, in the order the resolver prefers.

    The resolver has a thread, and one waits for it: not for what is an address.
    """
    with suppress(ValueError):
        return [str(IPv4Address(host))]
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise httpcore.ConnectError(f"{host}: {error.strerror}") from error
    except UnicodeError as error:  # a label that is empty or too long
        raise httpcore.ConnectError(f"{host}: it is no host name") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
