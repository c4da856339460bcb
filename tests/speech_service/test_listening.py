"""One leg on virtual time: what is told, and when, for the sound that comes in."""

import asyncio

import pytest

from tests.fakes.recogniser import (
    RATE_HZ,
    LoudnessDetector,
    ScriptedDecoding,
    faint,
    silence,
    speech,
)
from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import RECOGNISER_RATE_HZ
from voiceplat.speech_service.listening import Listener, Means

FRAME = 320
A_MOMENT = 0.07
"""Two moments of 32 ms: how exactly a time is known."""


async def listened(
    decoding: ScriptedDecoding,
    *sounds: bytes,
    wanted: SpeechWanted | None = None,
    in_prompt: bool = False,
    **settings: int,
) -> list[tuple[float, Heard]]:
    """What was told, with its time, of sound that comes in 20 ms after 20 ms."""
    loop = asyncio.get_running_loop()
    began, told = loop.time(), list[tuple[float, Heard]]()
    frames = asyncio.Queue[bytes]()

    async def tell(heard: Heard) -> None:
        told.append((loop.time() - began, heard))

    async def speak() -> None:
        sound = b"".join(sounds)
        for start in range(0, len(sound), FRAME):
            await asyncio.sleep(0.02)
            frames.put_nowait(sound[start : start + FRAME])
        frames.put_nowait(b"")

    means = Means(SpeechSettings(**settings), decoding, LoudnessDetector())
    async with (
        asyncio.TaskGroup() as tasks,
        Listener(wanted or SpeechWanted(), RATE_HZ, means, tell) as listener,
    ):
        listener.prompt_plays(plays=in_prompt)
        tasks.create_task(speak())
        while frame := await frames.get():
            await listener.hear(frame)
    return told


async def test_the_result_is_there_when_the_silence_is_long_enough() -> None:
    decoding = ScriptedDecoding("Sales.", takes_s=0.3)

    told = await listened(decoding, silence(0.5), speech(1), silence(2))

    (start, started), (end, understood) = told
    assert started == SpeechStarted()
    assert start == pytest.approx(0.6, abs=A_MOMENT)
    assert understood == Understood("Sales", 0.9)
    assert end == pytest.approx(1.5 + 0.6, abs=A_MOMENT)
    assert len(decoding.given) == 1


async def test_a_slow_decode_began_when_the_silence_did() -> None:
    decoding = ScriptedDecoding("Sales.", takes_s=1.0)

    told = await listened(decoding, speech(1), silence(3))

    assert told[-1][0] == pytest.approx(1 + 0.25 + 1.0, abs=A_MOMENT)


async def test_a_decode_is_dropped_when_the_caller_goes_on() -> None:
    decoding = ScriptedDecoding("I would like to pay my bill.", takes_s=1.0)

    told = await listened(decoding, speech(1), silence(0.4), speech(1), silence(2.5))

    assert [type(heard) for _, heard in told] == [SpeechStarted, Understood]
    assert (len(decoding.given), decoding.dropped) == (2, 1)
    assert seconds_given(decoding)[-1] == pytest.approx(2.4 + 0.25, abs=A_MOMENT)


@pytest.mark.parametrize("seconds", [2, 10])
async def test_the_document_says_how_much_silence_ends(seconds: int) -> None:
    wanted = SpeechWanted(end_silence_s=seconds)
    decoding = ScriptedDecoding("Four.", takes_s=0.3)

    told = await listened(decoding, speech(1), silence(seconds + 1), wanted=wanted)

    assert told[-1][0] == pytest.approx(1 + seconds, abs=A_MOMENT)
    assert len(decoding.given) == 1


async def test_the_recogniser_gets_the_first_sound_too() -> None:
    decoding = ScriptedDecoding("Sales.")

    await listened(decoding, silence(2), speech(1), silence(1))

    assert 0.3 < seconds_given(decoding)[0] - 1 - 0.25 < 0.6
    samples = decoding.given[0].samples
    first_loud = int((abs(samples) > 0.2).argmax()) / RECOGNISER_RATE_HZ
    assert 0.3 < first_loud < 0.6


async def test_noise_and_clicks_are_nobody() -> None:
    decoding = ScriptedDecoding("you")

    told = await listened(
        decoding, *[faint(1), silence(0.1), speech(0.04), silence(0.1)] * 10
    )

    assert told == []
    assert decoding.given == []


async def test_the_echo_of_a_prompt_is_nobody() -> None:
    echo = [speech(0.15), silence(0.5)] * 5

    told = await listened(ScriptedDecoding("x"), *echo, in_prompt=True)

    assert told == []


async def test_who_speaks_into_a_prompt_is_heard() -> None:
    told = await listened(
        ScriptedDecoding("Sales."), speech(0.5), silence(1), in_prompt=True
    )

    assert [heard for _, heard in told] == [SpeechStarted(), Understood("Sales", 0.9)]
    assert told[0][0] == pytest.approx(0.2, abs=A_MOMENT)


async def test_what_was_no_speech_is_understood_as_nothing() -> None:
    told = await listened(ScriptedDecoding(""), speech(1), silence(1))

    assert told[-1][1] == Understood("", 0.0)


async def test_one_who_never_stops_is_heard_in_parts() -> None:
    told = await listened(
        ScriptedDecoding("La la."), speech(12), silence(1), utterance_max_s=5
    )

    kinds = [type(heard) for _, heard in told]
    assert kinds == [SpeechStarted, Understood] * 3


async def test_a_second_utterance_waits_until_the_first_is_told() -> None:
    decoding = ScriptedDecoding("One.", "Two.", takes_s=3)

    told = await listened(decoding, speech(1), silence(1), speech(1), silence(5))

    assert [heard for _, heard in told] == [
        SpeechStarted(),
        Understood("1", 0.9),
        SpeechStarted(),
        Understood("2", 0.9),
    ]


async def test_sound_in_odd_pieces_is_the_same_sound() -> None:
    decoding, told = ScriptedDecoding("Sales."), list[Heard]()
    sound = speech(1) + silence(1)

    async def tell(heard: Heard) -> None:
        told.append(heard)

    means = Means(SpeechSettings(), decoding, LoudnessDetector())
    async with Listener(SpeechWanted(), RATE_HZ, means, tell) as listener:
        for start in range(0, len(sound), 333):
            await listener.hear(sound[start : start + 333])

    assert told == [SpeechStarted(), Understood("Sales", 0.9)]


async def test_when_no_sound_comes_any_more_who_spoke_is_done() -> None:
    told = list[Heard]()

    async def tell(heard: Heard) -> None:
        told.append(heard)

    means = Means(SpeechSettings(), ScriptedDecoding("Sales."), LoudnessDetector())
    async with Listener(SpeechWanted(), RATE_HZ, means, tell) as listener:
        await listener.hear(speech(1))
        await listener.hear_nothing()
        await listener.hear_nothing()

    assert told == [SpeechStarted(), Understood("Sales", 0.9)]


async def test_who_stops_listening_waits_for_no_decode() -> None:
    decoding = ScriptedDecoding("Sales.", takes_s=60)
    loop = asyncio.get_running_loop()

    await listened(decoding, speech(1), silence(0.4))

    assert loop.time() < 2
    assert decoding.dropped == 1


async def test_a_recogniser_that_fails_is_said() -> None:
    decoding = ScriptedDecoding("Sales.")
    decoding.fails = SpeechError("it broke")
    means = Means(SpeechSettings(), decoding, LoudnessDetector())

    async def tell(heard: Heard) -> None:
        del heard

    async with Listener(SpeechWanted(), RATE_HZ, means, tell) as listener:
        with pytest.raises(SpeechError, match="it broke"):
            await listener.hear(speech(1) + silence(1))


async def test_a_language_that_nobody_understands_is_refused_at_once() -> None:
    with pytest.raises(ExceptionGroup) as refused:
        await listened(ScriptedDecoding(""), wanted=SpeechWanted(language="tlh"))

    assert refused.group_contains(SpeechError, match="understands tlh")


# --- interim results ---------------------------------------------------------------

INTERIM = SpeechWanted(interim=True)


async def test_interim_results_come_while_somebody_speaks() -> None:
    decoding = ScriptedDecoding(
        "I would", "I would like two", "I would like to pay", takes_s=0.1
    )

    told = await listened(decoding, speech(2.8), silence(1), wanted=INTERIM)

    assert [heard for _, heard in told] == [
        SpeechStarted(),
        Interim("", "I would", 0.0),
        Interim("I would", "like two", 0.5),
        Interim("I would like", "to pay", 0.6),
        Understood("I would like to pay", 0.9),
    ]
    assert [round(at - 0.1, 1) for at, _ in told[1:4]] == [0.9, 1.7, 2.5]


async def test_nobody_who_did_not_ask_gets_interim_results() -> None:
    decoding = ScriptedDecoding("I would like to pay")

    await listened(decoding, speech(3), silence(1))

    assert len(decoding.given) == 1


async def test_a_busy_host_makes_no_interim_results() -> None:
    decoding = ScriptedDecoding("I would like to pay", is_busy=True)

    told = await listened(decoding, speech(3), silence(1), wanted=INTERIM)

    assert [type(heard) for _, heard in told] == [SpeechStarted, Understood]


async def test_no_interim_result_comes_after_the_end() -> None:
    decoding = ScriptedDecoding("I would like to pay", takes_s=2)

    told = await listened(decoding, speech(1), silence(4), wanted=INTERIM)

    assert [type(heard) for _, heard in told] == [SpeechStarted, Understood]
    assert decoding.dropped == 1


@pytest.mark.statement(139)
async def test_the_profanity_filter_masks_interim_results_too() -> None:
    wanted = SpeechWanted(interim=True, profanity_filter=True)
    decoding = ScriptedDecoding("Oh shit", "Oh shit I", takes_s=0.1)

    told = await listened(decoding, speech(2), silence(1), wanted=wanted)

    assert [heard for _, heard in told][1:] == [
        Interim("", "Oh s***", 0.0),
        Interim("Oh s***", "I", 2 / 3),
        Understood("Oh s*** I", 0.9),
    ]


def seconds_given(decoding: ScriptedDecoding) -> list[float]:
    return [len(said.samples) / RECOGNISER_RATE_HZ for said in decoding.given]
