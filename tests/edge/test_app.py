"""The process that runs Kamailio and rtpengine."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.edge.conftest import CARRIER_HOST, call_in, register, until
from tests.edge.dialog import connect
from tests.edge.party import Party, udp_party
from tests.servers.edge import RTP_PORTS, EdgeServer, edge_server
from tests.servers.free_ports import free_port
from tests.servers.rtp_ports import rtp_ports
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import Settings
from voiceplat.edge.app import check
from voiceplat.edge.child import Child, StartFailed
from voiceplat.edge.control import RpcRefused, kamailio_rpc
from voiceplat.edge.render import CannotConfigure

pytestmark = pytest.mark.edge


async def restarted(child: Child, old: int) -> None:
    async def is_new() -> bool:
        return child.pid != old

    await until(is_new, within_s=10)


async def test_a_kamailio_that_dies_is_started_again(
    edge: EdgeServer, phone: Party
) -> None:
    old = edge.edge.kamailio.pid
    os.kill(old, signal.SIGKILL)
    await restarted(edge.edge.kamailio, old)

    async def registers() -> bool:
        try:
            return await register(phone, edge) == 200
        except AssertionError:
            return False

    await until(registers, within_s=40)


async def test_a_call_outlives_a_kamailio_that_dies(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    ours, theirs = await connect(call_in(carrier, edge).send(), worker)
    old = edge.edge.kamailio.pid
    os.kill(old, signal.SIGKILL)
    await restarted(edge.edge.kamailio, old)
    await asyncio.sleep(0.5)

    theirs.request("INFO")
    carrier.reply(await carrier.expect("INFO"), 200)
    await worker.expect(200)
    await ours.hang_up_with(theirs)


async def test_an_rtpengine_that_dies_is_started_again(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    old = edge.edge.rtpengine.pid
    os.kill(old, signal.SIGKILL)
    await restarted(edge.edge.rtpengine, old)
    await asyncio.sleep(0.5)

    call_in(carrier, edge).send()
    await worker.expect("INVITE", within_s=8)


async def test_a_new_trunk_may_call_at_once(
    edge: EdgeServer, directory: Bus, worker: Party
) -> None:
    async with udp_party("127.0.0.12", edge.outside) as newcomer:
        await call_in(newcomer, edge).send().refused(403)

        await directory.directory.put_trunks(
            [TrunkEntry(id=9, name="new", host="127.0.0.12", port=5060)]
        )

        await until(heard_after_calls(worker, "INVITE", newcomer, edge))
    assert worker.heard_first("INVITE").get("X-VP-Who") == "9"


async def test_a_trunk_that_was_taken_away_may_not_call(
    edge: EdgeServer, directory: Bus, carrier: Party
) -> None:
    await directory.directory.put_trunks([])

    await until(heard_after_calls(carrier, "SIP/2.0 403", carrier, edge))


async def test_a_trunk_whose_name_is_unknown_harms_no_other(
    edge: EdgeServer, directory: Bus, worker: Party
) -> None:
    await directory.directory.put_trunks(
        [
            TrunkEntry(id=8, name="lost", host="no-such-host.invalid", port=5060),
            TrunkEntry(id=9, name="new", host="127.0.0.12", port=5060),
        ]
    )

    async with udp_party("127.0.0.12", edge.outside) as newcomer:
        await until(heard_after_calls(worker, "INVITE", newcomer, edge), within_s=8)


def heard_after_calls(
    listener: Party, first: str, caller: Party, edge: EdgeServer
) -> Callable[[], Awaitable[bool]]:
    """A condition that calls each time it is asked."""

    async def heard() -> bool:
        call_in(caller, edge).send()
        await asyncio.sleep(0.02)
        return any(text.startswith(first) for text in listener.heard)

    return heard


async def test_it_starts_without_redis(carrier_ports: tuple[int, int]) -> None:
    with edge_server(f"redis://127.0.0.1:{free_port()}/0") as edge:
        async with udp_party(CARRIER_HOST, edge.outside) as phone:
            assert await register(phone, edge) == 503


async def test_the_advertised_address_is_what_the_world_sees(
    redis_url: str, directory: Bus, carrier_ports: tuple[int, int]
) -> None:
    with edge_server(redis_url, advertised_host="198.51.100.7") as edge:
        async with (
            udp_party(CARRIER_HOST, edge.outside) as carrier,
            udp_party(edge.private[0], edge.private) as worker,
        ):
            await directory.slots.announce(f"{worker.host}:{worker.port}", 1, 0)
            call_in(carrier, edge).send()
            invite = await worker.expect("INVITE")
            worker.reply(invite, 180, tag="w", body=invite.body, Contact=worker.contact)
            ringing = await carrier.expect(180)

    assert f"@198.51.100.7:{edge.outside[1]}" in ringing.get("Contact")
    assert "c=IN IP4 198.51.100.7" in ringing.body


async def test_check_is_content_with_the_defaults(edge: EdgeServer) -> None:
    await check(edge.settings)


async def test_check_tells_kamailios_own_words(edge: EdgeServer) -> None:
    sip = edge.settings.sip.model_copy(update={"host": "not an address"})

    with pytest.raises(CannotConfigure, match="ip address"):
        await check(edge.settings.model_copy(update={"sip": sip}))


async def test_kamailio_says_no_to_unknown_commands(edge: EdgeServer) -> None:
    with pytest.raises(RpcRefused):
        await kamailio_rpc(edge.settings.data / "edge" / "rpc.sock", "no.such")


async def test_a_server_that_cannot_start_tells_why() -> None:
    async def never() -> None:
        raise Unavailable("Kamailio")

    child = Child("kamailio", ["kamailio", "-f", "/no/such/file", "-DD", "-E"], never)

    with pytest.raises(StartFailed, match="No such file"):
        await child.start()
    await child.stop()


async def test_sigterm_ends_everything(redis_url: str, tmp_path: Path) -> None:
    with edge_server(redis_url) as edge:
        settings = edge.settings.model_copy(update={"data": tmp_path})
    program = (
        "import asyncio; from voiceplat.core.settings import load_settings;"
        "from voiceplat.edge.app import run; asyncio.run(run(load_settings()))"
    )
    with rtp_ports(RTP_PORTS) as ports:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program),
            stdout=PIPE,
            env=environment(settings, ports),
        )
        assert process.stdout is not None
        async for line in process.stdout:
            if b"edge_ready" in line:
                break

        process.terminate()

        rest = await process.stdout.read()
        assert await process.wait() == 0
    assert b"server_died" not in rest


def environment(settings: Settings, rtp: tuple[int, int]) -> dict[str, str]:
    sip, (first, last) = settings.sip, rtp
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "VOICEPLAT_DATA": str(settings.data),
        "VOICEPLAT_REDIS__URL": settings.redis.url,
        "VOICEPLAT_SIP__PORT": str(sip.port),
        "VOICEPLAT_SIP__PRIVATE_PORT": str(sip.private_port),
        "VOICEPLAT_SIP__RTPENGINE_PORT": str(sip.rtpengine_port),
        "VOICEPLAT_SIP__RTP_PORT_MIN": str(first),
        "VOICEPLAT_SIP__RTP_PORT_MAX": str(last),
    }
