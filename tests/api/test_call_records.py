"""Records of calls that are over: shown, filtered, windowed (2.2, 2.3)."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.db.ended import ended_call
from voiceplat.calls.call import EndedCall
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.db.repositories import AccountRepository, CallRepository

pytestmark = pytest.mark.redis


async def record(server: Server, *ended: EndedCall) -> None:
    async with server.db.transaction() as tx:
        for call in ended:
            await CallRepository(tx).add_once(call)


def ended(server: Server, **facts: Any) -> EndedCall:  # noqa: ANN401
    main = server.main.auth_id
    known: dict[str, Any] = {
        "account": main,
        "main": main,
        "at": utc_now() - timedelta(hours=1),
    }
    return ended_call(**known | facts)


async def found(api: Client, query: str = "") -> list[dict[str, Any]]:
    answer = await api.get(f"Call/?{query}")
    assert answer.status_code == 200, answer.text
    objects: list[dict[str, Any]] = answer.json()["objects"]
    return objects


# --- records -------------------------------------------------------------------------


async def test_a_record_has_every_field_of_the_contract(
    server: Server, api: Client
) -> None:
    end = ended(server, talked_s=61, source_ip="192.0.2.7")
    await record(server, end)
    async with server.db.transaction() as tx:
        zone = {"timezone": "Asia/Kolkata"}
        await AccountRepository(tx).change(server.main.auth_id, zone)

    shown = (await api.get(f"Call/{end.call.uuid}/?call_uuid=x")).json()
    [listed] = await found(api)

    text = end.end.at.astimezone(UTC) + timedelta(hours=5, minutes=30)
    uri = f"/v1/Account/{server.main.auth_id}/Call/{end.call.uuid}/"
    assert listed | {"api_id": shown["api_id"]} == shown
    assert listed == {
        "answer_time": f"{text - timedelta(seconds=61):%Y-%m-%d %H:%M:%S}+05:30",
        "bill_duration": 61,
        "billed_duration": 120,
        "call_direction": "outbound",
        "call_duration": 61,
        "call_state": "ANSWER",
        "call_uuid": end.call.uuid,
        "cnam_lookup": "",
        "conference_uuid": None,
        "end_time": f"{text:%Y-%m-%d %H:%M:%S}+05:30",
        "from_number": "14155550100",
        "hangup_cause_code": 4000,
        "hangup_cause_name": "Normal Hangup",
        "hangup_source": "Callee",
        "initiation_time": f"{text - timedelta(seconds=71):%Y-%m-%d %H:%M:%S}+05:30",
        "parent_call_uuid": None,
        "resource_uri": uri,
        "source_ip": "192.0.2.7",
        "stir_attestation": "",
        "stir_verification": "Not Applicable",
        "to_number": "14155550199",
        "total_amount": "0.00000",
        "total_rate": "0.00000",
        "voice_network_group": "",
    }


async def test_a_record_of_a_call_that_was_not_answered_says_how_it_failed(
    server: Server, api: Client
) -> None:
    await record(server, ended(server, talked_s=0, cause=3010))

    [row] = await found(api)

    assert (row["answer_time"], row["bill_duration"]) == (None, 0)
    assert (row["call_state"], row["hangup_cause_name"]) == ("BUSY", "Busy Line")


async def test_records_are_found_by_their_filters(server: Server, api: Client) -> None:
    one = ended(server, talked_s=2, from_="4930123", cause=6000, source="Plivo")
    two = ended(server, talked_s=9, direction=Direction.INBOUND, to="4930123")
    await record(server, one, two)

    async def only(query: str) -> list[str]:
        return [row["call_uuid"] for row in await found(api, query)]

    assert await only("from_number=%2B4930") == [one.call.uuid]
    assert await only("to_number=4930") == [two.call.uuid]
    assert await only("call_direction=inbound") == [two.call.uuid]
    assert await only("bill_duration__gt=2") == [two.call.uuid]
    assert await only("bill_duration__lte=2&bill_duration__gte=2") == [one.call.uuid]
    assert await only("hangup_cause_code=6000") == [one.call.uuid]
    assert await only("hangup_source=Plivo") == [one.call.uuid]
    assert await only("stir_verification=Verified") == []
    assert len(await only("stir_verification=Not+Applicable")) == 2
    assert await only(f"parent_call_uuid={one.call.uuid}") == []


async def test_a_subaccount_filter_takes_only_our_own(
    server: Server, api: Client
) -> None:
    sub = ended(server, account=server.sub.auth_id)
    await record(server, sub, ended(server))
    stranger = server.stranger.auth_id.replace("MA", "SA")

    mine = await found(api, f"subaccount={server.sub.auth_id}")

    assert [row["call_uuid"] for row in mine] == [sub.call.uuid]
    assert await found(api, f"subaccount={stranger}") == []
    assert (await api.get("Call/?subaccount=x")).status_code == 400


async def test_a_subaccount_sees_only_its_own_records(server: Server) -> None:
    mine = ended(server, account=server.sub.auth_id)
    mains = ended(server)
    await record(server, mine, mains)

    async with server.client(server.sub) as sub:
        assert [row["call_uuid"] for row in await found(sub)] == [mine.call.uuid]
        assert (await sub.get(f"Call/{mains.call.uuid}/")).status_code == 404


# --- the window of time --------------------------------------------------------------


async def test_without_an_end_time_the_last_seven_days_are_listed(
    server: Server, api: Client
) -> None:
    now = utc_now()
    recent = ended(server, at=now - timedelta(days=6))
    await record(server, recent, ended(server, at=now - timedelta(days=8)))

    assert [row["call_uuid"] for row in await found(api)] == [recent.call.uuid]


async def test_one_bound_opens_a_window_of_thirty_days(
    server: Server, api: Client
) -> None:
    now = utc_now()
    days = {n: ended(server, at=now - timedelta(days=n)) for n in (1, 20, 45)}
    await record(server, *days.values())

    since = f"{now - timedelta(days=46):%Y-%m-%d %H:%M}"
    before = f"{now - timedelta(days=10):%Y-%m-%d %H:%M:%S.%f}"
    after = await found(api, f"end_time__gte={since}")
    until = await found(api, f"end_time__lt={before}")

    assert [row["call_uuid"] for row in after] == [
        days[20].call.uuid,
        days[45].call.uuid,
    ]
    assert [row["call_uuid"] for row in until] == [days[20].call.uuid]


async def test_a_window_wider_than_thirty_days_is_refused(api: Client) -> None:
    query = "end_time__gte=2026-01-01 00:00&end_time__lte=2026-02-01 00:00"

    answer = await api.get(f"Call/?{query}")

    assert answer.status_code == 400
    assert "30 days" in answer.json()["error"]
    assert answer.json()["objects"] == []


async def test_records_older_than_ninety_days_are_not_listed(
    server: Server, api: Client
) -> None:
    old = utc_now() - timedelta(days=91)
    await record(server, ended(server, at=old))

    since = f"{old - timedelta(days=1):%Y-%m-%d %H:%M}"

    assert await found(api, f"end_time__gte={since}") == []


async def test_a_time_that_was_shown_finds_its_call_and_gt_goes_on_after_it(
    server: Server, api: Client
) -> None:
    at = (utc_now() - timedelta(hours=1)).replace(microsecond=123456)
    one, two = ended(server, at=at), ended(server, at=at + timedelta(seconds=1))
    await record(server, one, two)
    shown = f"{at:%Y-%m-%d %H:%M:%S}"

    async def only(query: str) -> set[str]:
        return {row["call_uuid"] for row in await found(api, query)}

    assert await only(f"end_time={shown}") == {one.call.uuid}
    assert await only(f"end_time__gt={shown}") == {two.call.uuid}
    assert await only(f"end_time__gte={shown}") == {one.call.uuid, two.call.uuid}
    assert await only(f"end_time__lte={shown}") == {one.call.uuid}
    assert await only(f"end_time__lt={shown}") == set()
    assert await only(f"end_time={at:%Y-%m-%d %H:%M}") >= {one.call.uuid}


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01 00:00", "0001-01-01 00:00", "9999-12-31 23:59"]
)
async def test_a_time_that_is_none_is_refused(api: Client, text: str) -> None:
    answer = await api.get("Call/", params={"end_time__gt": text})

    assert answer.status_code == 400
    assert "end_time__gt" in answer.json()["error"]


async def test_a_status_that_is_neither_live_nor_queued_is_refused(
    api: Client,
) -> None:
    assert (await api.get("Call/?status=over")).status_code == 400


async def test_times_of_filters_are_utc_whatever_the_accounts_zone(
    server: Server, api: Client
) -> None:
    end = ended(server)
    await record(server, end)
    async with server.db.transaction() as tx:
        zone = {"timezone": "Asia/Kolkata"}
        await AccountRepository(tx).change(server.main.auth_id, zone)

    at = end.end.at.astimezone(UTC)
    for text in (f"{at:%Y-%m-%d %H:%M:%S}", f"{at.isoformat(timespec='seconds')}"):
        body = (await api.get("Call/", params={"end_time": text})).json()
        assert [row["call_uuid"] for row in body["objects"]] == [end.call.uuid]
    shown = body["objects"][0]["end_time"]
    again = (await api.get("Call/", params={"end_time": shown})).json()
    assert again["meta"]["total_count"] == 1
