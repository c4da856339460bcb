"""Queued and live calls: listed, shown, ended (2.4, 2.5, 2.7)."""

from datetime import UTC, datetime

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from tests.api.worker import FakeWorker, working
from voiceplat.bus.commands import Hangup
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis


async def queue_call(api: Client, **more: object) -> str:
    answer = await api.post("Call/", json=ORDER | more)
    uuid: str = answer.json()["request_uuid"]
    return uuid


async def answered_call(server: Server, api: Client, worker: FakeWorker) -> str:
    uuid = await queue_call(api, caller_name="Bob")
    await worker.begun()
    await server.bus.live.answered(CallUuid(uuid))
    return uuid


# --- queued and live -----------------------------------------------------------------


async def test_a_queued_call_is_listed_and_shown_as_queued_only(
    server: Server, api: Client
) -> None:
    uuid = await queue_call(api, caller_name="Bob")

    queued = await api.get("Call/?status=queued")
    shown = await api.get(f"Call/{uuid}/?status=queued")

    assert queued.json().keys() == {"api_id", "calls"}
    assert queued.json()["calls"] == [uuid]
    assert (await api.get("Call/?status=live")).json()["calls"] == []
    assert shown.json() == {
        "api_id": shown.json()["api_id"],
        "call_status": "queued",
        "call_uuid": uuid,
        "caller_name": "Bob",
        "direction": "outbound",
        "from": "14155550100",
        "to": "14155550199",
        "request_uuid": uuid,
    }
    assert (await api.get(f"Call/{uuid}/?status=live")).status_code == 404
    assert (await api.get(f"Call/{uuid}/")).status_code == 404


async def test_an_answered_call_is_listed_and_shown_as_live_only(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        uuid = await answered_call(server, api, worker)

        shown = (await api.get(f"Call/{uuid}?status=live")).json()

        assert (await api.get("Call/?status=live")).json()["calls"] == [uuid]
        assert (await api.get("Call/?status=queued")).json()["calls"] == []
        assert shown["call_status"] == "in-progress"
        assert shown["stir_verification"] == "Not Applicable"
        assert shown["stir_attestation"] == ""
        datetime.strptime(shown["session_start"], "%Y-%m-%d %H:%M:%S.%f").replace(
            tzinfo=UTC
        )
        assert (await api.get(f"Call/{uuid}/?status=queued")).status_code == 404


async def test_live_calls_are_found_by_direction_and_numbers(
    server: Server, api: Client
) -> None:
    main = server.main.auth_id
    async with working(server.bus) as worker:
        inbound = await worker.take_inbound(main, main)
        outbound = await answered_call(server, api, worker)

        async def live(query: str) -> list[str]:
            answer = await api.get(f"Call/?status=live&{query}")
            calls: list[str] = answer.json()["calls"]
            return calls

        assert set(await live("")) == {inbound, outbound}
        assert await live("call_direction=inbound") == [inbound]
        assert await live("call_direction=outbound") == [outbound]
        assert await live("from_number=%2B14155550100") == [outbound]
        assert await live("to_number=14155550100") == [inbound]
        assert await live("to_number=1") == []
        assert len(await live("limit=1")) == 1
        assert len(await live("limit=1&offset=2")) == 0


async def test_all_live_calls_are_listed_when_no_limit_is_given(
    server: Server, api: Client
) -> None:
    main = server.main.auth_id
    async with working(server.bus) as worker:
        for _ in range(25):
            await worker.take_inbound(main, main)

        assert len((await api.get("Call/?status=live")).json()["calls"]) == 25


async def test_nobody_sees_or_ends_the_calls_of_a_stranger(
    server: Server, api: Client
) -> None:
    uuid = await queue_call(api)
    async with server.client(server.stranger) as other:
        assert (await other.get("Call/?status=queued")).json()["calls"] == []
        assert (await other.get(f"Call/{uuid}/?status=queued")).status_code == 404
        assert (await other.delete(f"Call/{uuid}/")).status_code == 404
        assert (await other.delete(f"Request/{uuid}/")).status_code == 404
        assert (await other.delete("Call/")).status_code == 204

    assert (await api.get(f"Call/{uuid}/?status=queued")).status_code == 200


async def test_a_main_account_sees_its_subaccounts_calls_but_not_the_reverse(
    server: Server, api: Client
) -> None:
    mine = await queue_call(api)
    async with server.client(server.sub) as sub:
        theirs = await queue_call(sub)

        assert (await sub.get("Call/?status=queued")).json()["calls"] == [theirs]
        assert (await sub.get(f"Call/{mine}/?status=queued")).status_code == 404

    assert set((await api.get("Call/?status=queued")).json()["calls"]) == {mine, theirs}
    assert (await api.get(f"Call/{theirs}/?status=queued")).status_code == 200


# --- ended ---------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["Call", "Request"])
async def test_a_queued_call_is_cancelled_and_never_dialled(
    server: Server, api: Client, resource: str
) -> None:
    uuid = await queue_call(api)

    cancelled = await api.delete(f"{resource}/{uuid}/")
    again = await api.delete(f"{resource}/{uuid}/")

    assert cancelled.status_code == 204
    assert (again.status_code, again.json()["error"]) == (404, "call not found")
    assert await server.bus.queue.depth(server.main.auth_id) == 0
    events = await server.bus.events.read("test")
    [end] = [event.ended().end for event in events if event.kind == "ended"]
    assert (end.cause_code, end.source) == (1000, "API Request")


@pytest.mark.parametrize("resource", ["Call", "Request"])
async def test_a_call_that_was_answered_is_hung_up_by_its_worker(
    server: Server, api: Client, resource: str
) -> None:
    async with working(server.bus) as worker:
        uuid = await answered_call(server, api, worker)

        answer = await api.delete(f"{resource}/{uuid}/")

        [command] = worker.commands
    assert answer.status_code == 204
    assert command == Hangup(cause=4000, source="API Request")


async def test_a_call_that_only_rings_is_cancelled_by_its_worker(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        uuid = await queue_call(api)
        await worker.begun()
        await server.bus.live.ringing(CallUuid(uuid))

        answer = await api.delete(f"Call/{uuid}/")

        [command] = worker.commands
    assert answer.status_code == 204
    assert command == Hangup(cause=1000, source="API Request")


async def test_all_calls_are_ended_at_once(server: Server, api: Client) -> None:
    async with working(server.bus) as worker:
        live = await answered_call(server, api, worker)
        queued = [await queue_call(api) for _ in range(3)]

        answer = await api.delete("Call/")

        assert answer.status_code == 204
        assert len(worker.commands) == 1
    for uuid in (live, *queued):
        assert await server.bus.live.get(CallUuid(uuid)) is None


@pytest.mark.checklist(5)
async def test_a_worker_that_says_nothing_is_503_in_time(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        uuid = await answered_call(server, api, worker)

    answer = await api.delete(f"Call/{uuid}/")

    assert answer.status_code == 503
    assert await server.bus.live.get(CallUuid(uuid)) is not None
