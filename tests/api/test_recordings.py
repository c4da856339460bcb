"""The Recording resource: its fields, its filters, whose they are, how they go (6)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.conftest import Client, Server
from tests.api.recordings import keep
from voiceplat.core.clock import utc_now
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import AccountRepository

pytestmark = pytest.mark.redis


async def listed(api: Client, query: str = "") -> list[str]:
    answer = await api.get(f"Recording/?{query}")
    assert answer.status_code == 200, answer.text
    return [it["recording_id"] for it in answer.json()["objects"]]


async def test_a_recording_has_every_field_of_the_contract(
    server: Server, api: Client, tmp_path: Path
) -> None:
    at = datetime(2014, 8, 5, 10, 46, 15, 852059, UTC)
    kept = await keep(
        server, tmp_path, b"sound", at=at, duration_s=345.1, started_at=at
    )
    async with server.db.transaction() as tx:
        zone = {"timezone": "Asia/Kolkata"}
        await AccountRepository(tx).change(server.main.auth_id, zone)

    shown = (await api.get(f"Recording/{kept.order.id}/")).json()
    query = "add_time__gte=2014-08-05 10:00&add_time__lt=2014-08-06 10:00"
    [object_] = (await api.get(f"Recording/?{query}")).json()["objects"]

    path = f"/v1/Account/{server.main.auth_id}/Recording/{kept.order.id}"
    start_ms = int(at.timestamp() * 1000)
    assert object_ | {"api_id": shown["api_id"]} == shown
    assert object_ == {
        "add_time": "2014-08-05 16:16:15.852059+05:30",
        "call_uuid": kept.order.call_uuid,
        "conference_name": "",
        "conference_uuid": "",
        "from_number": "14155550100",
        "monthly_recording_storage_amount": 0.0,
        "mpc_name": None,
        "mpc_uuid": None,
        "recording_duration_ms": "345100.00000",
        "recording_end_ms": f"{start_ms + 345100}.00000",
        "recording_format": "mp3",
        "recording_id": kept.order.id,
        "recording_start_ms": f"{start_ms}.00000",
        "recording_storage_duration": (utc_now() - at).days,
        "recording_storage_rate": 0.0,
        "recording_type": "call",
        "recording_url": f"http://127.0.0.1:8080{path}.mp3",
        "resource_uri": f"{path}/",
        "rounded_recording_duration": 360,
        "to_number": "14155550199",
    }


async def test_a_room_s_recording_says_so(
    server: Server, api: Client, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, conference_name="standup", conference_uuid="u1")
    await keep(server, tmp_path)

    [found] = (await api.get("Recording/?conference_name=standup")).json()["objects"]

    assert (found["recording_id"], found["recording_type"]) == (
        kept.order.id,
        "conference",
    )
    assert (found["conference_name"], found["conference_uuid"]) == ("standup", "u1")
    assert await listed(api, "conference_uuid=u1") == [kept.order.id]
    assert await listed(api, "mpc_name=standup") == []


async def test_recordings_are_filtered_by_call_and_numbers(
    server: Server, api: Client, tmp_path: Path
) -> None:
    one = await keep(server, tmp_path, from_="1", to="3")
    two = await keep(server, tmp_path, from_="2", to="3")

    assert await listed(api, f"call_uuid={two.order.call_uuid}") == [two.order.id]
    assert await listed(api, "from_number=%2B1") == [one.order.id]
    assert set(await listed(api, "to_number=3")) == {one.order.id, two.order.id}
    assert await listed(api, "to_number=3&from_number=2") == [two.order.id]
    assert await listed(api, "from_number=9") == []


async def test_without_a_time_the_last_seven_days_are_listed_latest_first(
    server: Server, api: Client, tmp_path: Path
) -> None:
    now = utc_now()
    ages = [timedelta(days=6, hours=23), timedelta(hours=1), timedelta(days=7, hours=1)]
    old, new, _ = [await keep(server, tmp_path, at=now - age) for age in ages]

    assert await listed(api) == [new.order.id, old.order.id]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("add_time={day} 12:00", [1]),
        ("add_time__gt={day} 12:00", [2]),
        ("add_time__gte={day} 12:00", [1, 2]),
        ("add_time__lt={day} 12:00", [0]),
        ("add_time__lte={day} 12:00", [0, 1]),
        ("add_time__gt={day} 11:30&add_time__lt={day} 12:30", [1]),
        ("add_time__lt={day} 12:00:00.000001", [0, 1]),
    ],
)
async def test_add_time_has_every_operator(
    server: Server, api: Client, tmp_path: Path, query: str, found: list[int]
) -> None:
    noon = (utc_now() - timedelta(days=40)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )
    hours = [noon - timedelta(hours=1), noon, noon + timedelta(hours=1)]
    kept = [(await keep(server, tmp_path, at=at)).order.id for at in hours]

    ids = await listed(api, query.format(day=f"{noon:%Y-%m-%d}"))

    assert set(ids) == {kept[number] for number in found}


async def test_a_window_of_more_than_thirty_days_is_refused(api: Client) -> None:
    query = "add_time__gte=2026-01-01 00:00&add_time__lt=2026-02-02 00:00"

    answer = await api.get(f"Recording/?{query}")

    assert answer.status_code == 400
    assert answer.json()["error"] == "add_time window must not be wider than 30 days"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("recording_storage_duration=10", [1]),
        ("recording_storage_duration__gt=10", [2]),
        ("recording_storage_duration__gte=10", [1, 2]),
        ("recording_storage_duration__lt=10", [0]),
        ("recording_storage_duration__lte=10", [0, 1]),
        ("recording_storage_duration__gt=0&recording_storage_duration__lt=99", [1, 2]),
        ("recording_storage_duration__lt=0", []),
        ("recording_storage_duration__gte=2147483647", []),
    ],
)
async def test_days_of_storage_have_every_operator_and_no_window(
    server: Server, api: Client, tmp_path: Path, query: str, found: list[int]
) -> None:
    ages = [timedelta(hours=1), timedelta(days=10, hours=1), timedelta(days=90)]
    now = utc_now()
    kept = [(await keep(server, tmp_path, at=now - age)).order.id for age in ages]

    assert set(await listed(api, query)) == {kept[number] for number in found}


async def test_days_of_storage_and_add_time_exclude_each_other(api: Client) -> None:
    query = "recording_storage_duration=1&add_time__gte=2026-01-01 00:00"

    answer = await api.get(f"Recording/?{query}")

    assert answer.status_code == 400
    assert "cannot be used with add_time" in answer.json()["error"]


async def test_pages_are_turned(server: Server, api: Client, tmp_path: Path) -> None:
    for _ in range(3):
        await keep(server, tmp_path)

    first = (await api.get("Recording/?limit=2")).json()
    rest = (await api.get("Recording/?limit=2&offset=2")).json()

    assert first["meta"]["total_count"] == 3
    assert first["meta"]["next"].endswith("/Recording/?limit=2&offset=2")
    assert len(first["objects"]) == 2
    assert len(rest["objects"]) == 1
    assert (await api.get("Recording/?limit=21")).status_code == 400


async def test_an_account_sees_its_own_and_its_subaccounts_alone(
    server: Server, api: Client, tmp_path: Path
) -> None:
    mine = await keep(server, tmp_path)
    subs = await keep(server, tmp_path, account=server.sub.auth_id)
    strangers = await keep(server, tmp_path, account=server.stranger.auth_id)

    assert set(await listed(api)) == {mine.order.id, subs.order.id}
    assert await listed(api, f"subaccount={server.sub.auth_id}") == [subs.order.id]
    async with server.client(server.sub) as sub:
        assert await listed(sub) == [subs.order.id]
        assert (await sub.get(f"Recording/{mine.order.id}/")).status_code == 404
        assert (
            await sub.request("DELETE", f"Recording/{mine.order.id}/")
        ).status_code == 404
    assert (await api.get(f"Recording/{subs.order.id}/")).status_code == 200
    assert (await api.get(f"Recording/{strangers.order.id}/")).status_code == 404


async def test_a_failed_recording_is_not_shown(
    server: Server, api: Client, tmp_path: Path
) -> None:
    failed = await keep(server, tmp_path, failure="the disk was full")

    assert await listed(api) == []
    assert (await api.get(f"Recording/{failed.order.id}/")).status_code == 404


async def test_a_deleted_recording_goes_with_its_file(
    server: Server, api: Client, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"sound")
    path = f"Recording/{kept.order.id}/"

    deleted = await api.request("DELETE", path, json={"recording_id": kept.order.id})

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert await listed(api) == []
    assert (await api.get(path)).status_code == 404
    assert (await api.get(f"Recording/{kept.order.id}.mp3")).status_code == 404
    assert (await api.request("DELETE", path)).status_code == 404
    assert not list((tmp_path / "recordings").rglob("*.mp3"))


async def test_a_file_that_cannot_be_deleted_now_is_remembered(
    server: Server, api: Client, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"sound")
    [file] = (tmp_path / "recordings").rglob("*.mp3")
    file.unlink()
    file.mkdir()

    deleted = await api.request("DELETE", f"Recording/{kept.order.id}/")

    async with server.db.reading() as tx:
        row = await tx.scalar(select(KeptRecording))
    assert deleted.status_code == 204
    assert row is not None
    assert (row.deleted_at is not None, row.file_gone) == (True, False)


NOBODY_S = "6b0f6c1e-3d0a-4a55-9c55-0d4a1c3a8f10"


@pytest.mark.parametrize("id_", ["x", "%00", NOBODY_S])
async def test_what_is_not_there_is_not_found(api: Client, id_: str) -> None:
    answers: list[Any] = [
        await api.get(f"Recording/{id_}/"),
        await api.request("DELETE", f"Recording/{id_}/", json={}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
