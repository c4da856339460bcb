"""<Hangup> (plivo-xml 3.10)."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import CallEnded, Party
from voiceplat.calls.outcome import End


def by_document(code: int) -> End:
    return End(CAUSES[code], HangupSource.ANSWER_XML)


@pytest.mark.statement(254)
async def test_on_an_answered_call_it_ends_it_at_once() -> None:
    scene = Scene(FakeLeg(answered=True))

    end = await scene.obey("<Hangup/><Speak>never</Speak>")

    assert end == by_document(4000)
    assert scene.heard == []


@pytest.mark.statement(255)
async def test_as_first_element_it_refuses_without_answering() -> None:
    scene = Scene()

    end = await scene.obey("<Hangup/>")

    assert end == by_document(3020)
    assert not scene.leg.answered


@pytest.mark.statement(256)
async def test_reason_busy_gives_a_busy_signal_without_answering() -> None:
    scene = Scene()

    end = await scene.obey('<Hangup reason="busy"/>')

    assert end == by_document(3010)
    assert end.cause.sip_status == 486
    assert not scene.leg.answered


@pytest.mark.statement(257)
async def test_reason_rejected_gives_a_reject_without_answering() -> None:
    scene = Scene()

    end = await scene.obey('<Hangup reason="rejected"/>')

    assert end == by_document(3020)
    assert end.cause.sip_status == 603
    assert not scene.leg.answered


@pytest.mark.statement(258)
@pytest.mark.parametrize("reason", ["Busy", "tired", ""])
async def test_an_unknown_reason_counts_as_none(reason: str) -> None:
    scene = Scene()

    assert await scene.obey(f'<Hangup reason="{reason}"/>') == by_document(3020)


async def test_a_reason_on_an_answered_call_is_a_normal_end() -> None:
    scene = Scene(FakeLeg(answered=True))

    assert await scene.obey('<Hangup reason="busy"/>') == by_document(4000)


async def test_a_caller_hears_five_seconds_of_ringing_and_then_busy() -> None:
    scene = Scene()

    end = await scene.obey('<Wait length="5"/><Hangup reason="busy"/>')

    assert end == by_document(3010)
    assert asyncio.get_running_loop().time() == 5
    assert not scene.leg.answered


@pytest.mark.statement(259)
async def test_a_schedule_ends_the_call_while_the_next_elements_run() -> None:
    scene = Scene(FakeLeg(lengths={"long": 100}))

    with pytest.raises(CallEnded) as caught:
        await scene.obey('<Hangup schedule="30"/><Speak>long</Speak>')

    assert caught.value.ended.by is Party.US
    assert asyncio.get_running_loop().time() == 30
    assert scene.leg.played[0].ended == 30


@pytest.mark.statement(260)
async def test_a_schedule_as_last_element_ends_the_call_at_once() -> None:
    scene = Scene(FakeLeg(answered=True))

    end = await scene.obey('<Hangup schedule="30"/>')

    assert end == End(CAUSES[4010])
    assert asyncio.get_running_loop().time() == 0


async def test_a_schedule_does_not_look_at_the_reason() -> None:
    scene = Scene()

    await scene.obey('<Hangup schedule="30" reason="busy"/><Speak>hello</Speak>')

    assert scene.heard == ["hello"]


@pytest.mark.statement(261)
@pytest.mark.parametrize("schedule", ["soon", "1.5", "5s"])
async def test_a_schedule_that_is_no_number_skips_the_element(schedule: str) -> None:
    scene = Scene()

    await scene.obey(f'<Hangup schedule="{schedule}"/><Speak>next</Speak>')

    assert scene.heard == ["next"]
    assert scene.session.scheduled == []


@pytest.mark.parametrize("schedule", ["0", "-5", ""])
async def test_a_schedule_of_nothing_means_now(schedule: str) -> None:
    scene = Scene(FakeLeg(answered=True))

    assert await scene.obey(f'<Hangup schedule="{schedule}"/>') == by_document(4000)
