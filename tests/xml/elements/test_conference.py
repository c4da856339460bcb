"""<Conference>: what a member hears, presses and reports (plivo-xml 3.7)."""

import asyncio

import pytest

from tests.fakes.conferences import FakeConferences
from tests.fakes.leg import FakeLeg
from tests.xml.conference_scene import OUT, TELL, URL, ConferenceScene
from tests.xml.scene import document
from voiceplat.calls.conference import (
    KeyPressed,
    Left,
    MemberRules,
    TookFloor,
    Waits,
    Why,
)
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import End
from voiceplat.calls.sounds import Beep, File, Silence, Speech
from voiceplat.core.errors import DocumentError, FetchError, RoomFull, Unavailable

approx = pytest.approx
WAIT, SOUND = "https://e.com/wait", "https://e.com/sound"
NEXT = "<Speak>next</Speak>"
DONE = End(CAUSES[4010])


async def test_it_answers_and_enters_the_room_of_that_name() -> None:
    scene = ConferenceScene((5, OUT))

    assert await scene.meet() == DONE

    assert scene.leg.responses == [200]
    assert scene.membership.badge.room == "team"
    assert scene.rules == MemberRules()


@pytest.mark.statement(187)
def test_the_room_has_a_name() -> None:
    with pytest.raises(DocumentError, match="body"):
        document("<Conference> </Conference>")


@pytest.mark.statement(189, 190, 191, 192, 197)
async def test_what_the_document_says_of_the_member_reaches_the_room() -> None:
    scene = ConferenceScene((1, OUT))

    await scene.meet(
        'muted="true" startConferenceOnEnter="false" endConferenceOnExit="true"'
        ' stayAlone="false" maxMembers="7" timeLimit="60"'
    )

    assert scene.rules == MemberRules(
        muted=True, starts=False, ends=True, stays_alone=False, most=7, time_limit_s=60
    )


@pytest.mark.statement(196)
@pytest.mark.parametrize(("written", "most"), [("21", 20), ("0", 1), ("many", 20)])
async def test_max_members_has_a_cap(written: str, most: int) -> None:
    scene = ConferenceScene((1, OUT))

    await scene.meet(f'maxMembers="{written}"')

    assert scene.rules.most == most


@pytest.mark.statement(199, 209)
async def test_callback_url_is_told_of_its_coming_and_leaving() -> None:
    scene = ConferenceScene((5, Left(Why.ENDED, last=True)))

    await scene.meet()

    enter, exit_ = scene.events
    common = {
        "ConferenceName": "team",
        "ConferenceUUID": "conference",
        "ConferenceMemberID": "1",
        "ConferenceFirstMember": "true",
    }
    assert enter == common | {
        "Event": "ConferenceEnter",
        "ConferenceAction": "enter",
        "ConferenceLastMember": "false",
    }
    assert exit_ == common | {
        "Event": "ConferenceExit",
        "ConferenceAction": "exit",
        "ConferenceLastMember": "true",
    }


async def test_the_mixer_knows_whom_to_tell_when_the_worker_dies() -> None:
    scene = ConferenceScene((1, OUT))

    await scene.meet('callbackMethod="GET"')

    hook, about = scene.rooms.mixer_would_tell
    assert hook is not None
    assert (hook.url, hook.method) == (TELL, "GET")
    assert about["CallUUID"] == scene.session.call.uuid
    assert about["CallStatus"] == "in-progress"


@pytest.mark.statement(205)
async def test_what_action_returns_replaces_the_rest() -> None:
    scene = ConferenceScene((3, OUT))

    end = await scene.meet(f'action="{URL}"', after=NEXT)

    (asked,) = [it for it in scene.documents.asked if it.url == URL]
    assert asked.params == {
        "ConferenceName": "team",
        "ConferenceUUID": "conference",
        "ConferenceMemberID": "1",
    }
    assert asked.method == "POST"
    assert end.cause is CAUSES[4010] or end.cause is CAUSES[4000]
    assert scene.heard == []


@pytest.mark.statement(206)
async def test_without_redirect_action_is_told_and_the_next_element_runs() -> None:
    scene = ConferenceScene((3, OUT))

    await scene.meet(f'action="{URL}" redirect="false" method="GET"', after=NEXT)

    (told,) = [it for it in scene.documents.told if it.url == URL]
    assert told.method == "GET"
    assert told.params["ConferenceMemberID"] == "1"
    assert scene.heard == ["next"]


async def test_a_far_end_that_leaves_is_told_of_and_action_too() -> None:
    scene = ConferenceScene(leg=FakeLeg(hangs_up_at=4))

    with pytest.raises(CallEnded):
        await scene.meet(f'action="{URL}"')

    assert scene.actions == ["enter", "exit"]
    assert [it.url for it in scene.documents.told] == [TELL, TELL, URL]
    assert scene.membership.left == Left(Why.LEFT, last=True)


async def test_a_hang_up_that_ends_the_whole_flow_is_told_to_action_too() -> None:
    leg = FakeLeg(hangs_up_at=3)
    scene = ConferenceScene(leg=leg)
    meeting = asyncio.create_task(scene.meet(f'action="{URL}"'))

    await leg.until_ended()
    meeting.cancel()
    await asyncio.wait([meeting])

    assert scene.actions == ["enter", "exit"]
    assert [it.url for it in scene.documents.told][-1] == URL


async def test_a_transfer_takes_it_out_and_asks_no_action() -> None:
    scene = ConferenceScene()
    meeting = asyncio.create_task(scene.meet(f'action="{URL}"'))

    await asyncio.sleep(1)
    meeting.cancel()
    await asyncio.wait([meeting])

    assert scene.actions == ["enter", "exit"]
    assert {it.url for it in scene.documents.told} == {TELL}


@pytest.mark.statement(198)
async def test_star_takes_it_out_and_the_flow_goes_on() -> None:
    leg = FakeLeg(presses=[(2, "5"), (3, "*")])
    scene = ConferenceScene(leg=leg)

    await scene.meet('hangupOnStar="true"', after=NEXT)

    assert scene.membership.pressed == ["5"]
    assert scene.actions == ["enter", "exit"]
    assert scene.heard == ["next"]


async def test_star_is_a_key_like_others_unless_it_ends() -> None:
    scene = ConferenceScene((5, OUT), leg=FakeLeg(presses=[(3, "*")]))

    await scene.meet()

    assert scene.membership.pressed == ["*"]


@pytest.mark.statement(200)
async def test_digits_are_matched_and_told() -> None:
    leg = FakeLeg(presses=[(1, "3"), (2, "1"), (3, "2"), (4, "2")])
    scene = ConferenceScene((9, OUT), leg=leg)

    await scene.meet('digitsMatch="12,99"')

    (told,) = [it for it in scene.events if it["ConferenceAction"] == "digits"]
    assert told["ConferenceDigitsMatch"] == "12"
    assert told["Event"] == "ConferenceDigitsMatch"


@pytest.mark.statement(201)
async def test_digits_without_callback_url_do_nothing() -> None:
    leg = FakeLeg(presses=[(1, "1"), (2, "2")])
    scene = ConferenceScene((9, OUT), leg=leg)

    await scene.obey('<Conference digitsMatch="12">team</Conference>')

    assert scene.documents.told == []


@pytest.mark.statement(202)
@pytest.mark.parametrize(("written", "times"), [("true", 1), ("false", 0)])
async def test_taking_the_floor_is_told_when_it_is_wanted(
    written: str, times: int
) -> None:
    scene = ConferenceScene((2, TookFloor()), (4, OUT))

    await scene.meet(f'floorEvent="{written}"')

    assert scene.actions.count("floor") == times


@pytest.mark.statement(207)
async def test_keys_of_others_are_sent_to_the_far_end_and_its_own_may_be_kept() -> None:
    leg = FakeLeg(presses=[(1, "7")])
    scene = ConferenceScene(
        (2, KeyPressed("8")), (2.1, KeyPressed("9")), (5, OUT), leg=leg
    )

    await scene.meet('relayDTMF="false"')

    assert [key for _, key in leg.sent] == ["8", "9"]
    assert scene.membership.pressed == []


@pytest.mark.statement(193)
async def test_the_wait_sound_is_heard_again_and_again_while_it_waits() -> None:
    page = "<Play>https://e.com/a.wav</Play><Speak>soon</Speak><Wait length='2'/>"
    scene = ConferenceScene(
        (0, Waits(waits=True)),
        (9.5, Waits(waits=False)),
        (20, OUT),
        pages={WAIT: page},
    )

    await scene.meet(f'waitSound="{WAIT}"')

    assert scene.heard == ["a.wav", "soon"] * 2 + ["a.wav", "soon"]
    assert scene.leg.played[-1].ended == approx(9.5)
    (asked,) = [it for it in scene.documents.asked if it.url == WAIT]
    assert asked.method == "POST"


@pytest.mark.statement(194)
@pytest.mark.parametrize(
    "page", [FetchError(WAIT, "answered 500"), b"no xml", "<Hangup/>"]
)
async def test_a_wait_sound_that_cannot_be_had_is_silence(
    page: bytes | str | FetchError,
) -> None:
    scene = ConferenceScene((0, Waits(waits=True)), (5, OUT), pages={WAIT: page})

    assert await scene.meet(f'waitSound="{WAIT}"', after=NEXT) == DONE

    assert scene.heard == ["next"]


@pytest.mark.statement(195)
@pytest.mark.parametrize(("sound", "beeps"), [("beep:1", 1), ("beep:2", 2)])
async def test_beeps_tell_the_room_of_its_coming_and_leaving(
    sound: str, beeps: int
) -> None:
    scene = ConferenceScene((2, OUT))

    await scene.meet(f'enterSound="{sound}" exitSound="{sound}"')

    (announced,) = scene.membership.announced
    for sounds in (announced, scene.membership.farewell):
        assert sum(isinstance(it, Beep) for it in sounds) == beeps


async def test_a_document_tells_the_room() -> None:
    page = (
        '<Play loop="2">https://e.com/a.wav</Play><Wait length="3"/>'
        '<Speak voice="MAN">one more</Speak><Hangup/><Play>nowhere</Play>'
    )
    scene = ConferenceScene((2, OUT), pages={SOUND: page})

    await scene.meet(f'enterSound="{SOUND}"')

    ((file, silence, speech),) = scene.membership.announced
    assert file == File(url="https://e.com/a.wav", loop=2)
    assert silence == Silence(seconds=3)
    assert isinstance(speech, Speech)
    assert [it.text for it in speech.scripts] == ["one more"]
    assert speech.voice == "MAN"


async def test_another_sound_is_none() -> None:
    scene = ConferenceScene((2, OUT))

    await scene.meet('enterSound="beep:3" exitSound=""')

    assert scene.membership.announced == []
    assert scene.membership.farewell == ()


@pytest.mark.parametrize("refusal", [RoomFull(), Unavailable("the conference room")])
async def test_one_who_is_not_let_in_goes_on_with_the_next_element(
    refusal: RoomFull | Unavailable,
) -> None:
    scene = ConferenceScene(conferences=FakeConferences(refusal=refusal))

    await scene.meet(f'action="{URL}"', after=NEXT)

    assert scene.heard == ["next"]
    assert scene.events == []
    assert scene.documents.asked == []


async def test_a_room_that_is_lost_is_told_of_and_action_is_asked() -> None:
    scene = ConferenceScene((2, Left(Why.LOST, last=False)))

    await scene.meet(f'action="{URL}"')

    assert scene.actions == ["enter", "exit"]
    assert [it.url for it in scene.documents.asked] == [URL]
