"""Recording a live call: what may be asked for, what its worker is told, the answer."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.worker import FakeWorker, working
from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import Channels, FileFormat, RecordingOrder
from voiceplat.core.ids import new_call_uuid

READY = "https://e.com/ready"
WORDS = "https://e.com/words"


async def recording(
    server: Server, api: Client, sent: dict[str, Any]
) -> tuple[RecordingOrder, dict[str, Any]]:
    """What a worker was told, and what was answered."""
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)
        answer = await api.post(f"Call/{uuid}/Record/", json=sent)
    assert answer.status_code == 202, answer.text
    (command,) = worker.commands
    assert isinstance(command, StartRecording)
    return command.order, answer.json()


async def a_call(server: Server, worker: FakeWorker) -> str:
    return await worker.take_inbound(server.main.auth_id, server.main.auth_id)


async def test_without_parameters_it_is_a_minute_of_mono_mp3(
    server: Server, api: Client
) -> None:
    order, _ = await recording(server, api, {})

    assert order.limit == timedelta(seconds=60)
    assert (order.format, order.channels) == (FileFormat.MP3, Channels.MONO)
    assert (order.ready, order.transcription) == (None, None)
    assert order.account == server.main.auth_id


async def test_all_that_can_be_said_reaches_the_worker(
    server: Server, api: Client
) -> None:
    order, answer = await recording(
        server,
        api,
        {
            "time_limit": "600",
            "file_format": "wav",
            "record_channel_type": "stereo",
            "transcription_type": "auto",
            "transcription_url": WORDS,
            "transcription_method": "GET",
            "transcription_report_type": "full",
            "callback_url": READY,
            "callback_method": "get",
        },
    )

    assert order.limit == timedelta(seconds=600)
    assert (order.format, order.channels) == (FileFormat.WAV, Channels.STEREO)
    assert order.ready == Hook(url=READY, method="GET")
    assert order.ready_style == "rest"
    assert order.ready_params["api_id"] == answer["api_id"]
    assert order.transcription is not None
    assert order.transcription.hook == Hook(url=WORDS, method="GET")
    assert order.transcription.report == "full"


async def test_the_answer_says_where_the_file_will_be(
    server: Server, api: Client
) -> None:
    order, answer = await recording(server, api, {"callback_url": READY})

    assert answer["message"] == "call recording started"
    assert answer["recording_id"] == order.id
    path = f"/v1/Account/{order.account}/Recording/{order.id}.mp3"
    assert answer["url"].endswith(path)


@pytest.mark.parametrize(
    "sent",
    [
        {"time_limit": 0},
        {"time_limit": "long"},
        {"file_format": "ogg"},
        {"record_channel_type": "both"},
        {"callback_url": "ftp://e.com"},
        {"transcription_url": "x"},
        {"callback_method": "PUT"},
    ],
)
async def test_what_makes_no_sense_is_refused(
    sent: dict[str, Any], server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)
        answer = await api.post(f"Call/{uuid}/Record/", json=sent)

    assert answer.status_code == 400
    assert worker.commands == []


async def test_a_call_that_is_not_connected_is_not_recorded(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        worker.refusal = "the call is not connected yet"
        uuid = await a_call(server, worker)
        answer = await api.post(f"Call/{uuid}/Record/", json={})

    assert answer.status_code == 400
    assert "not connected yet" in answer.text


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_call_that_is_not_live_is_not_found(method: str, api: Client) -> None:
    answer = await api.request(method, f"Call/{new_call_uuid()}/Record/", json={})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, ""),
        ({"callback_url": READY}, ""),
        ({"URL": "http://127.0.0.1:8080/v1/Account/MA1/Recording/r-1.mp3?x=1"}, "r-1"),
    ],
)
async def test_one_recording_is_stopped_by_its_address_or_all(
    sent: dict[str, str], told: str, server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)
        answer = await api.request("DELETE", f"Call/{uuid}/Record/", json=sent)

    assert answer.status_code == 204
    assert worker.commands == [StopRecording(recording=told)]
