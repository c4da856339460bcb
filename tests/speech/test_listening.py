"""Worker's end, service and engines together: what was said is what is understood."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.servers.speech import speech_service
from tests.speech import people
from tests.speech.conftest import client_settings
from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.calls.script import plain
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import Settings
from voiceplat.speech.client import SpeechClient

pytestmark = pytest.mark.real_time

FRAME = 320
WITHIN_S = 60


@pytest.fixture
async def ears(service: Settings) -> AsyncIterator[SpeechClient]:
    """A client that loses no sound, however fast it is given and slow the machine."""
    patient = service.speech.model_copy(update={"unheard_max_ms": 600_000})
    settings = service.model_copy(update={"speech": patient})
    async with SpeechClient(settings) as connected:
        yield connected


async def heard(
    ears: SpeechClient, sound: bytes, wanted: SpeechWanted | None = None
) -> list[Heard]:
    """All that is told of it, until something was understood."""
    told: list[Heard] = []
    async with (
        asyncio.timeout(WITHIN_S),
        ears.listen(wanted or SpeechWanted()) as listening,
    ):
        for start in range(0, len(sound), FRAME):
            listening.hear(sound[start : start + FRAME])
        while not told or not isinstance(told[-1], Understood):
            told.append(await listening.next_heard())
    return told


async def spoken(ears: SpeechClient, text: str) -> bytes:
    """The text in the platform's own voice, as it would come from a telephone."""
    wav = await ears.speak(plain(text), voice="WOMAN", language="en-US")
    samples = np.frombuffer(wav.read_bytes()[44:], "<i2").astype(np.float32)
    return people.pcm(people.Said(text, people.g711(samples / np.float32(40000))))


@pytest.mark.parametrize(
    "text", ["I would like to pay my bill", "Technical support", "Yes, please"]
)
async def test_what_is_said_is_understood(ears: SpeechClient, text: str) -> None:
    told = await heard(ears, await spoken(ears, f"{text}."))

    *_, understood = told
    assert told[0] == SpeechStarted()
    assert isinstance(understood, Understood)
    assert people.words(understood.text) == people.words(text)
    assert 0.4 < understood.confidence <= 1.0


async def test_spoken_digits_are_a_number(ears: SpeechClient) -> None:
    told = await heard(ears, await spoken(ears, "Four, four, two, oh, seven."))

    assert isinstance(told[-1], Understood)
    assert told[-1].text == "44207"


async def test_a_hint_decides_what_is_written(ears: SpeechClient) -> None:
    sound = await spoken(ears, "Katherine Meyer.")
    names = ("Catherine Maier", "Peter Smith", "Anna Jones")

    told = await heard(ears, sound, SpeechWanted(hints=names))

    assert isinstance(told[-1], Understood)
    assert told[-1].text == "Catherine Maier"


async def test_interim_results_lead_to_the_result(ears: SpeechClient) -> None:
    """Spoken as fast as people do, and again if the machine was too busy for any."""
    sound = await spoken(
        ears,
        "I would like to change my appointment from Monday to Wednesday, and then "
        "I want to know whether the doctor is there on Friday afternoon.",
    )
    interims: list[Interim] = []

    async with asyncio.timeout(WITHIN_S):
        while not any(it.stable for it in interims):
            interims = await interim_results(ears, sound)

    assert people.words(interims[-1].stable)[:3] == ["i", "would", "like"]


async def interim_results(ears: SpeechClient, sound: bytes) -> list[Interim]:
    told: list[Heard] = []
    async with ears.listen(SpeechWanted(interim=True)) as listening:

        async def speak() -> None:
            for start in range(0, len(sound), FRAME):
                listening.hear(sound[start : start + FRAME])
                await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(speak())
            while not told or not isinstance(told[-1], Understood):
                told.append(await listening.next_heard())
    return [it for it in told if isinstance(it, Interim)]


@pytest.mark.parametrize("kind", ["silence", "hum", "noise", "tone"])
async def test_noise_is_nobody(ears: SpeechClient, kind: str) -> None:
    moments = np.arange(6 * 8000) / 8000
    chance = np.random.default_rng(1)
    sound = {
        "silence": np.zeros_like(moments),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * moments) + 0.1 * np.sin(600 * moments),
        "noise": 0.05 * chance.standard_normal(len(moments)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * moments),
    }[kind]
    pcm = (sound * 32767).astype("<i2").tobytes()
    after = await spoken(ears, "Goodbye.")

    told = await heard(ears, pcm + after)

    assert told == [SpeechStarted(), told[1]]
    assert isinstance(told[1], Understood)
    assert told[1].text == "Goodbye"


async def test_several_are_listened_to_at_once(ears: SpeechClient) -> None:
    sounds = [await spoken(ears, text) for text in ("Goodbye.", "Thank you.") * 3]

    told = await asyncio.gather(*(heard(ears, sound) for sound in sounds))

    texts = [it[-1].text for it in told if isinstance(it[-1], Understood)]
    assert texts == ["Goodbye", "Thank you"] * 3


async def test_a_language_that_is_not_understood_is_refused_on_entering(
    ears: SpeechClient,
) -> None:
    with pytest.raises(SpeechError, match="no recogniser understands tlh"):
        async with ears.listen(SpeechWanted(language="tlh")):
            pass


async def test_without_models_nobody_listens_and_it_is_said(tmp_path: Path) -> None:
    without = {"VOICEPLAT_SPEECH__MODELS": str(tmp_path)}
    with speech_service(tmp_path, **without) as path:
        async with SpeechClient(client_settings(tmp_path, path)) as client:
            with pytest.raises(
                SpeechError, match=r"python -m voiceplat\.speech\.models"
            ):
                async with client.listen(SpeechWanted()):
                    pass


@pytest.mark.fault
async def test_a_service_that_ends_while_it_listens_is_said(tmp_path: Path) -> None:
    async with asyncio.timeout(WITHIN_S):
        with speech_service(tmp_path) as path:
            client = SpeechClient(client_settings(tmp_path, path))
            listening = client.listen(SpeechWanted())
            ears = await listening.__aenter__()
            waiting = asyncio.create_task(ears.next_heard())
        with pytest.raises(SpeechError, match="went away"):
            await waiting
        await listening.__aexit__(None, None, None)


# --- people ------------------------------------------------------------------------


async def test_people_are_understood(ears: SpeechClient) -> None:
    people.require()
    said = people.every_second(people.phrases(3, 8), 16)

    understood = [(await heard(ears, people.pcm(one)))[-1] for one in said]

    errors = sum(
        people.word_errors(one.text, it.text)
        for one, it in zip(said, understood, strict=True)
        if isinstance(it, Understood)
    )
    assert errors / sum(len(people.words(one.text)) for one in said) < 0.1


async def test_digits_that_people_say_are_all_right(ears: SpeechClient) -> None:
    people.require()
    said = list(people.digit_strings(12))

    understood = [(await heard(ears, people.pcm(one)))[-1] for one in said]

    texts = [it.text for it in understood if isinstance(it, Understood)]
    assert texts == [one.text for one in said]


async def test_people_are_drawn_to_the_hint_they_say(ears: SpeechClient) -> None:
    people.require()
    said = people.every_second(people.phrases(2, 5), 16)
    wanted = SpeechWanted(hints=tuple(one.text for one in said))

    understood = [(await heard(ears, people.pcm(one), wanted))[-1] for one in said]

    texts = [it.text for it in understood if isinstance(it, Understood)]
    assert texts == [one.text for one in said]
