"""Commands to a live call: what they may say, whom they reach, what is answered."""

from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.worker import FakeWorker, working
from voiceplat.bus.commands import (
    Command,
    PlaySounds,
    SendDigits,
    SpeakText,
    StopSounds,
    Transfer,
)
from voiceplat.calls.call import Hook

URL = "https://e.com/next"
MP3 = "https://e.com/a.mp3"


async def a_call(server: Server, worker: FakeWorker) -> str:
    return await worker.take_inbound(server.main.auth_id, server.main.auth_id)


@pytest.mark.parametrize(
    ("path", "sent", "told", "message"),
    [
        (
            "",
            {"legs": "aleg", "aleg_url": URL},
            Transfer(aleg=Hook(url=URL)),
            "call transferred",
        ),
        (
            "",
            {"legs": "bleg", "bleg_url": URL, "bleg_method": "get"},
            Transfer(bleg=Hook(url=URL, method="GET")),
            "call transferred",
        ),
        (
            "",
            {"legs": "both", "aleg_url": URL, "bleg_url": URL},
            Transfer(aleg=Hook(url=URL), bleg=Hook(url=URL)),
            "call transferred",
        ),
        ("Play/", {"urls": MP3}, PlaySounds(urls=(MP3,)), "play started"),
        (
            "Play/",
            {"urls": f"{MP3}, {URL}", "length": 5, "legs": "both", "loop": "true"},
            PlaySounds(urls=(MP3, URL), length_s=5, legs="both", loop=True),
            "play started",
        ),
        (
            "Play/",
            {"urls": [MP3, URL], "mix": False},
            PlaySounds(urls=(MP3, URL), mix=False),
            "play started",
        ),
        (
            "Speak/",
            {"text": "Hello"},
            SpeakText(text="Hello", voice="WOMAN", language="en-US"),
            "speak started",
        ),
        (
            "Speak/",
            {
                "text": "<speak>Hello</speak>",
                "type": "ssml",
                "voice": "Polly.Amy",
                "language": "en-GB",
                "legs": "bleg",
            },
            SpeakText(
                text="<speak>Hello</speak>",
                voice="Polly.Amy",
                language="en-GB",
                ssml=True,
                legs="bleg",
            ),
            "speak started",
        ),
        ("DTMF/", {"digits": "12w#"}, SendDigits(digits="12w#"), "digits sent"),
        (
            "DTMF/",
            {"digits": "1", "leg": "bleg"},
            SendDigits(digits="1", legs="bleg"),
            "digits sent",
        ),
        (
            "DTMF/",
            {"digits": "1", "legs": "bleg"},
            SendDigits(digits="1", legs="bleg"),
            "digits sent",
        ),
    ],
)
async def test_the_calls_worker_is_told(  # noqa: PLR0913, PLR0917 - a row of the table
    server: Server,
    api: Client,
    path: str,
    sent: dict[str, Any],
    told: Command,
    message: str,
) -> None:
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)

        answer = await api.post(f"Call/{uuid}/{path}", json=sent)

        assert worker.commands == [told]
    assert (answer.status_code, answer.json()["message"]) == (202, message)


@pytest.mark.parametrize("what", ["play", "speak"])
async def test_what_sounds_can_be_stopped(
    server: Server, api: Client, what: str
) -> None:
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)

        answer = await api.delete(f"Call/{uuid}/{what.capitalize()}/")

        assert worker.commands == [StopSounds.model_validate({"what": what})]
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("path", "sent", "error"),
    [
        ("", {}, "aleg_url parameter is missing"),
        ("", {"legs": "both", "aleg_url": URL}, "bleg_url parameter is missing"),
        ("", {"legs": "all", "aleg_url": URL}, "legs parameter is invalid"),
        ("", {"aleg_url": "/next"}, "aleg_url parameter is invalid"),
        ("Play/", {}, "urls parameter is missing"),
        ("Play/", {"urls": "a.mp3"}, "urls parameter is invalid"),
        ("Play/", {"urls": MP3, "length": -1}, "length parameter is invalid"),
        ("Speak/", {}, "text parameter is missing"),
        ("Speak/", {"text": "a" * 3001}, "text parameter is invalid"),
        ("DTMF/", {}, "digits parameter is missing"),
        ("DTMF/", {"digits": "12a"}, "digits parameter is invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nobody_is_told(
    server: Server, api: Client, path: str, sent: dict[str, Any], error: str
) -> None:
    async with working(server.bus) as worker:
        uuid = await a_call(server, worker)

        answer = await api.post(f"Call/{uuid}/{path}", json=sent)

        assert worker.commands == []
    assert answer.status_code == 400
    assert error in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("", {"aleg_url": URL}),
        ("Play/", {"urls": MP3}),
        ("Speak/", {"text": "a"}),
        ("DTMF/", {"digits": "1"}),
    ],
)
async def test_a_call_that_is_over_is_not_found(
    api: Client, path: str, sent: dict[str, Any]
) -> None:
    uuid = "6e8a6b1c-37a1-4c06-9a3f-2f6f6d3e0c11"

    answer = await api.post(f"Call/{uuid}/{path}", json=sent)

    assert (answer.status_code, answer.json()["error"]) == (404, "call not found")


async def test_what_the_worker_cannot_do_is_told_in_its_words(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        worker.refusal = "there is no B leg"
        uuid = await a_call(server, worker)

        answer = await api.post(
            f"Call/{uuid}/DTMF/", json={"digits": "1", "leg": "bleg"}
        )

    assert (answer.status_code, answer.json()["error"]) == (400, "there is no B leg")
