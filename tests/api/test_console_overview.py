"""The overview: what is live, what waits, what failed, and who may see the platform."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.moments import failed_call, note
from tests.api.test_call_records import ended, record
from tests.api.test_live_calls import answered_call, queue_call
from tests.api.viewer import Viewer, logged_in
from tests.api.worker import ADDRESS, working
from voiceplat.bus.trunks import TrunkHealth, TrunkState
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import NodeId
from voiceplat.db.models import Trunk
from voiceplat.db.repositories import TrunkRepository

pytestmark = pytest.mark.redis


async def seen(viewer: Viewer) -> dict[str, Any]:
    answer = await viewer.get("overview")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_live_calls_say_which_element_runs(server: Server, api: Client) -> None:
    viewer = await logged_in(server, server.main)
    async with working(server.bus) as worker:
        uuid = await answered_call(server, api, worker)
        moments = failed_call(utc_now())
        await note(server, uuid, moments[:4])
        asking = await seen(viewer)
        await note(server, uuid, moments[4:6])
        done = await seen(viewer)

    assert asking["live_count"] == 1
    assert asking["live"][0]["uuid"] == uuid
    assert asking["live"][0]["element"] == "GetDigits"
    assert done["live"][0]["element"] == ""


async def test_queued_calls_have_a_place_and_a_pace(
    server: Server, api: Client
) -> None:
    first = await queue_call(api)
    async with server.client(server.sub) as sub_api:
        of_sub = await queue_call(sub_api)
    last = await queue_call(api)
    main = await logged_in(server, server.main)
    sub = await logged_in(server, server.sub)
    stranger = await logged_in(server, server.stranger)

    by_main, by_sub = await seen(main), await seen(sub)

    places = [(it["uuid"], it["position"]) for it in by_main["queued"]]
    assert places == [(first, 1), (of_sub, 2), (last, 3)]
    assert by_main["start_period_s"] == 1 / server.settings.queue.calls_per_second
    assert [(it["uuid"], it["position"]) for it in by_sub["queued"]] == [(of_sub, 2)]
    assert by_sub["queue_length"] == 3
    assert (await seen(stranger))["queued"] == []


async def test_nodes_and_every_trunk_are_the_operators(server: Server) -> None:
    own = server.stranger.auth_id
    async with server.db.transaction() as tx:
        trunks = TrunkRepository(tx)
        for name, account in (("shared", None), ("theirs", own)):
            await trunks.add(
                Trunk(
                    name=name,
                    host="192.0.2.1",
                    port=5060,
                    from_ips=[],
                    prefixes=[""],
                    account_id=account,
                )
            )
    down = TrunkState(health=TrunkHealth.DOWN, last_failure="no answer")
    await server.bus.trunks.tell({1: down}, good_for=timedelta(minutes=1))
    await server.bus.nodes.beat(NodeId("node"))
    await server.bus.nodes.add_worker(NodeId("node"), ADDRESS)
    await server.bus.slots.announce(ADDRESS, 3, 0)
    await server.bus.slots.announce(ADDRESS, 1, 2)
    operator = await logged_in(server, server.main)
    stranger = await logged_in(server, server.stranger)

    all_of_it, theirs = (
        (await seen(operator))["around"],
        (await seen(stranger))["around"],
    )

    assert [(it["name"], it["health"]) for it in all_of_it["trunks"]] == [
        ("shared", "down"),
        ("theirs", "unknown"),
    ]
    [node] = all_of_it["nodes"]
    assert (node["free"], node["slots"], node["workers"]) == (1, 3, 1)
    assert [it["name"] for it in theirs["trunks"]] == ["theirs"]
    assert theirs["nodes"] is None


async def test_troubles_are_their_accounts_and_the_platforms_the_operators(
    server: Server,
) -> None:
    now = utc_now()
    main, stranger = server.main.auth_id, server.stranger.auth_id
    for account, text in ((main, "own"), (stranger, "theirs"), (PLATFORM, "node")):
        trouble = Trouble(at=now, account=account, kind=TroubleKind.CALL, text=text)
        await server.bus.troubles.add(trouble)

    operator = await seen(await logged_in(server, server.main))
    other = await seen(await logged_in(server, server.stranger))

    assert {it["text"] for it in operator["around"]["troubles"]} == {"own", "node"}
    assert [it["text"] for it in other["around"]["troubles"]] == ["theirs"]


async def test_the_last_hour_is_counted_by_minute_and_cause(server: Server) -> None:
    now = utc_now()
    await record(
        server,
        ended(server, at=now, cause=4000),
        ended(server, at=now, cause=7011),
        ended(server, at=now - timedelta(minutes=59), cause=4000),
        ended(server, at=now - timedelta(minutes=61), cause=4000),
        ended(server, at=now, account=server.stranger.auth_id, main="MAOTHER"),
    )

    hour = (await seen(await logged_in(server, server.main)))["around"]["hour"]

    assert len(hour["minutes"]) == 60
    assert sum(hour["minutes"]) == 3
    assert sum(hour["minutes"][-2:]) == 2  # a minute may end meanwhile
    assert sum(hour["bad_minutes"]) == 1
    assert [(it["code"], it["calls"]) for it in hour["causes"]] == [
        (4000, 2),
        (7011, 1),
    ]


async def test_registered_phones_are_shown_with_their_transport(
    server: Server, api: Client
) -> None:
    order = {"username": "anna", "password": "a-good-password", "alias": "Anna"}
    username = (await api.post("Endpoint/", json=order)).json()["username"]
    await server.bus.directory._wire.ask(  # as the edge does
        "HSET",
        f"vp:reg:{username}",
        *("contact", "sip:anna@192.0.2.9:5062;transport=tls"),
        *("user_agent", "Linphone", "expires_at", "1900000000"),
    )

    around = (await seen(await logged_in(server, server.main)))["around"]

    [phone] = around["endpoints"]
    assert (phone["alias"], phone["transport"]) == ("Anna", "TLS")
    assert around["endpoints_count"] == 1
