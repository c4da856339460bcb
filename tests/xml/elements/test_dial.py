"""<Dial>: who rings, who is connected, how it ends (plivo-xml 3.6)."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.session import a_call
from tests.xml.dial_scene import (
    NEXT,
    ONE,
    THREE,
    TWO,
    DialScene,
    answering,
    numbers,
    refusing,
    ringing,
)
from tests.xml.scene import now
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import End
from voiceplat.calls.status import Direction

approx = pytest.approx
NO_REDIRECT = 'redirect="false"'


@pytest.mark.statement(147)
async def test_the_a_leg_rings_until_a_b_leg_answers_and_is_answered_then() -> None:
    scene = DialScene({ONE: answering(at=4, hangs_up_at=9)})

    await scene.dial()

    assert scene.leg.responses == [180, 200]
    assert scene.leg.answered_at == approx(4)


@pytest.mark.statement(149, 173)
async def test_the_two_parties_are_bridged_until_the_b_leg_hangs_up() -> None:
    scene = DialScene({ONE: answering(at=4, hangs_up_at=9.5)})

    await scene.dial()

    (talk,) = scene.leg.bridged
    assert talk.other is scene.b().leg
    assert [talk.began, talk.ended] == approx([4, 9.5])
    assert scene.ends() == {ONE: 4000}
    assert [action for action, _ in scene.events] == ["answer", "connected", "hangup"]


@pytest.mark.statement(168)
async def test_action_gets_what_became_of_it() -> None:
    scene = DialScene({ONE: answering(hangs_up_at=9)})

    await scene.dial()

    assert scene.result == {
        "DialStatus": "completed",
        "DialRingStatus": "true",
        "DialHangupCause": "NORMAL_CLEARING",
        "DialALegUUID": a_call().uuid,
        "DialBLegUUID": f"b-{ONE}",
    }


@pytest.mark.statement(174)
async def test_the_hangup_event_tells_how_long_they_talked_and_why_it_ended() -> None:
    scene = DialScene({ONE: answering(at=4, hangs_up_at=9.5)})

    await scene.dial()

    event = scene.event("hangup")
    assert event["DialBLegDuration"] == event["DialBLegBillDuration"] == "6"
    assert event["DialBLegHangupCause"] == "NORMAL_CLEARING"
    assert event["DialBLegHangupCauseCode"] == "4000"
    assert event["DialBLegHangupSource"] == "Callee"
    assert event["DialBLegTo"] == ONE
    assert event["DialBLegFrom"] == "15550100"
    assert event["DialBLegPosition"] == "1"


@pytest.mark.statement(148, 149)
async def test_all_ring_at_once_and_the_losers_end_with_9000() -> None:
    callees = {ONE: ringing(), TWO: answering(at=5, hangs_up_at=9), THREE: ringing()}
    scene = DialScene(callees)

    await scene.dial(numbers(ONE, TWO, THREE))

    assert [leg.rang_at for leg in scene.dialler.legs.values()] == [1, 1, 1]
    assert scene.ends() == {ONE: 9000, TWO: 4000, THREE: 9000}
    assert scene.b(ONE).fake.ended_at == approx(5)
    assert scene.result["DialBLegUUID"] == f"b-{TWO}"


@pytest.mark.statement(178)
async def test_a_loser_makes_no_hangup_event() -> None:
    scene = DialScene({ONE: ringing(), TWO: answering(at=5, hangs_up_at=9)})

    await scene.dial(numbers(ONE, TWO))

    assert {leg for _, leg in scene.events} == {f"b-{TWO}"}


async def test_of_two_who_answer_at_once_one_is_connected() -> None:
    scene = DialScene(
        {ONE: answering(at=5, hangs_up_at=9), TWO: answering(at=5, hangs_up_at=9)}
    )

    await scene.dial(numbers(ONE, TWO))

    assert sorted(scene.ends().values()) == [4000, 9000]
    assert len(scene.leg.bridged) == 1


@pytest.mark.statement(150)
async def test_a_number_and_a_user_ring_together() -> None:
    user = "sip:anna1@phone.plivo.com"
    scene = DialScene({ONE: ringing(), user: answering(hangs_up_at=9)})

    await scene.dial(numbers(ONE) + f"<User>{user}</User>")

    assert scene.ends() == {ONE: 9000, user: 4000}


@pytest.mark.statement(151)
@pytest.mark.parametrize(
    "inside", ["", "<Number/>", "<Number> , </Number>", "<User>anna</User>"]
)
async def test_without_anybody_to_call_the_next_element_runs(inside: str) -> None:
    scene = DialScene({})

    await scene.dial(inside, after=NEXT)

    assert scene.heard == ["next"]
    assert scene.documents.asked == scene.documents.told == []


@pytest.mark.statement(156, 171)
async def test_after_the_timeout_all_stop_ringing() -> None:
    scene = DialScene({ONE: ringing(), TWO: ringing()})

    await scene.dial(numbers(ONE, TWO), 'timeout="20"')

    assert now() == approx(20)
    assert scene.ends() == {ONE: 6010, TWO: 6010}
    assert scene.result["DialStatus"] == "no-answer"
    assert scene.result["DialHangupCause"] == "NO_ANSWER"
    assert scene.result["DialBLegUUID"] == ""
    assert not scene.leg.answered


@pytest.mark.statement(169)
@pytest.mark.parametrize(
    ("status", "dial_status", "cause"),
    [
        (486, "busy", "USER_BUSY"),
        (603, "busy", "CALL_REJECTED"),
        (480, "no-answer", "NO_ANSWER"),
        (404, "failed", "UNALLOCATED_NUMBER"),
        (503, "failed", "SWITCH_CONGESTION"),
    ],
)
async def test_a_refusal_is_told_as_what_it_was(
    status: int, dial_status: str, cause: str
) -> None:
    scene = DialScene({ONE: refusing(status)})

    await scene.dial()

    assert scene.result["DialStatus"] == dial_status
    assert scene.result["DialHangupCause"] == cause
    assert scene.events == []


async def test_who_answers_and_is_gone_before_there_is_audio_is_told_as_answered() -> (
    None
):
    b_leg = ringing()

    def come_and_go() -> None:
        b_leg.far.answer()
        b_leg.far.hang_up()

    asyncio.get_running_loop().call_later(2, come_and_go)
    scene = DialScene({ONE: b_leg})

    await scene.dial()

    uuid = scene.b().uuid
    assert scene.events == [("answer", uuid), ("hangup", uuid)]
    assert scene.result["DialStatus"] != "completed"


async def test_one_who_refuses_does_not_keep_the_others_from_ringing() -> None:
    scene = DialScene({ONE: refusing(486), TWO: answering(at=8, hangs_up_at=9)})

    await scene.dial(numbers(ONE, TWO))

    assert scene.result["DialStatus"] == "completed"
    assert scene.ends() == {ONE: 3010, TWO: 4000}


async def test_a_number_without_a_route_fails() -> None:
    scene = DialScene({})

    await scene.dial()

    assert scene.result["DialStatus"] == "failed"
    assert scene.result["DialHangupCause"] == "NO_ROUTE_DESTINATION"


@pytest.mark.statement(170)
@pytest.mark.parametrize(
    ("callee", "rang"), [({"rings_at": 1}, "true"), ({"rings_at": None}, "false")]
)
async def test_the_ring_status_says_whether_anybody_rang(
    callee: dict[str, float], rang: str
) -> None:
    scene = DialScene({ONE: FakeLeg(refuses_at=(3, 486), **callee)})  # type: ignore[arg-type]

    await scene.dial()

    assert scene.result["DialRingStatus"] == rang


@pytest.mark.parametrize("when", [0.5, 3])
async def test_a_caller_who_gives_up_cancels_all_and_action_is_told(
    when: float,
) -> None:
    scene = DialScene({ONE: ringing(), TWO: ringing()}, FakeLeg(hangs_up_at=when))

    with pytest.raises(CallEnded):
        await scene.dial(numbers(ONE, TWO))

    await scene.session.until_quiet()
    assert scene.ends() == {ONE: 1000, TWO: 1000}
    assert scene.result["DialStatus"] == "cancel"
    assert scene.result["DialHangupCause"] == "ORIGINATOR_CANCEL"
    assert scene.documents.asked == []


async def test_a_caller_who_hangs_up_ends_the_talk_and_action_is_told() -> None:
    scene = DialScene({ONE: answering(at=2)}, FakeLeg(hangs_up_at=12))

    with pytest.raises(CallEnded):
        await scene.dial()

    assert scene.b().fake.ended_at == approx(12)
    assert scene.b().ends == [End(CAUSES[4000], HangupSource.CALLER)]
    assert scene.result["DialStatus"] == "completed"
    assert scene.event("hangup")["DialBLegHangupSource"] == "Caller"


async def test_a_caller_who_leaves_is_told_however_the_element_learns_of_it() -> None:
    scene = DialScene({ONE: answering(at=2)}, FakeLeg(hangs_up_at=5))
    dialling = asyncio.create_task(scene.dial())
    await scene.leg.until_ended()

    dialling.cancel()
    await asyncio.gather(dialling, return_exceptions=True)

    assert scene.result["DialStatus"] == "completed"


@pytest.mark.statement(155)
async def test_at_the_time_limit_the_b_leg_is_dropped_and_the_a_leg_goes_on() -> None:
    scene = DialScene({ONE: answering(at=2)})

    await scene.dial(attributes=f'timeLimit="30" {NO_REDIRECT}', after=NEXT)

    assert scene.b().fake.ended_at == approx(32)
    assert scene.ends() == {ONE: 6000}
    assert scene.heard == ["next"]
    assert scene.result["DialHangupCause"] == "ALLOTTED_TIMEOUT"


@pytest.mark.statement(159)
async def test_a_star_of_the_a_leg_drops_the_b_leg_and_the_a_leg_goes_on() -> None:
    scene = DialScene({ONE: answering(at=2)}, FakeLeg(presses=[(5, "1*")]))

    await scene.dial(attributes=f'hangupOnStar="true" {NO_REDIRECT}', after=NEXT)

    assert scene.b().fake.ended_at == approx(5, abs=0.5)
    assert [key for _, key in scene.b().fake.sent] == ["1"]
    assert scene.heard == ["next"]


async def test_without_hangup_on_star_a_star_is_passed_on() -> None:
    scene = DialScene(
        {ONE: answering(at=2, hangs_up_at=9)}, FakeLeg(presses=[(5, "*")])
    )

    await scene.dial()

    assert [key for _, key in scene.b().fake.sent] == ["*"]


async def test_keys_are_passed_on_both_ways() -> None:
    callee = answering(at=2, hangs_up_at=9, presses=[(6, "78")])
    scene = DialScene({ONE: callee}, FakeLeg(presses=[(4, "12")]))

    await scene.dial()

    assert [key for _, key in scene.b().fake.sent] == ["1", "2"]
    assert [key for _, key in scene.leg.sent] == ["7", "8"]


@pytest.mark.statement(172, 43)
async def test_without_redirect_action_is_told_and_the_next_element_runs() -> None:
    scene = DialScene({ONE: refusing(486)})

    await scene.dial(attributes=NO_REDIRECT, after=NEXT)

    assert scene.heard == ["next"]
    assert scene.documents.asked == []
    assert scene.result["DialStatus"] == "busy"


async def test_several_dials_ring_one_after_the_other() -> None:
    scene = DialScene({ONE: refusing(486), TWO: answering(at=9, hangs_up_at=20)})

    await scene.obey(f"<Dial>{numbers(ONE)}</Dial><Dial>{numbers(TWO)}</Dial>")

    assert scene.ends() == {ONE: 3010, TWO: 4000}


@pytest.mark.parametrize("ringing_still", [True, False])
async def test_the_api_can_end_a_b_leg(*, ringing_still: bool) -> None:
    scene = DialScene({ONE: ringing() if ringing_still else answering(at=2)})
    dialling = asyncio.create_task(scene.dial(attributes=NO_REDIRECT, after=NEXT))
    await asyncio.sleep(5)

    scene.b().commanded.set_result(End(CAUSES[4000], HangupSource.API))
    await dialling

    assert scene.b().ends == [End(CAUSES[4000], HangupSource.API)]
    assert scene.heard == ["next"]


@pytest.mark.parametrize(
    ("direction", "own"),
    [(Direction.INBOUND, "15550100"), (Direction.OUTBOUND, "15550199")],
)
async def test_the_a_legs_own_number_is_a_loop(direction: Direction, own: str) -> None:
    leg = FakeLeg(answered=direction is Direction.OUTBOUND)
    scene = DialScene({own: answering()}, leg, call=a_call(direction))

    await scene.dial(numbers(own))

    assert scene.dialler.targets == []
    assert scene.result["DialStatus"] == "failed"
    assert scene.result["DialHangupCause"] == CAUSES[2060].text


@pytest.mark.parametrize("when", [0.5, 1.5, 2, 2.5, 30])
async def test_cancelled_at_any_moment_every_leg_is_ended_once(when: float) -> None:
    scene = DialScene({ONE: answering(at=2), TWO: ringing()})
    dialling = asyncio.create_task(scene.dial(numbers(ONE, TWO)))
    await asyncio.sleep(when)

    dialling.cancel()
    await asyncio.gather(dialling, return_exceptions=True)
    await asyncio.sleep(0)

    assert scene.ends().keys() == {ONE, TWO}
    assert all(leg.fake.ended for leg in scene.dialler.legs.values())
