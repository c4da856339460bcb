"""The client and the running service together: what is asked for is what is heard."""

import asyncio
import re
import stat
import time
from pathlib import Path

import httpx
import pytest

from tests.speech.conftest import client_settings
from tests.speech.sounds import listen, tone, wav
from tests.speech_service.site import Reply, site
from voiceplat.calls.script import plain
from voiceplat.calls.session import Prompts
from voiceplat.core.errors import MediaError, SpeechError
from voiceplat.core.settings import Settings
from voiceplat.speech.audio import write_wav
from voiceplat.speech.client import SpeechClient

pytestmark = pytest.mark.real_time


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


@pytest.mark.parametrize(
    "text",
    [
        "Your appointment with Mister Miller is next Tuesday.",
        "Thank you for calling. Please hold the line.",
        "Press one for sales, or press two for support.",
    ],
)
async def test_what_is_spoken_is_understood(client: SpeechClient, text: str) -> None:
    prompt = await client.speak(plain(text), voice="WOMAN", language="en-US")

    heard = await client.recognise(prompt)

    spelled = (
        heard.text.replace("1", "one").replace("2", "two").replace("Mr.", "Mister")
    )
    assert words(spelled) == words(text)
    assert heard.confidence > 0.5
    assert heard.no_speech_prob < 0.3


async def test_a_prompt_is_a_wav_that_the_workers_play(client: SpeechClient) -> None:
    prompt = await client.speak(plain("Hello there."), voice="WOMAN", language="en-US")

    heard = listen(prompt)

    assert (heard.rate_hz, heard.channels, heard.sample_bytes) == (8000, 1, 2)
    assert 0.5 < heard.seconds < 2
    assert heard.level > 0.02


@pytest.mark.parametrize(
    ("voice", "language"), [("WOMAN", "de-DE"), ("Polly.Hans", "de-DE")]
)
async def test_another_language_is_spoken(
    client: SpeechClient, voice: str, language: str
) -> None:
    text = "Guten Tag, bitte warten Sie einen Augenblick."

    prompt = await client.speak(plain(text), voice=voice, language=language)

    heard = listen(prompt)
    assert 1.5 < heard.seconds < 6
    assert heard.level > 0.02


async def test_a_page_of_text_is_spoken_whole(client: SpeechClient) -> None:
    sentence = "This is a sentence of a long page. "

    prompt = await client.speak(
        plain((sentence * 100)[:3000]), voice="WOMAN", language="en-US"
    )

    assert 120 < listen(prompt).seconds < 300


async def test_more_than_a_page_is_refused(client: SpeechClient) -> None:
    with pytest.raises(SpeechError, match="3001 characters; at most 3000"):
        await client.speak(plain("x" * 3001), voice="WOMAN", language="en-US")


async def test_a_text_without_words_is_a_moment_of_silence(
    client: SpeechClient,
) -> None:
    prompt = await client.speak(plain("\u200b"), voice="WOMAN", language="en-US")

    assert 0.1 <= listen(prompt).seconds < 1


async def test_a_language_that_nobody_speaks_is_refused(client: SpeechClient) -> None:
    with pytest.raises(SpeechError, match=r"no voice speaks xx-yy; installed: hibari"):
        await client.speak(plain("hello"), voice="WOMAN", language="xx-YY")


async def test_a_prompt_in_the_cache_is_played_without_the_service(
    service: Settings, client: SpeechClient
) -> None:
    prompt = await client.speak(
        plain("Once is enough."), voice="WOMAN", language="en-US"
    )
    nowhere = client_settings(service.data, Path("/nonexistent/speech.sock"))

    async with SpeechClient(nowhere) as alone:
        again = await alone.speak(
            plain(" Once  is enough.\n"), voice="Polly.Joanna", language="en-US"
        )

    assert again == prompt


@pytest.mark.statement(93)
async def test_a_file_that_is_fresh_is_played_without_the_service(
    service: Settings, client: SpeechClient
) -> None:
    fresh = {"Cache-Control": "max-age=60"}
    nowhere = client_settings(service.data, Path("/nonexistent/speech.sock"))
    async with site() as web, SpeechClient(nowhere) as alone:
        beep = wav(tone(440, 1, 16000), 16000)
        url = web.serves("/beep", Reply(beep, headers=fresh))

        first = await client.fetch(url)
        again = await alone.fetch(url)

        assert listen(first).loudest_hz == pytest.approx(440, abs=2)
        assert again == first
        assert len(web.asked) == 1


@pytest.mark.statement(97)
async def test_a_file_that_is_not_there_is_an_error(client: SpeechClient) -> None:
    async with site() as web:
        with pytest.raises(MediaError, match="/missing: the server answered 404"):
            await client.fetch(web.url + "/missing")


async def test_callers_of_one_text_share_the_work(client: SpeechClient) -> None:
    text = f"A text that was never spoken before, number {time.monotonic_ns()}."

    paths = await asyncio.gather(
        *(client.speak(plain(text), voice="WOMAN", language="en-US") for _ in range(20))
    )

    assert len(set(paths)) == 1
    assert list(paths[0].parent.glob(".*")) == []


async def test_silence_is_nobody_speaking(client: SpeechClient, tmp_path: Path) -> None:
    write_wav(tmp_path / "silence.wav", bytes(16000), 8000)

    heard = await client.recognise(tmp_path / "silence.wav")

    assert heard.text == ""


async def test_more_than_a_window_of_speech_is_understood(
    client: SpeechClient,
) -> None:
    sentence = "Please hold the line, somebody will be with you. "
    prompt = await client.speak(plain(sentence * 14), voice="WOMAN", language="en-US")

    heard = await client.recognise(prompt)

    assert listen(prompt).seconds > 35
    # where two windows meet a word may come twice or not at all
    assert 12 <= words(heard.text).count("somebody") <= 17


async def test_a_language_that_is_not_understood_is_refused(
    client: SpeechClient,
) -> None:
    prompt = await client.speak(plain("Hello."), voice="WOMAN", language="en-US")

    with pytest.raises(SpeechError, match="no recogniser understands tlh"):
        await client.recognise(prompt, language="tlh")


async def test_what_is_no_wav_cannot_be_recognised(
    client: SpeechClient, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("hello")

    with pytest.raises(MediaError, match=r"note\.txt cannot be read"):
        await client.recognise(tmp_path / "note.txt")


async def test_the_service_says_which_engines_it_has(service: Settings) -> None:
    """The last one is loaded when the service answers already."""
    transport = httpx.AsyncHTTPTransport(uds=str(service.speech.socket))
    speaking = {"hibari", "espeak"}
    async with asyncio.timeout(60), httpx.AsyncClient(transport=transport) as http:
        while "whisper-tiny.en" not in (await _engines(http)):
            assert {*speaking, "whisper-base"} <= await _engines(http)


async def _engines(http: httpx.AsyncClient) -> set[str]:
    health = (await http.get("http://speech/healthz")).json()
    assert health["status"] == "ok"
    return set(health["engines"])


async def test_a_service_that_is_away_is_said_to_be_away(tmp_path: Path) -> None:
    async with SpeechClient(client_settings(tmp_path, tmp_path / "no.sock")) as client:
        with pytest.raises(SpeechError, match=r"no\.sock does not answer"):
            await client.speak(plain("hello"), voice="WOMAN", language="en-US")
        with pytest.raises(MediaError, match=r"no\.sock does not answer"):
            await client.fetch("http://example.com/a.mp3")


async def test_a_service_that_is_restarted_is_waited_for(
    tmp_path: Path, service: Settings
) -> None:
    socket = tmp_path / "later.sock"
    async with SpeechClient(client_settings(tmp_path, socket)) as client:
        speaking = asyncio.create_task(
            client.speak(plain("waited for"), voice="WOMAN", language="en-US")
        )
        await asyncio.sleep(0.5)
        socket.symlink_to(service.speech.socket)

        assert (await speaking).exists()


async def test_the_client_is_what_the_elements_call_prompts(
    client: SpeechClient,
) -> None:
    prompts: Prompts = client

    prompt = await prompts.speak(plain("Hello."), voice="WOMAN", language="en-US")

    assert prompt.suffix == ".wav"


def test_nobody_else_may_connect_to_the_socket(service: Settings) -> None:
    mode = service.speech.socket.stat().st_mode

    assert stat.S_IMODE(mode) == 0o600
