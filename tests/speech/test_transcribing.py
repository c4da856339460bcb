"""A file of people's voices and the running service: what they said comes out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.speech import people
from tests.speech.sounds import mp3
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.core.settings import Settings, SpeechSettings
from voiceplat.speech.transcribing import Transcription

pytestmark = pytest.mark.real_time


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 10_000):
        yield content[start : start + 10_000]


@pytest.mark.statement(208, 249)
async def test_a_conversation_is_understood(service: Settings) -> None:
    people.require()
    asks, answers = people.phrases(8, 12)[:2]
    silence = np.zeros(people.RATE_HZ, np.float32)
    left = np.concatenate((silence, asks.sound, silence))
    right = np.concatenate((np.zeros(len(left), np.float32), answers.sound))
    left = np.pad(left, (0, len(right) - len(left)))
    content = mp3(np.stack((left, right), axis=1), people.RATE_HZ)

    async with Transcription(service.speech) as ears:
        transcript = await ears.transcribe(pieces(content), "en-US")

    heard = {
        channel: " ".join(
            it.text for it in transcript.passages if it.channel == channel
        )
        for channel in ("left", "right")
    }
    assert people.word_errors(asks.text, heard["left"]) <= 2
    assert people.word_errors(answers.text, heard["right"]) <= 2
    assert transcript.passages[0].channel == "left"
    assert 500 < transcript.passages[0].start_ms < 1500
    assert transcript.passages[0].confidence > 0.5


async def test_what_is_no_sound_is_said(service: Settings) -> None:
    async with Transcription(service.speech) as ears:
        with pytest.raises(MediaError, match="cannot be decoded"):
            await ears.transcribe(pieces(b"no sound"), "en-US")


async def test_a_service_that_is_away_is_unavailable(tmp_path: Path) -> None:
    away = SpeechSettings(socket=tmp_path / "none.sock")
    async with Transcription(away) as ears:
        with pytest.raises(Unavailable, match="the speech service"):
            await ears.transcribe(pieces(b"x"), "en-US")


async def test_what_goes_wrong_with_the_file_is_told_as_it_is(
    service: Settings,
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"RIFF"
        raise Unavailable("the recording storage")

    async with Transcription(service.speech) as ears:
        with pytest.raises(Unavailable, match="storage"):
            await ears.transcribe(broken(), "en-US")


async def test_a_service_that_dies_in_the_middle_is_lost(tmp_path: Path) -> None:
    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    path = tmp_path / "speech.sock"
    async with (
        await asyncio.start_unix_server(die, path),
        Transcription(SpeechSettings(socket=path)) as ears,
    ):
        with pytest.raises(SpeechError, match="was lost"):
            await ears.transcribe(pieces(b"x"), "en-US")
