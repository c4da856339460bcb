"""What may be connected to on a customer's behalf."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest

from voiceplat.core.addresses import guarded_transport
from voiceplat.core.reach import PrivateAddress, Reach

NAMED = Reach(networks=(ip_network("127.0.0.20/32"), ip_network("fd00:1::/32")))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.1.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, not one to listen on
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:a00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(PrivateAddress):
        Reach().require(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_passes(address: str) -> None:
    Reach().require(address)


def test_a_private_address_passes_where_the_setting_allows_it() -> None:
    Reach(everywhere=True).require("127.0.0.1")


@pytest.mark.parametrize(
    "address", ["127.0.0.20", "::ffff:127.0.0.20", "fd00:1::7", "8.8.8.8"]
)
def test_networks_that_are_named_are_within_reach(address: str) -> None:
    NAMED.require(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.21", "fd00:2::7", "::1"])
def test_those_beside_them_are_not(address: str) -> None:
    with pytest.raises(PrivateAddress):
        NAMED.require(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_no_connection_is_made_to_a_private_address(host: str) -> None:
    async with _web_server() as (port, connections):
        transport = guarded_transport(Reach())

        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises((PrivateAddress, httpx.InvalidURL)):
                await client.get(f"http://{host}:{port}/")

        assert connections == []


async def test_a_name_that_leads_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _web_server() as (port, connections):
        _answer_names_with(monkeypatch, "127.0.0.1")

        async with httpx.AsyncClient(transport=guarded_transport(Reach())) as client:
            with pytest.raises(PrivateAddress):
                await client.get(f"http://public.example:{port}/")

        assert connections == []


async def test_the_address_connected_to_is_the_one_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _web_server() as (port, connections):
        asked = _answer_names_with(monkeypatch, "127.0.0.1", then="127.9.9.9")

        async with httpx.AsyncClient(
            transport=guarded_transport(Reach(everywhere=True))
        ) as client:
            await client.get(f"http://rebind.example:{port}/")

        assert asked == ["rebind.example"]
        assert len(connections) == 1


async def test_a_private_address_is_connected_to_where_the_setting_allows_it() -> None:
    async with _web_server() as (port, connections):
        transport = guarded_transport(Reach(everywhere=True))
        async with httpx.AsyncClient(
            transport=transport, follow_redirects=True
        ) as client:
            answer = await client.get(f"http://localhost:{port}/")

        assert answer.text == "ok"
        assert len(connections) == 1


def _answer_names_with(
    monkeypatch: pytest.MonkeyPatch, first: str, then: str = ""
) -> list[str]:
    """Names resolve to `first` once and to `then` ever after; the names asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        address = first if len(asked) == 1 else then
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    return asked


@asynccontextmanager
async def _web_server() -> AsyncIterator[tuple[int, list[str]]]:
    connections: list[str] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connections.append(str(writer.get_extra_info("peername")))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], connections


@pytest.mark.parametrize("host", ["a..example", "a" * 64 + ".example"])
async def test_a_name_that_cannot_be_one_is_a_failed_connection(host: str) -> None:
    transport = guarded_transport(Reach(everywhere=True))

    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(httpx.ConnectError, match="no host name"):
            await client.get(f"http://{host}/")
