"""Rooms of real phones are recorded: by a document, by Plivo's SDK, through a death."""

import asyncio
import os
import signal

import pytest

from tests.calls_e2e.conftest import World
from tests.calls_e2e.recorded import File, fetched, ready
from tests.calls_e2e.room import (
    A_HZ,
    B_HZ,
    events,
    mixer_of,
    room_of,
    speaks,
    told,
    until_told,
)
from tests.speech import people
from tests.speech.conftest import client_settings
from voiceplat.calls.script import plain
from voiceplat.speech.client import SpeechClient
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.compat]

NAME = "team"
SAID_S = 2
SENTENCE = "I would like to change my appointment to Wednesday."
WORDS_WITHIN_S = 90


async def talk(world: World, a: SoftphoneCall, b: SoftphoneCall) -> None:
    """One after the other, each until the other has heard it, and two seconds more."""
    for speaker, hz, hearer in ((a, A_HZ, b), (b, B_HZ, a)):
        await speaks(world, speaker, hz, (hearer,))
        await speaker.say(write_tone(world.folder / f"{hz:g}-said.wav", hz, SAID_S))


def has_both(file: File) -> bool:
    """On its one channel, and nothing else."""
    return len(file.channels) == 1 and file.only(0, A_HZ, B_HZ)


@pytest.mark.statement(203, 204)
async def test_the_recording_of_a_room_holds_all_who_spoke(world: World) -> None:
    carrier = await world.carrier_in_service()
    left = world.customer.document("/left", "<Hangup/>")
    room = (
        f'<Conference {events(world)} action="{left}" record="true">{NAME}</Conference>'
    )
    a, b = await room_of(world, carrier, room, 2)

    await talk(world, a, b)
    await a.hang_up()
    await b.hang_up()
    (record,) = await until_told(world, "record")
    file = await fetched(record["RecordUrl"])

    assert file.kind == "MP3"
    assert has_both(file)
    assert file.seconds == pytest.approx(
        int(record["RecordingDurationMs"]) / 1000, abs=0.1
    )
    assert record["ConferenceName"] == NAME
    assert record["ConferenceMemberID"] == "1"
    assert record["RecordingEndReason"] == "hangup"
    actions = await world.customer.asked_for("/left", times=2)
    exits = await until_told(world, "exit", 2)
    for each in (*exits, *(asked.fields for asked in actions)):
        assert each["RecordUrl"] == record["RecordUrl"]
        assert each["RecordingID"] == record["RecordingID"]
    assert len(told(world, "record")) == 1, "the second one does not record it again"


async def test_the_sdk_records_a_room_and_stops(world: World) -> None:
    carrier = await world.carrier_in_service()
    room = f"<Conference {events(world)}>{NAME}</Conference>"
    a, b = await room_of(world, carrier, room, 2)
    sdk, client = world.sdk, world.client.conferences
    url = f"{world.customer.url}/ready"

    begun = await sdk(lambda: client.record(NAME, "wav", callback_url=url))
    assert begun.message == "conference recording started"
    await talk(world, a, b)
    await sdk(lambda: client.record_stop(NAME))
    fields = await ready(world)
    file = await fetched(begun.url)

    assert fields["record_url"] == begun.url
    assert fields["recording_id"] == begun.recording_id
    assert fields["api_id"] == begun.api_id
    assert fields["conference_name"] == NAME
    assert file.kind == "WAV"
    assert has_both(file)
    await talk(world, a, b)  # the room goes on
    shown = await sdk(lambda: world.client.recordings.get(begun.recording_id))
    assert shown.conference_name == NAME
    await a.hang_up()
    await b.hang_up()


@pytest.mark.fault
async def test_a_room_that_is_killed_leaves_its_recording(world: World) -> None:
    carrier = await world.carrier_in_service()
    room = f'<Conference {events(world)} record="true">{NAME}</Conference>'
    a, b = await room_of(world, carrier, room, 2)
    await talk(world, a, b)

    os.kill(mixer_of(world), signal.SIGKILL)

    (record,) = await until_told(world, "record")
    file = await fetched(record["RecordUrl"])
    assert record["RecordingEndReason"] == "lost"
    assert has_both(file)
    exits = await until_told(world, "exit", 2)
    assert {it["RecordUrl"] for it in exits} == {record["RecordUrl"]}
    await asyncio.gather(a.until_ended(), b.until_ended())


@pytest.mark.statement(208)
async def test_what_was_said_in_a_room_comes_as_words(world: World) -> None:
    data = world.platform.data
    heard_at = f'transcriptionUrl="{world.customer.url}/words"'
    room = f'<Conference {events(world)} record="true" {heard_at}>{NAME}</Conference>'
    async with SpeechClient(client_settings(data, data / "speech.sock")) as speech:
        wav = await speech.speak(plain(SENTENCE), voice="WOMAN", language="en-US")
    carrier = await world.carrier_in_service()
    a, b = await room_of(world, carrier, room, 2)

    await a.say(wav)
    await a.hang_up()
    await b.hang_up()
    (record,) = await until_told(world, "record")
    async with asyncio.timeout(WORDS_WITHIN_S):
        while not world.customer.requests("/words"):  # noqa: ASYNC110 - another server
            await asyncio.sleep(0.2)
    (words,) = world.customer.requests("/words")

    assert people.words(words.fields["transcription"]) == people.words(SENTENCE)
    assert words.fields["recording_id"] == record["RecordingID"]
    assert float(words.fields["duration"]) > 2
    assert words.fields["call_uuid"]
