"""A whole mixer: members over TCP and UDP, its room on the bus, its deaths."""

import asyncio
from pathlib import Path

import pytest

from tests.bus.calls import NODE
from tests.mixer.members import LONG, PATIENCE_S, TEAM, Member, mixer
from tests.mixer.phones import tones_in, voice
from tests.recordings.kept import an_order
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.bus.room_commands import EVERYBODY, Deafen, Kick, Mute
from voiceplat.calls.conference import MemberRules, Why
from voiceplat.calls.recording import EndReason
from voiceplat.calls.sounds import File
from voiceplat.core.errors import CommandRefused
from voiceplat.core.ids import new_conference_uuid
from voiceplat.core.settings import Settings
from voiceplat.links.lifeline import STOP
from voiceplat.mixer.member_channel import (
    Announce,
    Key,
    MemberChannel,
    Out,
    Press,
    Record,
    Recorded,
    Refused,
    Told,
    Wait,
)
from voiceplat.recordings.spool import Spool
from voiceplat.recordings.wav import HEADER_BYTES

pytestmark = [pytest.mark.redis, pytest.mark.real_time]

FRAME_BYTES = 320


async def test_a_room_lives_from_its_first_member_to_its_last(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        two = await (await running.member()).welcomed()
        assert (one.number, two.number) == (1, 2)
        room = await running.room()
        assert [it.call_uuid for it in room.members] == [one.call_uuid, two.call_uuid]
        one.speak()
        await two.hears(voice(1))
        two.channel.say(Press(key="5"))
        assert (await one.until(Key)).key == "5"

        assert await one.go() == Out(why=Why.LEFT, last=False)
        assert await two.go() == Out(why=Why.LEFT, last=True)

    assert await running.told() == [], "their workers told of it"
    found = await bus.rooms.claim(TEAM, new_conference_uuid(), NODE, LONG)
    assert found.uuid != running.uuid


async def test_members_are_told_when_they_wait(bus: Bus, settings: Settings) -> None:
    async with mixer(bus, settings) as running:
        caller = await (await running.member(MemberRules(starts=False))).welcomed()
        assert (await caller.until(Wait)).waits

        agent = await (await running.member(MemberRules(ends=True))).welcomed()

        assert not (await caller.until(Wait)).waits
        await agent.go()
        assert (await caller.until(Out)).why is Why.ENDED
        caller.channel.say(Told())
        await caller.die()


async def test_a_member_whose_worker_dies_has_left_and_the_mixer_tells(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        two = await (await running.member()).welcomed()

        await one.die()

        await two.until(Wait, lambda line: line.waits)
        await running.until_shown(1)
        await two.die()

    first, second = await running.told()
    assert first["CallUUID"] == one.call_uuid
    assert first["ConferenceAction"] == "exit"
    assert first["ConferenceMemberID"] == "1"
    assert first["ConferenceLastMember"] == "false"
    assert second["ConferenceLastMember"] == "true"


async def test_commands_mute_deafen_and_kick_by_ear(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        two = await (await running.member()).welcomed()
        one.speak()
        two.speak()
        await two.hears(voice(1))

        await running.tell(Mute(members=(1,), muted=True))
        await two.does_not_hear(voice(1))
        assert (await running.room()).members[0].muted
        await running.tell(Mute(members=(1,), muted=False))
        await two.hears(voice(1))
        await running.tell(Deafen(members=(1,), deaf=True))
        await one.does_not_hear(voice(2))
        with pytest.raises(CommandRefused):
            await running.tell(Kick(members=(1, 9)))

        await running.tell(Kick(members=EVERYBODY))

        for each in (one, two):
            assert (await each.until(Out)).why is Why.KICKED
            each.channel.say(Told())
            await each.die()


async def test_strangers_and_those_too_many_are_refused(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        at = await running.address()
        stranger = Member(await MemberChannel.visit(at.host, at.port, lost_after_s=4))
        stranger.channel.say(stranger.join("guess", MemberRules()))
        assert await stranger.channel.next() is None

        late = await running.member(MemberRules(most=1))

        assert await late.until(Refused) == Refused(full=True)
        await late.die()
        await stranger.die()
        await one.go()


async def test_a_room_nobody_comes_to_is_over(bus: Bus, settings: Settings) -> None:
    async with mixer(bus, settings) as running:
        await running.address()

    assert running.task.done()
    with pytest.raises(AssertionError):
        await running.room()


async def test_stopped_it_sends_everybody_on(bus: Bus, settings: Settings) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()

        running.lifeline.send_bytes(STOP)

        assert (await one.until(Out)).why is Why.ENDED
        one.channel.say(Told())
        await one.die()


async def test_its_time_is_up(bus: Bus, settings: Settings) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member(MemberRules(time_limit_s=1))).welcomed()

        assert (await one.until(Out)).why is Why.TIME_LIMIT
        one.channel.say(Told())
        await one.die()


async def test_sounds_are_made_where_the_room_is_and_a_farewell_survives_its_member(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        two = await (await running.member()).welcomed()
        one.channel.say(Announce(sounds=(File(url="http://app/hello.wav"),)))
        bye = (File(url="http://app/bye.wav"),)
        one.channel.say(Announce(sounds=bye, leaving=True))

        assert await running.until_fetched(1) == ["http://app/hello.wav"]
        await one.go()
        assert (await running.until_fetched(2))[1] == "http://app/bye.wav"
        await two.go()


async def test_a_room_is_recorded_for_the_first_who_wants_it_and_all_hear_of_it(
    bus: Bus, settings: Settings
) -> None:
    first, second, by_api = an_order(), an_order(), an_order()
    async with mixer(bus, settings) as running:
        one = await (await running.member()).welcomed()
        two = await (await running.member()).welcomed()
        one.speak()
        two.speak()
        one.channel.say(Record(order=first, when_alone=True))
        told = (await two.until(Recorded)).recording
        two.channel.say(Record(order=second, when_alone=True))
        three = await (await running.member()).welcomed()
        assert (await three.until(Recorded)).recording == told
        await running.tell(StartRecording(order=by_api))
        await until_heard_in(settings, first.id, voice(1), voice(2))
        await until_heard_in(settings, by_api.id, voice(1), voice(2))
        await running.tell(StopRecording(recording=by_api.id))
        for each in (one, two):
            await each.go()
        await three.die()

    (exit_,) = await running.told()
    assert exit_["RecordUrl"] == told.url
    assert exit_["RecordingID"] == told.id == first.id
    takes = Spool.of(settings).finished(but=frozenset())
    ends = {take.id: take.end() for take in takes}
    assert {id_: end and end.reason for id_, end in ends.items()} == {
        first.id: EndReason.HANGUP,
        by_api.id: EndReason.STOPPED,
    }


async def until_heard_in(settings: Settings, recording: str, *hz: int) -> None:
    """Returns when one frame of what is on the disk has all those tones."""
    track = settings.spool_dir / recording / "mix.wav"
    wanted = set(hz)
    async with asyncio.timeout(PATIENCE_S):
        while not _is_heard_in(track, wanted):  # noqa: ASYNC110 - a disk tells nobody
            await asyncio.sleep(0.1)


def _is_heard_in(track: Path, hz: set[int]) -> bool:
    if not track.exists():
        return False
    pcm = track.read_bytes()[HEADER_BYTES:]
    whole = range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)
    return any(hz <= set(tones_in(pcm[at : at + FRAME_BYTES])) for at in whole)


async def test_a_claim_that_went_to_another_makes_no_room(
    bus: Bus, settings: Settings
) -> None:
    async with mixer(bus, settings) as running:
        await bus.rooms.release(TEAM, running.uuid)

    with pytest.raises(AssertionError):
        await running.room()


@pytest.mark.parametrize("size", [10, 50])
async def test_in_larger_rooms_everybody_hears_the_one_who_speaks(
    bus: Bus, settings: Settings, size: int
) -> None:
    rules = MemberRules(most=size)
    async with mixer(bus, settings) as running:
        members = [await (await running.member(rules)).welcomed() for _ in range(size)]

        for speaker in (members[0], members[-1]):
            speaker.speak()
            others = [it for it in members if it is not speaker]
            await asyncio.gather(*(it.hears(voice(speaker.number)) for it in others))
        await members[0].does_not_hear(voice(1))

        for each in members:
            await each.die()

    assert len(await running.told()) == size
