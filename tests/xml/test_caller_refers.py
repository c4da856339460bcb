"""A caller sends its callee on by REFER: the callee goes its own way, the call ends."""

import asyncio

import pytest

from tests.fakes.documents import FakeDocuments
from tests.fakes.leg import FakeLeg
from tests.fakes.session import FakeSession, a_call
from tests.xml.dial_scene import (
    NEXT,
    ONE,
    TWO,
    DialScene,
    answering,
    refusing,
    ringing,
)
from voiceplat.calls.hangup import HangupSource
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import End
from voiceplat.core.ids import CallUuid

approx = pytest.approx
TO_TWO = f"sip:+{TWO}@phone.plivo.com"


async def referring(scene: DialScene, *, leaves_after: float = 0) -> None:
    """The caller asks for it after five seconds, and may hang up soon after."""
    await asyncio.sleep(5)
    scene.leg.far.refer(TO_TWO)
    if leaves_after:
        await asyncio.sleep(leaves_after)
        scene.leg.far.hang_up()


async def on_its_own(scene: DialScene) -> End:
    """What the callee does without the caller."""
    leg = scene.b(ONE)
    assert leg.way is not None
    session = FakeSession(
        leg.fake,
        call=a_call(uuid=CallUuid(leg.uuid)),
        documents=FakeDocuments(),
        dialler=scene.dialler,
    )
    return await leg.way(session)


def reports(scene: DialScene) -> list[int]:
    return [status for _, status in scene.leg.referral_reports]


async def test_the_callee_talks_to_the_target_and_the_caller_is_out() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    asked = asyncio.create_task(referring(scene))
    end = await scene.dial(after=NEXT)
    await asked
    own_end = await on_its_own(scene)

    assert (end.cause.code, end.source) == (4000, HangupSource.CALLER)
    assert own_end.cause.code == 4000
    (talk,) = scene.b(ONE).fake.bridged
    assert talk.other is scene.b(TWO).leg
    assert talk.began == approx(7)
    assert talk.ended == approx(20)
    assert reports(scene) == [180, 200]
    assert scene.ends() == {ONE: 4000, TWO: 4000}
    assert "next" not in scene.heard


async def test_the_customer_is_told_that_the_dial_is_over() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial()
    await asked

    one, two = scene.b(ONE).uuid, scene.b(TWO).uuid
    assert scene.events == [
        ("answer", one),
        ("connected", one),
        ("answer", two),
        ("hangup", one),
    ]
    assert scene.result["DialStatus"] == "completed"
    assert scene.result["DialBLegUUID"] == one
    assert [it.url for it in scene.documents.asked] == [], "nobody is left to obey"
    await on_its_own(scene)


async def test_the_target_is_shown_whom_the_callee_was_shown() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(attributes='callerId="15559999"')
    await asked
    await on_its_own(scene)

    assert [it.caller_id for it in scene.dialler.targets] == ["15559999"] * 2


async def test_when_the_target_will_not_come_they_talk_on() -> None:
    scene = DialScene({ONE: answering(hangs_up_at=30), TWO: refusing(486, at=7)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(attributes='redirect="false"', after=NEXT)
    await asked

    (talk,) = scene.leg.bridged
    assert talk.ended == approx(30)
    assert reports(scene) == [486]
    assert scene.ends() == {ONE: 4000, TWO: 3010}
    assert scene.heard[-1] == "next"


async def test_a_caller_that_leaves_at_once_lets_the_callee_wait_for_the_target() -> (
    None
):
    scene = DialScene({ONE: answering(), TWO: answering(at=11, hangs_up_at=20)})

    asked = asyncio.create_task(referring(scene, leaves_after=1))
    with pytest.raises(CallEnded):
        await scene.dial()
    await asked
    await on_its_own(scene)

    callee = scene.b(ONE).fake
    (talk,) = callee.bridged
    assert talk.began == approx(11)
    assert talk.ended == approx(20)
    assert {it.name for it in callee.played} == {"ringback"}
    assert scene.result["DialStatus"] == "completed"
    assert scene.ends() == {ONE: 4000, TWO: 4000}


async def test_a_callee_that_waits_for_nobody_is_hung_up() -> None:
    scene = DialScene({ONE: answering(), TWO: refusing(486, at=11)})

    asked = asyncio.create_task(referring(scene, leaves_after=1))
    with pytest.raises(CallEnded):
        await scene.dial()
    await asked
    end = await on_its_own(scene)

    assert end.cause.code == 4000
    assert scene.b(ONE).fake.bridged == []
    assert scene.ends() == {ONE: 4000, TWO: 3010}


async def test_a_callee_that_hangs_up_takes_the_ringing_target_along() -> None:
    scene = DialScene({ONE: answering(hangs_up_at=8), TWO: ringing()})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(attributes='redirect="false"', after=NEXT)
    await asked

    assert reports(scene) == [180, 487]
    assert scene.ends() == {ONE: 4000, TWO: 1000}
    assert scene.heard[-1] == "next", "the caller's document goes on"


async def test_a_callee_that_hangs_up_while_it_waits_ends_the_target() -> None:
    scene = DialScene({ONE: answering(hangs_up_at=9), TWO: ringing()})

    asked = asyncio.create_task(referring(scene, leaves_after=1))
    with pytest.raises(CallEnded):
        await scene.dial()
    await asked
    with pytest.raises(CallEnded):
        await on_its_own(scene)

    assert scene.ends() == {ONE: 4000, TWO: 1000}


async def test_the_time_limit_counts_from_the_first_talk() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(attributes='timeLimit="12"')
    await asked
    end = await on_its_own(scene)

    assert end.cause.code == 6000
    assert scene.b(ONE).fake.bridged[-1].ended == approx(14)


async def test_outside_of_a_dial_nobody_is_referred() -> None:
    leg = FakeLeg(answered=True)
    scene = DialScene({}, leg)

    waiting = asyncio.create_task(scene.obey('<Wait length="10"/>'))
    await asyncio.sleep(2)
    leg.far.refer(TO_TWO)
    await waiting

    assert reports(scene) == [603]
