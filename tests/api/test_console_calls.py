"""The list of calls: whose it shows, its filters, its pages."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_call_records import ended, record
from tests.api.test_live_calls import answered_call, queue_call
from tests.api.viewer import Viewer, logged_in
from tests.api.worker import working
from voiceplat.api.console.calls import ROWS
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now

pytestmark = pytest.mark.redis


async def listed(viewer: Viewer, **query: object) -> dict[str, Any]:
    params = {name.rstrip("_"): str(value) for name, value in query.items()}
    answer = await viewer.get("calls", params=params)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def uuids(page: dict[str, Any]) -> list[str]:
    return [row["uuid"] for row in page["rows"]]


async def test_an_account_sees_its_own_and_its_subaccounts(server: Server) -> None:
    own = ended(server)
    subs = ended(server, account=server.sub.auth_id)
    strange = ended(
        server, account=server.stranger.auth_id, main=server.stranger.auth_id
    )
    await record(server, own, subs, strange)
    main = await logged_in(server, server.main)
    sub = await logged_in(server, server.sub)

    assert set(uuids(await listed(main))) == {own.call.uuid, subs.call.uuid}
    assert uuids(await listed(sub)) == [subs.call.uuid]
    of_sub = await listed(main, account=server.sub.auth_id)
    assert uuids(of_sub) == [subs.call.uuid]
    assert uuids(await listed(main, account=server.main.auth_id)) == [own.call.uuid]
    assert uuids(await listed(main, account=server.stranger.auth_id)) == []


async def test_each_filter_keeps_what_it_names(server: Server) -> None:
    now = utc_now()
    inbound = ended(
        server, direction=Direction.INBOUND, from_="4930123", to="14155550142"
    )
    long = ended(server, talked_s=90)
    failed = ended(server, cause=7012, source="Error")
    busy = ended(server, cause=3010, talked_s=0)
    old = ended(server, at=now - timedelta(days=40))
    await record(server, inbound, long, failed, busy, old)
    viewer = await logged_in(server, server.main)
    day_ago = (now - timedelta(days=1)).isoformat()

    for query, wanted in (
        ({"direction": "inbound"}, [inbound]),
        ({"from_number": "+4930"}, [inbound]),
        ({"to_number": "14155550142"}, [inbound]),
        ({"talked_s": 60}, [long]),
        ({"cause": "7012"}, [failed]),
        ({"cause": "action url"}, [failed]),
        ({"status": "busy"}, [busy]),
        ({"before": day_ago}, [old]),
        ({"cause": "no such cause"}, []),
        ({"status": "queued"}, []),
        ({"is_live": "true"}, []),
    ):
        assert uuids(await listed(viewer, **query)) == [it.call.uuid for it in wanted]
    assert len(uuids(await listed(viewer, since=day_ago))) == 4


async def test_pages_are_turned(server: Server) -> None:
    now = utc_now()
    calls = [
        ended(server, at=now - timedelta(minutes=place)) for place in range(ROWS + 3)
    ]
    await record(server, *calls)
    viewer = await logged_in(server, server.main)

    first, second = await listed(viewer), await listed(viewer, page=2)

    assert uuids(first) == [it.call.uuid for it in calls[:ROWS]]
    assert uuids(second) == [it.call.uuid for it in calls[ROWS:]]
    assert (first["total"], first["pages"], second["page"]) == (ROWS + 3, 2, 2)


async def test_what_is_wrong_with_a_filter_is_said(server: Server) -> None:
    viewer = await logged_in(server, server.main)

    for query, word in (
        ("direction=sideways", "direction"),
        ("since=yesterday", "since"),
        ("page=0", "page"),
        ("talked_s=-1", "talked_s"),
    ):
        answer = await viewer.get(f"calls?{query}")
        assert answer.status_code == 400
        assert word in answer.json()["error"]


async def test_live_and_queued_calls_come_first(server: Server, api: Client) -> None:
    await record(server, ended(server))
    viewer = await logged_in(server, server.main)
    async with working(server.bus) as worker:
        live = await answered_call(server, api, worker)
    queued = await queue_call(api)

    page = await listed(viewer)
    live_only = await listed(viewer, is_live="true")
    ringing = await listed(viewer, status="in-progress")

    assert [it["uuid"] for it in page["live"]] == [queued, live]
    assert page["live"][1]["status"] == "in-progress"
    assert len(page["rows"]) == 1
    assert len(live_only["live"]) == 2
    assert live_only["rows"] == []
    assert [it["uuid"] for it in ringing["live"]] == [live]
    assert (await listed(viewer, cause="4000"))["live"] == []
    assert (await listed(viewer, from_number="99"))["live"] == []


async def test_a_row_says_why_in_words(server: Server) -> None:
    name = "<img src=x onerror=alert(1)>"
    await record(server, ended(server, cause=7011, source="Error", caller_name=name))
    viewer = await logged_in(server, server.main)

    [row] = (await listed(viewer))["rows"]

    assert row["cause"]["name"] == "Error Reaching Answer URL"
    assert row["cause"]["tone"] == "bad"
    assert row["cause"]["happened"]
    assert row["caller_name"] == name
