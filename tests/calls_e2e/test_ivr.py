"""An IVR of three levels, by keys and by voice: a caller who presses, or speaks.

Each level asks in words, then sounds a tone of its own for ever: the tone tells the
caller that it was asked, and ends only when input cuts it.
"""

import asyncio
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz

from tests.calls_e2e.conftest import World, tone
from tests.calls_e2e.hearing import until_tone
from tests.servers.customer import Asked
from tests.speech import people
from tests.speech.conftest import client_settings
from voiceplat.calls.script import plain
from voiceplat.speech.client import SpeechClient
from voiceplat.telephony.listen import tones
from voiceplat.telephony.softphone import OrderFailed, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

LEVELS = ("/choice", "/number", "/confirmed")
"""Where each level's input is told."""
LEVEL_HZ = {"/choice": 1300.0, "/number": 1600.0, "/confirmed": 1900.0}
ASKS = {
    "/choice": "Which department would you like?",
    "/number": "What is your account number?",
    "/confirmed": "Would you like to leave a message?",
}
GOODBYE = "Thank you for calling."
CHOICES = "Call forwarding,Do not disturb,Telephone number,Call waiting"
ANSWERS = "Thank you,Please try again,Do not disturb"
BY_KEYS = (
    ("GetDigits", 'numDigits="1" validDigits="123"'),
    ("GetInput", 'inputType="dtmf"'),
    ("GetInput", f'inputType="dtmf speech" numDigits="1" hints="{ANSWERS}"'),
)
BY_VOICE = (
    ("GetInput", f'inputType="speech" hints="{CHOICES}"'),
    ("GetInput", 'inputType="speech" speechModel="phone_call"'),
    ("GetInput", f'inputType="dtmf speech" hints="{ANSWERS}"'),
)
STORY = (
    "I would like to change my appointment from Monday to Wednesday and then I want to "
    "know whether the doctor is there on Friday afternoon or on Saturday morning for "
    "my sister is going to visit us and both of us would like to come together and I "
    "have to tell her before she buys a ticket for the train to the city"
)
"""Long enough for interim results, however busy the machine is."""
ALIKE = 70
"""Of 100; no two of the sentences here are more alike than 46."""
WITHIN_S = 60
"""For recognition, on a machine with much else to do."""


def level(world: World, path: str, element: tuple[str, str]) -> str:
    """A document that asks its question, sounds its tone, and takes input."""
    hz = LEVEL_HZ[path]
    sound = world.customer.serves(f"/{hz:g}.wav", tone(hz, 5))
    name, attributes = element
    return (
        f'<{name} action="{world.customer.url}{path}" {attributes}>'
        f'<Speak>{ASKS[path]}</Speak><Play loop="0">{sound}</Play></{name}>'
    )


async def called(world: World, document: str) -> SoftphoneCall:
    """A caller who has been answered by that document."""
    await world.application(
        answer_url=world.customer.document("/answer", document),
        hangup_url=f"{world.customer.url}/hangup",
    )
    carrier = await world.carrier()
    call = await world.dialled(carrier)
    await call.until_answered()
    return call


async def in_menus(
    world: World, elements: tuple[tuple[str, str], ...]
) -> SoftphoneCall:
    """A caller of the IVR, three elements deep."""
    first, second, third = (
        level(world, path, element)
        for path, element in zip(LEVELS, elements, strict=True)
    )
    world.customer.document("/choice", second)
    world.customer.document("/number", third)
    world.customer.document("/confirmed", f"<Speak>{GOODBYE}</Speak>")
    return await called(world, first)


async def told(world: World, path: str) -> Asked:
    (request,) = await world.customer.asked_for(path)
    assert request.method == "POST"
    assert request.fields["Event"] == "Redirect"
    assert request.fields["CallStatus"] == "in-progress"
    return request


def speech_of(world: World) -> SpeechClient:
    """The platform's own ears and voice, for the caller."""
    data = world.platform.data
    return SpeechClient(client_settings(data, data / "speech.sock"))


async def synthesised(world: World, text: str) -> Path:
    async with speech_of(world) as speech:
        return await speech.speak(plain(text), voice="WOMAN", language="en-US")


def recorded(folder: Path, text: str) -> Path:
    """A person who says that: a prompt of Debian's package, or its digits."""
    known = {said.text.rstrip("."): said.sound for said in people.phrases(2, 4)}
    if text in known:
        return written(folder, known[text])
    (said,) = [it for it in people.digit_strings(40) if it.text == text]
    return written(folder, said.sound)


def written(folder: Path, sound: people.Pcm) -> Path:
    wav = folder / f"said-{len(list(folder.glob('said-*')))}.wav"
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, people.RATE_HZ, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return wav


def part(folder: Path, whole: Path, start_s: float, end_s: float) -> Path:
    with wave.open(str(whole)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    start, end = (int(at * people.RATE_HZ) for at in (start_s, end_s))
    return written(folder, samples[start:end].astype(np.float32) / np.float32(32768))


async def heard(world: World, call: SoftphoneCall) -> list[str]:
    """What the caller heard before each level's tone, and after the last, in words.

    The tones would sound for ever: that words follow them shows that input cut them.
    """
    found = tones(call.heard, shortest_s=0.1)
    words: list[str] = []
    ended_s = 0.0
    async with speech_of(world) as speech:
        for hz in (*LEVEL_HZ.values(), None):
            mine = [it for it in found if hz and abs(it.hz - hz) < 15]
            until_s = mine[0].start_s if mine else 1e6
            between = part(world.folder, call.heard, ended_s, until_s)
            words.append((await speech.recognise(between)).text)
            ended_s = mine[-1].end_s if mine else until_s
    return words


def sounds_like(one: str, other: str) -> bool:
    """Whether it is that sentence: what is recognised may be off by a word."""
    return fuzz.ratio(one.casefold(), other.casefold()) >= ALIKE


async def assert_every_level_was_heard(world: World, call: SoftphoneCall) -> None:
    said = (*ASKS.values(), GOODBYE)
    for words, understood in zip(said, await heard(world, call), strict=True):
        assert sounds_like(words, understood)


@pytest.mark.statement(122, 140, 142)
async def test_three_levels_by_keys(world: World) -> None:
    call = await in_menus(world, BY_KEYS)

    for path, keys in zip(LEVELS, ("2", "4711#", "1"), strict=True):
        await until_tone(call, LEVEL_HZ[path])
        await call.press(keys)
    await call.until_ended()

    choice, number, confirmed = [await told(world, path) for path in LEVELS]
    assert choice.fields["Digits"] == "2"
    assert number.fields["InputType"] == confirmed.fields["InputType"] == "dtmf"
    assert (number.fields["Digits"], number.fields["Speech"]) == ("4711", "")
    assert (confirmed.fields["Digits"], confirmed.fields["Speech"]) == ("1", "")
    assert float(number.fields["BilledAmount"]) >= 0
    await assert_every_level_was_heard(world, call)


async def speaks(world: World, call: SoftphoneCall, *wavs: Path) -> None:
    """Say one to each level, as soon as its tone is heard."""
    for path, wav in zip(LEVELS, wavs, strict=True):
        await until_tone(call, LEVEL_HZ[path])
        await call.say(wav)
    async with asyncio.timeout(WITHIN_S):
        await call.until_ended()


def assert_understood(requests: list[Asked], *texts: str) -> None:
    for request, text in zip(requests, texts, strict=True):
        assert request.fields["InputType"] == "speech"
        assert request.fields["Speech"] == text
        assert request.fields["Digits"] == ""
        assert 0.4 < float(request.fields["SpeechConfidenceScore"]) <= 1


@pytest.mark.statement(123, 124, 136, 142)
async def test_three_levels_by_a_synthesised_voice(world: World) -> None:
    choice, number, thanks = [
        await synthesised(world, text)
        for text in ("Call waiting.", "Four, four, two, oh, seven.", "Thank you.")
    ]
    call = await in_menus(world, BY_VOICE)

    await speaks(world, call, choice, number, thanks)

    requests = [await told(world, path) for path in LEVELS]
    assert_understood(requests, "Call waiting", "44207", "Thank you")
    await assert_every_level_was_heard(world, call)


@pytest.mark.statement(123, 124, 142)
async def test_three_levels_by_the_voice_of_a_person(world: World) -> None:
    people.require()
    digits = next(it.text for it in people.digit_strings(40) if len(it.text) == 4)
    choice, number, thanks = [
        recorded(world.folder, text) for text in ("Do not disturb", digits, "Thank you")
    ]
    call = await in_menus(world, BY_VOICE)

    await speaks(world, call, choice, number, thanks)

    requests = [await told(world, path) for path in LEVELS]
    assert_understood(requests, "Do not disturb", digits, "Thank you")
    await assert_every_level_was_heard(world, call)


@pytest.mark.statement(125)
async def test_speech_is_off_after_a_key(world: World) -> None:
    wav = await synthesised(world, "Do not disturb.")
    third = level(world, "/confirmed", BY_VOICE[2])
    call = await called(world, third)
    await until_tone(call, LEVEL_HZ["/confirmed"])

    await call.press("7")
    await call.say(wav)
    await call.until_ended()

    request = await told(world, "/confirmed")
    assert request.fields["InputType"] == "dtmf"
    assert (request.fields["Digits"], request.fields["Speech"]) == ("7", "")


@pytest.mark.statement(137, 138)
async def test_interim_results_come_in_sequence_while_the_caller_speaks(
    world: World,
) -> None:
    story = await synthesised(world, STORY)
    interim = f'interimSpeechResultsCallback="{world.customer.url}/interim"'
    call = await called(
        world, level(world, "/choice", ("GetInput", f'inputType="speech" {interim}'))
    )
    await until_tone(call, LEVEL_HZ["/choice"])

    speaking = asyncio.create_task(call.say(story))
    interims = await world.customer.asked_for("/interim", times=2)
    assert world.customer.requests("/choice") == []
    await speaking
    async with asyncio.timeout(WITHIN_S):
        await call.until_ended()

    numbers = [int(it.fields["SequenceNumber"]) for it in interims]
    assert numbers == [0, 1]
    for it in interims:
        assert it.method == "POST"
        assert it.fields["StableSpeech"] + it.fields["UnstableSpeech"]
        assert 0 <= float(it.fields["Stability"]) <= 1
    request = await told(world, "/choice")
    assert people.words(request.fields["Speech"])[:3] == ["i", "would", "like"]


@pytest.mark.statement(128, 146)
async def test_nobody_speaks_and_the_next_element_runs(world: World) -> None:
    silent = f'action="{world.customer.url}/choice" executionTimeout="5"'
    call = await called(
        world,
        f'<GetInput inputType="dtmf speech" {silent}><Speak>Hello?</Speak></GetInput>'
        f"<Speak>{GOODBYE}</Speak>",
    )

    async with asyncio.timeout(WITHIN_S):
        await call.until_ended()

    assert world.customer.requests("/choice") == []
    async with speech_of(world) as speech:
        words = people.words((await speech.recognise(call.heard)).text)
    assert words == people.words(f"Hello {GOODBYE}")


@pytest.mark.statement(139, 143)
async def test_bad_words_are_masked_and_what_was_said_is_in_no_log(
    world: World,
) -> None:
    said = await synthesised(world, "This is bullshit, said the elephant.")
    attributes = 'inputType="speech" profanityFilter="true" log="false"'
    call = await called(world, level(world, "/choice", ("GetInput", attributes)))
    await until_tone(call, LEVEL_HZ["/choice"])

    await call.say(said)
    async with asyncio.timeout(WITHIN_S):
        await call.until_ended()

    speech = (await told(world, "/choice")).fields["Speech"]
    assert "b*******" in speech
    assert "elephant" in speech
    for log in (world.platform.data / "logs").glob("*.log"):
        assert "elephant" not in log.read_text(errors="replace")


async def test_a_language_that_nobody_understands_leaves_the_keys(
    world: World,
) -> None:
    attributes = 'inputType="dtmf speech" language="tlh-KX" numDigits="1"'
    call = await called(world, level(world, "/choice", ("GetInput", attributes)))
    await until_tone(call, LEVEL_HZ["/choice"])

    await call.say(await synthesised(world, "Do not disturb."))
    with suppress(OrderFailed):  # the call ends with the key
        await call.press("4")
    await call.until_ended()

    request = await told(world, "/choice")
    assert request.fields["InputType"] == "dtmf"
    assert request.fields["Digits"] == "4"
