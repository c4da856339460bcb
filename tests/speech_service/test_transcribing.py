"""A file becomes passages: by channel, in order, none of silence."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
import uvicorn
from fastapi import FastAPI, Request

from tests.fakes.recogniser import (
    RATE_HZ,
    LoudnessDetector,
    ScriptedDecoding,
    silence,
    speech,
)
from voiceplat.core.errors import MediaError, SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.transcript import Passage, Transcript
from voiceplat.speech_service.transcribe_route import Dictation
from voiceplat.speech_service.transcribing import Transcriber

pytestmark = pytest.mark.real_time

WITHIN_S = 20


def a_file(folder: Path, *channels: bytes, form: str = "WAV") -> Path:
    frames = [np.frombuffer(it, "<i2") for it in channels]
    length = max(map(len, frames))
    padded = [np.pad(it, (0, length - len(it))) for it in frames]
    path = folder / "sound"
    soundfile.write(path, np.stack(padded, axis=1), RATE_HZ, format=form)
    return path


async def transcript_of(
    path: Path, decoding: ScriptedDecoding, language: str = "en-US"
) -> Transcript:
    transcriber = Transcriber(SpeechSettings(), decoding, LoudnessDetector())
    with path.open("rb") as file:
        return await transcriber.transcribe(file.fileno(), language)


def times(transcript: Transcript) -> list[tuple[str, int, int]]:
    """In tenths of a second."""
    return [
        (it.channel, round(it.start_ms / 100), round(it.end_ms / 100))
        for it in transcript.passages
    ]


async def test_each_time_that_somebody_speaks_is_a_passage(tmp_path: Path) -> None:
    sound = silence(1) + speech(2) + silence(1.5) + speech(7) + silence(0.2)
    decoding = ScriptedDecoding("One.", "Two.", takes_s=0)

    transcript = await transcript_of(a_file(tmp_path, sound), decoding)

    assert [it.text for it in transcript.passages] == ["One.", "Two."]
    (_, first, end), (_, second, last) = times(transcript)
    assert (end, last) == (30, 115)
    assert 6 <= first <= 10
    assert 41 <= second <= 45
    assert transcript.compact == "One. Two."


async def test_each_channel_is_heard_by_itself(tmp_path: Path) -> None:
    left = speech(1) + silence(4) + speech(1)
    right = silence(2) + speech(1)
    decoding = ScriptedDecoding("Hello.", "Who is it?", "Me.", takes_s=0)

    transcript = await transcript_of(a_file(tmp_path, left, right), decoding)

    assert [it.channel for it in transcript.passages] == ["left", "right", "left"]
    assert [it.start_ms for it in transcript.passages] == sorted(
        it.start_ms for it in transcript.passages
    )
    assert transcript.compact.count("\n") == 2


async def test_long_speech_is_cut_to_what_a_recogniser_takes(tmp_path: Path) -> None:
    decoding = ScriptedDecoding("And on.", takes_s=0)

    await transcript_of(a_file(tmp_path, speech(60)), decoding)

    seconds = [len(it.samples) / 16000 for it in decoding.given]
    assert len(seconds) == 3
    assert max(seconds) < 29


async def test_silence_is_asked_of_nobody(tmp_path: Path) -> None:
    decoding = ScriptedDecoding("Ghosts.", takes_s=0)

    transcript = await transcript_of(a_file(tmp_path, silence(30)), decoding)

    assert (transcript.passages, transcript.compact) == ([], "")
    assert decoding.given == []


async def test_what_was_no_speech_after_all_is_no_passage(tmp_path: Path) -> None:
    decoding = ScriptedDecoding("", takes_s=0)

    transcript = await transcript_of(a_file(tmp_path, speech(1)), decoding)

    assert transcript.passages == []


async def test_an_mp3_is_heard_too(tmp_path: Path) -> None:
    sound = np.frombuffer(silence(1), "<i2")
    tone = (np.sin(np.arange(RATE_HZ * 2) / 4) * 20000).astype("<i2")
    path = a_file(tmp_path, np.concatenate((sound, tone)).tobytes(), form="MP3")

    transcript = await transcript_of(path, ScriptedDecoding("Beep.", takes_s=0))

    assert transcript.compact == "Beep."


async def test_what_is_no_sound_is_said(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_text("no sound")

    with pytest.raises(MediaError, match="cannot be decoded"):
        await transcript_of(path, ScriptedDecoding("", takes_s=0))


async def test_a_language_that_nobody_understands_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="tlh"):
        await transcript_of(
            a_file(tmp_path, speech(1)), ScriptedDecoding(""), language="tlh"
        )


def test_a_full_report_tells_who_when_and_how_sure() -> None:
    passage = Passage(
        channel="left", start_ms=320, end_ms=990, text="Grüß Gott.", confidence=0.9
    )

    full = Transcript(passages=[passage]).full

    assert Passage.model_validate_json(full.strip("[]")) == passage


# --- over the socket -----------------------------------------------------------------


@asynccontextmanager
async def served(decoding: ScriptedDecoding, folder: Path) -> AsyncIterator[str]:
    transcriber = Transcriber(SpeechSettings(), decoding, LoudnessDetector())
    dictation = Dictation(transcriber, folder / "scratch")
    app = FastAPI()

    @app.post("/transcribe")
    async def transcribe(request: Request, language: str) -> Transcript:
        return await dictation.take(request, language)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(WITHIN_S):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/transcribe"
    finally:
        server.should_exit = True
        await serving


async def test_nobody_works_for_one_who_has_left(tmp_path: Path) -> None:
    decoding = ScriptedDecoding("Slow.", takes_s=60)
    content = a_file(tmp_path, speech(1)).read_bytes()
    async with served(decoding, tmp_path) as url, httpx.AsyncClient() as client:
        asking = asyncio.create_task(
            client.post(url, params={"language": "en"}, content=content, timeout=60)
        )
        async with asyncio.timeout(WITHIN_S):
            while not decoding.given:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            asking.cancel()
            while not decoding.dropped:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_nothing_of_the_file_is_left(tmp_path: Path) -> None:
    decoding = ScriptedDecoding("Hello.", takes_s=0)
    content = io.BytesIO(a_file(tmp_path, speech(1)).read_bytes()).getvalue()
    async with served(decoding, tmp_path) as url, httpx.AsyncClient() as client:
        answer = await client.post(
            url, params={"language": "en"}, content=content, timeout=WITHIN_S
        )

    assert answer.json()["passages"][0]["text"] == "Hello."
    assert list((tmp_path / "scratch").iterdir()) == []
