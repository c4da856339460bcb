"""A callee sends its caller on by REFER: who talks, and who is told what."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.dial_scene import (
    NEXT,
    ONE,
    TWO,
    DialScene,
    answering,
    numbers,
    refusing,
    ringing,
)
from voiceplat.calls.leg import CallEnded

NO_ROUTE = 0
approx = pytest.approx
TO_TWO = f"sip:+{TWO}@phone.plivo.com"


async def referring(
    scene: DialScene, to: str = TO_TWO, *, at: float = 5, leaves_after: float = 0
) -> None:
    """The callee ONE asks for it once it talks, and may hang up soon after."""
    await asyncio.sleep(at)
    far = scene.b(ONE).fake.far
    far.refer(to)
    if leaves_after:
        await asyncio.sleep(leaves_after)
        far.hang_up()


async def dialled_and_referred(
    scene: DialScene, to: str = TO_TWO, **how: float
) -> None:
    asked = asyncio.create_task(referring(scene, to, **how))
    await scene.dial(numbers(ONE), 'redirect="false"', NEXT)
    await asked


def reports(scene: DialScene) -> list[int]:
    return [status for _, status in scene.b(ONE).fake.referral_reports]


async def test_the_target_takes_its_place_and_the_one_that_asked_is_dropped() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    await dialled_and_referred(scene)

    first, second = scene.leg.bridged
    assert (first.other, second.other) == (scene.b(ONE).leg, scene.b(TWO).leg)
    assert first.ended == second.began == approx(7)
    assert reports(scene) == [180, 200]
    assert scene.ends() == {ONE: 4000, TWO: 4000}


async def test_the_customer_is_told_of_both_and_the_result_names_the_last() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    await dialled_and_referred(scene)

    one, two = scene.b(ONE).uuid, scene.b(TWO).uuid
    assert scene.events == [
        ("answer", one),
        ("connected", one),
        ("answer", two),
        ("hangup", one),
        ("connected", two),
        ("hangup", two),
    ]
    assert scene.result["DialBLegUUID"] == two
    assert scene.result["DialStatus"] == "completed"


async def test_the_target_is_called_in_the_name_that_the_callee_was_shown() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7, hangs_up_at=20)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(numbers(ONE), 'callerId="15559999"')
    await asked

    assert [it.caller_id for it in scene.dialler.targets] == ["15559999"] * 2


async def test_one_that_leaves_at_once_lets_the_other_wait_for_the_target() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=11, hangs_up_at=20)})

    await dialled_and_referred(scene, leaves_after=1)

    first, second = scene.leg.bridged
    assert first.ended == approx(6)
    assert second.began == approx(11)
    assert scene.ends() == {ONE: 4000, TWO: 4000}
    assert set(scene.heard[:-1]) == {"ringback"}, "until the target talks"
    assert scene.heard[-1] == "next"


async def test_one_that_left_for_nobody_ends_the_talk() -> None:
    scene = DialScene({ONE: answering(), TWO: refusing(486, at=9)})

    await dialled_and_referred(scene, leaves_after=1)

    assert len(scene.leg.bridged) == 1
    assert scene.ends() == {ONE: 4000, TWO: 3010}
    assert [scene.heard[0], scene.heard[-1]] == ["ringback", "next"]


@pytest.mark.parametrize(("refuses", "told"), [(486, 486), (603, 603), (NO_ROUTE, 404)])
async def test_when_the_target_will_not_come_they_talk_on(
    refuses: int, told: int
) -> None:
    callees = {ONE: answering(hangs_up_at=30)}
    target = {} if refuses == NO_ROUTE else {TWO: refusing(refuses, at=7)}
    scene = DialScene(callees | target)

    await dialled_and_referred(scene)

    (talk,) = scene.leg.bridged
    assert talk.ended == approx(30)
    assert reports(scene)[-1] == told


async def test_a_target_that_rings_too_long_is_given_up() -> None:
    scene = DialScene({ONE: answering(hangs_up_at=90), TWO: ringing()})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(numbers(ONE), 'timeout="10"')
    await asked

    assert reports(scene) == [180, 408]
    assert scene.ends() == {ONE: 4000, TWO: 6010}


async def test_the_a_leg_that_leaves_takes_the_ringing_target_along() -> None:
    leg = FakeLeg(hangs_up_at=8)
    scene = DialScene({ONE: answering(), TWO: ringing()}, leg)

    asked = asyncio.create_task(referring(scene))
    with pytest.raises(CallEnded):
        await scene.dial(numbers(ONE))
    await asked

    assert scene.ends() == {ONE: 4000, TWO: 1000}


async def test_the_time_limit_is_that_of_both_talks() -> None:
    scene = DialScene({ONE: answering(), TWO: answering(at=7)})

    asked = asyncio.create_task(referring(scene))
    await scene.dial(numbers(ONE), 'timeLimit="12"')
    await asked

    assert scene.leg.bridged[-1].ended == approx(14)
    assert scene.ends() == {ONE: 4000, TWO: 6000}


@pytest.mark.parametrize(
    ("refer_to", "called"),
    [
        (f"sip:{TWO}@voiceplat.local;user=phone", TWO),
        (f"sips:+{TWO}@127.0.0.1:5060", TWO),
        (f"tel:+{TWO}", TWO),
        ("sip:bob123@phone.plivo.com", "sip:bob123@phone.plivo.com"),
        (f"sip:+{TWO}@elsewhere.example", f"sip:+{TWO}@elsewhere.example"),
    ],
)
async def test_a_number_with_us_is_a_number_and_all_else_a_uri(
    refer_to: str, called: str
) -> None:
    scene = DialScene({ONE: answering(hangs_up_at=30)})

    await dialled_and_referred(scene, refer_to)

    assert [it.to for it in scene.dialler.targets] == [ONE, called]


async def test_a_star_of_the_caller_ends_the_talk_and_what_was_asked_for() -> None:
    scene = DialScene({ONE: answering(), TWO: ringing()})

    asked = asyncio.create_task(referring(scene))
    dialling = asyncio.create_task(scene.dial(attributes='hangupOnStar="true"'))
    await asked
    await asyncio.sleep(2)
    scene.leg.far.press("*")
    await dialling

    assert reports(scene) == [180, 487]
    assert scene.ends() == {ONE: 4000, TWO: 1000}
