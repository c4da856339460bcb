"""Trunks over REST: ours beside Plivo's resources, for the operator alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Client, Server, serving
from voiceplat.bus.trunks import TrunkHealth, TrunkState
from voiceplat.core.settings import Settings

pytestmark = pytest.mark.redis


async def test_a_trunk_is_added_shown_changed_and_removed(
    server: Server, api: Client
) -> None:
    order = {
        "name": "carrier",
        "host": "sip.example",
        "prefixes": ["49", "+1415"],
        "from_ips": ["192.0.2.0/24"],
        "calls_max": 30,
        "calls_per_second": 5,
        "weight": 2,
        "number_format": "national:49",
        "trusted": True,
    }
    made = await api.post("Trunk/", json=order)
    changed = await api.post("Trunk/carrier/", json={"port": 5070, "calls_max": 0})

    shown = (await api.get("Trunk/carrier/")).json()
    [listed] = (await api.get("Trunk/")).json()["objects"]
    routed = await server.bus.directory.trunks()
    gone = await api.delete("Trunk/carrier/")

    statuses = (made.status_code, changed.status_code, gone.status_code)
    assert statuses == (201, 202, 204)
    assert shown == listed | {"api_id": shown["api_id"]}
    assert listed == order | {
        "id": listed["id"],
        "port": 5070,
        "prefixes": ["49", "1415"],
        "calls_max": None,
        "priority": 10,
        "dial_prefix": "",
        "account": None,
        "state": "unknown",
        "since": None,
        "calls": 0,
        "last_failure": None,
        "failed_at": None,
        "resource_uri": f"/v1/Account/{server.main.auth_id}/Trunk/carrier/",
    }
    assert [(trunk.name, trunk.port) for trunk in routed] == [("carrier", 5070)]
    assert (await api.get("Trunk/carrier/")).status_code == 404
    assert await server.bus.directory.trunks() == []


async def test_what_the_edge_sees_is_shown(server: Server, api: Client) -> None:
    await api.post("Trunk/", json={"name": "a", "host": "192.0.2.1"})
    trunk = (await api.get("Trunk/a/")).json()["id"]
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    state = TrunkState(health=TrunkHealth.UP, since=moment, calls=7)
    await server.bus.trunks.tell({trunk: state}, good_for=timedelta(minutes=1))

    shown = (await api.get("Trunk/a/")).json()

    assert (shown["state"], shown["calls"]) == ("up", 7)
    assert shown["since"] == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"host": "h"}, "name parameter is missing"),
        ({"name": "a"}, "host parameter is missing"),
        ({"name": "a", "host": "a b"}, "is not a host name"),
        ({"name": "a", "host": "h", "port": 70000}, "between 1 and 65535"),
        ({"name": "a", "host": "h", "weight": 0}, "between 1 and"),
        ({"name": "a", "host": "h", "prefixes": "4x"}, "a prefix is digits"),
        ({"name": "a", "host": "h", "number_format": "x"}, "a number format is"),
    ],
)
async def test_what_makes_no_trunk_is_refused(
    api: Client, order: dict[str, object], said: str
) -> None:
    refused = await api.post("Trunk/", json=order)

    assert refused.status_code == 400
    assert said in refused.json()["error"]


async def test_a_name_is_taken_once(api: Client) -> None:
    order = {"name": "a", "host": "192.0.2.1"}
    await api.post("Trunk/", json=order)

    assert (await api.post("Trunk/", json=order)).status_code == 409


async def test_forms_may_name_several_prefixes(api: Client) -> None:
    await api.post("Trunk/", data={"name": "a", "host": "h", "prefixes": "49,1415"})

    assert (await api.get("Trunk/a/")).json()["prefixes"] == ["49", "1415"]


async def test_nobody_but_the_operator_knows_of_trunks(server: Server) -> None:
    for who in (server.sub, server.stranger):
        async with server.client(who) as client:
            assert (await client.get("Trunk/")).status_code == 404
            made = await client.post("Trunk/", json={"name": "a", "host": "h"})
            assert made.status_code == 404


async def test_the_operator_may_be_named(settings: Settings) -> None:
    async with serving(settings) as server:
        named = settings.api.model_copy(
            update={"operator_account": server.stranger.auth_id}
        )
        platform = server.platform
        server.app.state.platform = replace(
            platform, settings=settings.model_copy(update={"api": named})
        )

        async with (
            server.client(server.stranger) as stranger,
            server.client(server.main) as main,
        ):
            assert (await stranger.get("Trunk/")).status_code == 200
            assert (await main.get("Trunk/")).status_code == 404
