"""Endpoints tell where they are."""

import asyncio
from contextlib import suppress

import pytest

from tests.edge.conftest import (
    PASSWORD,
    PHONE_HOST,
    call_in,
    call_out,
    register,
    until,
)
from tests.edge.dialog import Caller
from tests.edge.party import Party, tcp_party, udp_party
from tests.edge.sip import credentials_of
from tests.servers.edge import EdgeServer
from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import Registration
from voiceplat.core.clock import utc_now

pytestmark = pytest.mark.edge


async def seen_of(bus: Bus, user: str, contact: str = "sip:") -> Registration | None:
    """What everybody can see, once it begins with `contact`; None after a second."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            while True:
                seen = await bus.directory.registration(user)
                if seen is not None and seen.contact.startswith(contact):
                    return seen
                await asyncio.sleep(0.01)
    return None


async def gone(bus: Bus, user: str, within_s: float = 1) -> None:
    async def is_gone() -> bool:
        return await bus.directory.registration(user) is None

    await until(is_gone, within_s)


async def test_a_registration_is_seen_by_everybody(
    edge: EdgeServer, phone: Party, directory: Bus
) -> None:
    assert await register(phone, edge, expires=120) == 200

    seen = await seen_of(directory, "alice")
    assert seen is not None
    assert seen.expires_at is not None
    assert seen.contact == f"sip:test@{phone.host}:{phone.port}"
    assert seen.user_agent == "test phone"
    assert 100 < (seen.expires_at - utc_now()).total_seconds() <= 121


async def test_what_was_seen_goes_with_the_registration(
    edge: EdgeServer, phone: Party, directory: Bus, redis: RedisServer
) -> None:
    await register(phone, edge, expires=40)
    assert await seen_of(directory, "alice")

    with redis.client() as client:
        assert 30 < int(str(client.ttl("vp:reg:alice"))) <= 41


async def test_a_phone_that_unregisters_is_gone(
    edge: EdgeServer, phone: Party, worker: Party, directory: Bus
) -> None:
    await register(phone, edge)
    assert await seen_of(directory, "alice")

    assert await register(phone, edge, expires=0) == 200

    await gone(directory, "alice")
    await call_out(worker, edge, "alice").send().refused(480)


async def test_an_endpoint_stays_registered_while_one_of_its_phones_is(
    edge: EdgeServer, phone: Party, second_phone: Party, directory: Bus
) -> None:
    await register(phone, edge)
    await register(second_phone, edge)

    await register(phone, edge, expires=0)

    contact = f"sip:test@{second_phone.host}:{second_phone.port}"
    assert await seen_of(directory, "alice", contact)


@pytest.mark.parametrize("edge", [{"max_contacts": 2}], indirect=True)
async def test_an_endpoint_has_only_so_many_phones(edge: EdgeServer) -> None:
    statuses = []
    for last in (20, 21, 22):
        async with udp_party(f"127.0.0.{last}", edge.outside) as phone:
            statuses.append(await register(phone, edge))

    assert statuses == [200, 200, 503]


async def test_a_wrong_password_registers_nothing(
    edge: EdgeServer, phone: Party, directory: Bus
) -> None:
    assert await register(phone, edge, password="wrong") == 401

    assert await directory.directory.registration("alice") is None


async def test_nobody_registers_as_somebody_else(
    edge: EdgeServer, phone: Party, directory: Bus
) -> None:
    caller = Caller(
        phone, f"sip:{edge.domain}", f"sip:bob@{edge.domain}", f"sip:bob@{edge.domain}"
    )
    await caller.send_with_password("alice", PASSWORD, "REGISTER")

    assert (await phone.expect(200, 401, 403)).status == 403
    assert await directory.directory.registration("bob") is None


@pytest.mark.parametrize("ha1", ["0", "0" * 32, "", "<null>"])
async def test_who_is_not_in_the_directory_cannot_guess_a_hash_for_it(
    edge: EdgeServer, phone: Party, ha1: str
) -> None:
    uri = f"sip:{edge.domain}"
    caller = Caller(
        phone, uri, f"sip:mallory@{edge.domain}", f"sip:mallory@{edge.domain}"
    )
    challenge = await caller.send("REGISTER").party.expect(401)
    caller.send("REGISTER", credentials_of(challenge, "REGISTER", uri, "mallory", ha1))

    assert (await phone.expect(200, 401, 403)).status == 401


async def test_a_user_of_the_clouds_domain_registers_here(
    edge: EdgeServer, phone: Party, directory: Bus
) -> None:
    caller = Caller(
        phone,
        "sip:phone.plivo.com",
        "sip:alice@phone.plivo.com",
        "sip:alice@phone.plivo.com",
    )
    await caller.send_with_password("alice", PASSWORD, "REGISTER")

    assert (await phone.expect(200, 401, 403)).status == 200
    assert await seen_of(directory, "alice")


async def test_other_domains_are_not_served(edge: EdgeServer, phone: Party) -> None:
    caller = Caller(
        phone, "sip:example.com", "sip:alice@example.com", "sip:alice@example.com"
    )
    caller.send("REGISTER")

    assert (await phone.expect(401, 403)).status == 403


async def test_a_registration_shorter_than_allowed_is_refused(
    edge: EdgeServer, phone: Party
) -> None:
    caller = Caller(
        phone,
        f"sip:{edge.domain}",
        f"sip:alice@{edge.domain}",
        f"sip:alice@{edge.domain}",
        headers={"Expires": "5"},
    )
    await caller.send_with_password("alice", PASSWORD, "REGISTER")

    granted = await phone.expect(200, 423)
    assert granted.status == 200
    assert "expires=30" in granted.get("Contact")


async def test_without_redis_a_phone_is_told_to_try_later(
    edge: EdgeServer, phone: Party, carrier: Party, redis: RedisServer
) -> None:
    assert await register(phone, edge) == 200
    redis.kill()

    caller = Caller(phone, f"sip:{edge.domain}", f"sip:alice@{edge.domain}")
    await caller.send_with_password("alice", PASSWORD, "REGISTER")
    refusal = await phone.expect(200, 401, 403, 503)
    inbound = await call_in(carrier, edge).send().refused(503)

    assert refusal.status == 503
    assert refusal.get("Retry-After")
    assert inbound.get("Retry-After")
    redis.start()
    assert await register(phone, edge) == 200


@pytest.mark.parametrize(
    "edge", [{"guess_limit": 3, "flood_requests": 500}], indirect=True
)
async def test_guessing_locks_out_the_guesser_and_nobody_else(
    edge: EdgeServer, phone: Party, second_phone: Party
) -> None:
    for _ in range(3):
        assert await register(phone, edge, password="guess") == 401

    assert await register(phone, edge) == 403
    assert await register(phone, edge, "bob") == 200
    assert await register(second_phone, edge) == 200


async def test_a_phone_on_tcp_is_reached_over_its_connection(
    edge: EdgeServer, worker: Party
) -> None:
    async with tcp_party(PHONE_HOST, edge.outside) as phone:
        assert await register(phone, edge) == 200

        call_out(worker, edge, "alice").send()

        invite = await phone.expect("INVITE")
        phone.reply(invite, 486, tag="p")
        await worker.expect(486)


async def test_a_phone_whose_connection_closed_is_gone(
    edge: EdgeServer, worker: Party, directory: Bus
) -> None:
    async with tcp_party(PHONE_HOST, edge.outside) as phone:
        await register(phone, edge)
        assert await seen_of(directory, "alice")

    first = await call_out(worker, edge, "alice").send().refused(480)
    await gone(directory, "alice", within_s=15)
    second = await call_out(worker, edge, "alice").send().refused(480)

    assert first.get("X-VP-Cause") == second.get("X-VP-Cause") == "2020"
