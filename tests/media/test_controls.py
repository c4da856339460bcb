"""What a live call does when it is told something."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts
from tests.fakes.session import FakeSession
from voiceplat.bus.commands import (
    Hangup,
    PlaySounds,
    SendDigits,
    SpeakText,
    StartRecording,
    StopRecording,
    StopSounds,
    Transfer,
)
from voiceplat.calls.call import Hook
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import Leg
from voiceplat.calls.outcome import End, Goto, UrlKind
from voiceplat.calls.recording import Channels, FileFormat
from voiceplat.calls.taking import RecordingWanted
from voiceplat.core.errors import CommandRefused
from voiceplat.media.controls import Controls

A, B = "https://e.com/a.wav", "https://e.com/b.wav"
WANTED = RecordingWanted(FileFormat.MP3, Channels.MONO, 60)
TO = Hook(url="https://e.com/next", method="GET")


class FakePartner:
    def __init__(self) -> None:
        self.fake = FakeLeg(answered=True)
        self.sent_to: list[Goto] = []

    @property
    def leg(self) -> Leg:
        return self.fake

    def hand_over(self, to: Goto) -> None:
        self.sent_to.append(to)


class Talk:
    """A call that is answered, with a partner or without."""

    def __init__(self, *, partner: bool = False) -> None:
        self.leg = FakeLeg(answered=True, lengths={"a.wav": 2, "b.wav": 3})
        self.partner = FakePartner()
        self.session = FakeSession(self.leg, prompts=FakePrompts())
        self.controls = Controls()
        self.controls.attach(self.session, lambda: self.partner if partner else None)

    def heard(self) -> list[tuple[str, int, int]]:
        """What was played, from which second to which."""
        played = self.leg.played
        return [(it.name, round(it.began), round(it.ended)) for it in played]


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    made = Talk()
    async with made.controls:
        yield made


@pytest.fixture
async def two() -> AsyncIterator[Talk]:
    made = Talk(partner=True)
    async with made.controls:
        yield made


async def test_the_first_end_counts(talk: Talk) -> None:
    talk.controls.obey(Hangup(source="API Request", cause=4000))
    talk.controls.obey(Hangup(source="Plivo", cause=1000))

    assert talk.controls.ending.result() == End(CAUSES[4000], HangupSource.API)


async def test_a_transfer_is_waiting_for_the_interpreter(talk: Talk) -> None:
    talk.controls.obey(Transfer(aleg=TO))

    to = await talk.controls.transfers.get()
    assert to == Goto(TO.url, "GET", UrlKind.TRANSFER)


async def test_a_transfer_of_both_sends_the_partner_its_own_way(two: Talk) -> None:
    two.controls.obey(Transfer(aleg=TO, bleg=Hook(url=A)))

    assert two.partner.sent_to == [Goto(A, "POST", UrlKind.TRANSFER)]
    assert two.controls.transfers.qsize() == 1


async def test_without_a_partner_no_leg_is_transferred(talk: Talk) -> None:
    with pytest.raises(CommandRefused, match="there is no B leg"):
        talk.controls.obey(Transfer(aleg=TO, bleg=TO))

    assert talk.controls.transfers.empty()


async def test_files_are_played_one_after_the_other(talk: Talk) -> None:
    talk.controls.obey(PlaySounds(urls=(A, B)))
    await asyncio.sleep(10)

    assert talk.heard() == [("a.wav", 0, 2), ("b.wav", 2, 5)]
    assert talk.leg.hushes == []


async def test_a_loop_goes_on_until_it_is_stopped(talk: Talk) -> None:
    talk.controls.obey(PlaySounds(urls=(A,), loop=True))
    await asyncio.sleep(5)

    talk.controls.obey(StopSounds(what="speak"))
    talk.controls.obey(StopSounds(what="play"))
    await asyncio.sleep(5)

    assert [name for name, _, _ in talk.heard()] == ["a.wav"] * 3
    assert talk.heard()[-1][2] == 5


async def test_a_length_ends_it(talk: Talk) -> None:
    talk.controls.obey(PlaySounds(urls=(A, B), length_s=3, loop=True))
    await asyncio.sleep(9)

    assert talk.heard()[-1] == ("b.wav", 2, 3)


async def test_a_loop_of_nothing_that_can_be_played_ends() -> None:
    talk = Talk()
    talk.session = FakeSession(talk.leg, prompts=FakePrompts(missing=[A]))
    talk.controls.attach(talk.session)

    async with talk.controls:
        talk.controls.obey(PlaySounds(urls=(A,), loop=True))
        await asyncio.sleep(1)

    assert talk.heard() == []


async def test_without_mix_all_else_is_hushed_meanwhile(talk: Talk) -> None:
    talk.controls.obey(PlaySounds(urls=(A,), mix=False))
    await asyncio.sleep(9)

    ((began, ended),) = talk.leg.hushes
    assert (began, round(ended)) == (0, 2)


@pytest.mark.parametrize(
    ("legs", "own", "partners"), [("aleg", 1, 0), ("bleg", 0, 1), ("both", 1, 1)]
)
async def test_the_legs_that_are_named_hear_it(
    two: Talk, legs: str, own: int, partners: int
) -> None:
    two.controls.obey(PlaySounds.model_validate({"urls": (A,), "legs": legs}))
    two.controls.obey(SendDigits.model_validate({"digits": "7", "legs": legs}))
    await asyncio.sleep(9)

    assert (len(two.leg.played), len(two.partner.fake.played)) == (own, partners)
    assert (len(two.leg.sent), len(two.partner.fake.sent)) == (own, partners)


async def test_without_a_partner_a_b_leg_hears_nothing(talk: Talk) -> None:
    with pytest.raises(CommandRefused, match="there is no B leg"):
        talk.controls.obey(SendDigits(digits="1", legs="bleg"))


async def test_a_text_is_spoken(talk: Talk) -> None:
    speech = SpeakText(text="Hello you", voice="WOMAN", language="en-GB")

    talk.controls.obey(speech)
    await asyncio.sleep(9)

    assert [name for name, _, _ in talk.heard()] == ["Hello you"]


async def test_ssml_is_spoken_with_its_tags(talk: Talk) -> None:
    text = '<speak>Hi <sub alias="you">u</sub></speak>'
    speech = SpeakText(text=text, voice="Polly.Amy", language="en-GB", ssml=True)

    talk.controls.obey(speech)
    await asyncio.sleep(9)

    assert [name for name, _, _ in talk.heard()] == ["Hi you"]


@pytest.mark.parametrize("text", ["<speak>Hi", "</Speak><Hangup/><Speak>"])
async def test_what_is_no_ssml_is_refused(talk: Talk, text: str) -> None:
    speech = SpeakText(text=text, voice="Polly.Amy", language="en-GB", ssml=True)

    with pytest.raises(CommandRefused, match="no SSML"):
        talk.controls.obey(speech)


async def test_before_the_call_runs_nothing_sounds() -> None:
    controls = Controls()

    with pytest.raises(CommandRefused, match="not connected yet"):
        controls.obey(PlaySounds(urls=(A,)))


async def test_while_it_rings_nothing_sounds() -> None:
    controls = Controls()
    controls.attach(FakeSession(FakeLeg()))

    with pytest.raises(CommandRefused, match="not connected yet"):
        controls.obey(PlaySounds(urls=(A,)))


async def test_the_end_of_the_call_ends_what_sounds() -> None:
    talk = Talk()

    async with talk.controls:
        talk.controls.obey(PlaySounds(urls=(A,), loop=True))
        await asyncio.sleep(1)

    assert talk.heard() == [("a.wav", 0, 1)]


async def test_recordings_begin_and_end_one_by_one_or_all(talk: Talk) -> None:
    recorder = talk.session.recorder
    orders = [recorder.order(WANTED) for _ in range(3)]
    for order in orders:
        talk.controls.obey(StartRecording(order=order))

    talk.controls.obey(StopRecording(recording=orders[1].id))
    one = [taking.ended is not None for taking in recorder.takings]
    talk.controls.obey(StopRecording())

    assert one == [False, True, False]
    assert all(taking.ended is not None for taking in recorder.takings)


async def test_a_call_without_audio_is_not_recorded(talk: Talk) -> None:
    talk.session.recorder.is_ready = False

    with pytest.raises(CommandRefused, match="not connected yet"):
        talk.controls.obey(StartRecording(order=talk.session.recorder.order(WANTED)))
