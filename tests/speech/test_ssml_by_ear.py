"""SSML with the real engines: what is heard, and what a recogniser makes of it."""

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.speech.sounds import listen, voice_hz
from tests.xml.scene import document
from voiceplat.calls.script import plain
from voiceplat.speech.client import SpeechClient
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.scripting import script_of

pytestmark = pytest.mark.real_time

LINE = "Please hold the line."
VOICED = "Good morning, Mary. You are well."


async def speak(client: SpeechClient, inside: str, voice: str = "Polly.Joanna") -> Path:
    """A Speak with SSML in it, as the calls' elements have it made."""
    (element,) = document(f"<Speak>{inside}</Speak>").elements
    assert isinstance(element, Speak)
    script = script_of(element.content, ssml=True)
    return await client.speak(script, voice=voice, language="en-US")


async def understood(client: SpeechClient, inside: str) -> str:
    heard = await client.recognise(await speak(client, inside))
    return " ".join(re.findall(r"[\w']+", heard.text.lower()))


def samples(path: Path) -> NDArray[np.float64]:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768


@pytest.mark.statement(85)
async def test_a_break_is_that_much_silence(client: SpeechClient) -> None:
    short = await speak(client, 'Please hold <break time="700ms"/> the line.')
    long = await speak(client, 'Please hold <break time="1700ms"/> the line.')

    loud = np.flatnonzero(np.abs(samples(short)) > 0.01)
    assert np.diff(loud).max() / 8000 == pytest.approx(0.7, abs=0.15)
    assert listen(long).seconds - listen(short).seconds == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("volume", "decibels"), [("-6dB", -6), ("+4dB", 4)])
async def test_volume_is_that_many_decibels(
    client: SpeechClient, volume: str, decibels: float
) -> None:
    plainly = listen(await speak(client, LINE))

    heard = listen(await speak(client, f'<prosody volume="{volume}">{LINE}</prosody>'))

    found = 20 * np.log10(heard.level / plainly.level)
    assert found == pytest.approx(decibels, abs=0.3)


async def test_silent_is_silent(client: SpeechClient) -> None:
    heard = listen(await speak(client, f'<prosody volume="silent">{LINE}</prosody>'))

    assert heard.level == 0
    assert heard.seconds > 1


@pytest.mark.parametrize("voice", ["Polly.Joanna", "Polly.Hans"])
async def test_rate_changes_the_length(client: SpeechClient, voice: str) -> None:
    slow, plainly, fast = [
        listen(await speak(client, f"<prosody rate='{rate}'>{LINE}</prosody>", voice))
        for rate in ("60%", "100%", "180%")
    ]

    assert slow.seconds / plainly.seconds == pytest.approx(1 / 0.6, rel=0.15)
    assert fast.seconds / plainly.seconds == pytest.approx(1 / 1.8, rel=0.15)


@pytest.mark.parametrize("voice", ["Polly.Joanna", "Polly.Hans"])
async def test_pitch_is_higher_and_lower(client: SpeechClient, voice: str) -> None:
    low, plainly, high = [
        voice_hz(
            samples(
                await speak(client, f"<prosody pitch='{p}'>{VOICED}</prosody>", voice)
            )
        )
        for p in ("-25%", "default", "+25%")
    ]

    assert low < plainly < high
    assert high > 1.25 * low


async def test_emphasis_is_louder_and_slower(client: SpeechClient) -> None:
    plainly = listen(await speak(client, LINE))

    strong = listen(await speak(client, f'<emphasis level="strong">{LINE}</emphasis>'))

    assert strong.level > 1.3 * plainly.level
    assert strong.seconds > 1.1 * plainly.seconds


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('Your code is <say-as interpret-as="digits">4021</say-as>.', "4021"),
        (
            'Call <say-as interpret-as="telephone">2125551212</say-as> now.',
            "212 555 1212",
        ),
        (
            'On <say-as interpret-as="date" format="mdy">10/12/2026</say-as> we meet.',
            "october 12 2026",
        ),
        ('You are the <say-as interpret-as="ordinal">21</say-as> caller.', "21st"),
        (
            'It is <say-as interpret-as="fraction">3/4</say-as> of a mile.',
            "three quarters",
        ),
        ('It weighs <say-as interpret-as="unit">10kg</say-as>.', "10 kilograms"),
        (
            'Come to <say-as interpret-as="address">1234 N Main St</say-as>.',
            "north main street",
        ),
    ],
)
async def test_say_as_is_understood_as_what_it_is(
    client: SpeechClient, inside: str, words: str
) -> None:
    assert words in await understood(client, inside)


@pytest.mark.statement(89)
async def test_sub_is_heard_as_its_alias(client: SpeechClient) -> None:
    heard = await understood(
        client, 'Our shop in <sub alias="New York">NY</sub> is open.'
    )

    assert heard == "our shop in new york is open"


async def test_phonemes_are_heard_in_place_of_the_text(client: SpeechClient) -> None:
    said = '<phoneme alphabet="x-sampa" ph="t@&quot;meItoU">xyz</phoneme>'

    assert await understood(client, f"I like {said} pie.") == "i like tomato pie"


async def test_an_expletive_is_not_heard(client: SpeechClient) -> None:
    said = '<say-as interpret-as="expletive">darn</say-as>'

    heard = await understood(client, f"That is {said} good news.")

    assert "darn" not in heard
    assert "good news" in heard


@pytest.mark.statement(91)
async def test_sentences_are_heard_in_their_order(client: SpeechClient) -> None:
    heard = await understood(
        client, "<p>Good morning.</p><p><s>How are you.</s><s>Please wait.</s></p>"
    )

    assert heard == "good morning how are you please wait"


@pytest.mark.statement(90)
async def test_a_whisper_is_spoken_plainly(client: SpeechClient) -> None:
    heard = await understood(
        client, '<amazon:effect name="whispered">Please hold the line.</amazon:effect>'
    )

    assert heard == "please hold the line"


async def test_another_language_is_spoken_by_another_voice(
    client: SpeechClient,
) -> None:
    german = "Guten Tag, bitte warten Sie einen Augenblick."
    alone = samples(await client.speak(plain(german), voice="WOMAN", language="de-DE"))

    mixed = samples(
        await speak(client, f'He said <lang xml:lang="de-DE">{german}</lang>')
    )

    # the German voice says it as it does by itself; its beginning is cut to join
    ending = alone[4000:]
    assert np.array_equal(mixed[-len(ending) :], ending)
    assert len(mixed) > len(alone)
