"""What is recorded of real calls, listened to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import TONE, TONE_HZ, World, uri
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.recorded import fetched, ready
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.compat]

A_HZ, B_HZ = 500.0, 900.0
BEEP_HZ = 1000.0


def said(folder: Path, hz: float, length_s: float = 30) -> Path:
    return write_tone(folder / f"{hz:g}-{length_s:g}.wav", hz, length_s)


@asynccontextmanager
async def saying(call: SoftphoneCall, audio: Path) -> AsyncIterator[None]:
    task = asyncio.create_task(call.say(audio))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_beeped(call: SoftphoneCall) -> None:
    await until_tone(call, BEEP_HZ)
    await asyncio.sleep(1)


@pytest.mark.statement(232, 235, 238, 239, 246, 247)
async def test_a_voicemail_box_takes_a_message(world: World) -> None:
    url = world.customer.url
    world.customer.document("/left", "<Hangup/>")
    box = world.customer.document(
        "/answer",
        f'<Record action="{url}/left" callbackUrl="{url}/ready" finishOnKey="#"/>',
    )
    await world.application(answer_url=box)
    call = await world.dialled(await world.carrier())
    await until_beeped(call)

    await call.say(said(world.folder, A_HZ, 2))
    pressing = asyncio.create_task(call.press("#"))
    (left,) = await world.customer.asked_for("/left")
    told = await ready(world)
    file = await fetched(told["RecordUrl"])
    await asyncio.wait([pressing])

    assert left.fields["Digits"] == "#"
    same = ("RecordUrl", "RecordingID", "RecordingDurationMs", "RecordingStartMs")
    assert [told[name] for name in same] == [left.fields[name] for name in same]
    assert told["RecordingEndReason"] == "finish-key"
    assert file.kind == "MP3"
    assert file.seconds == pytest.approx(
        int(told["RecordingDurationMs"]) / 1000, abs=0.1
    )
    assert file.only(0, A_HZ)
    assert file.hears(0, A_HZ) == pytest.approx(2, abs=0.1)
    assert file.channels[1] == ()


@pytest.mark.statement(253)
async def test_who_hangs_up_after_the_message_has_left_it(world: World) -> None:
    url = world.customer.url
    box = world.customer.document(
        "/answer",
        f'<Record action="{url}/left" callbackUrl="{url}/ready" fileFormat="wav"'
        ' recordChannelType="mono"/>',
    )
    await world.application(answer_url=box)
    call = await world.dialled(await world.carrier())
    await until_beeped(call)

    await call.say(said(world.folder, A_HZ, 1))
    await call.hang_up()
    told = await ready(world)
    (left,) = await world.customer.asked_for("/left")
    file = await fetched(told["RecordUrl"])

    assert left.fields["RecordingEndReason"] == "hangup"
    assert (file.kind, len(file.channels)) == ("WAV", 1)
    assert file.only(0, A_HZ)


@pytest.mark.statement(240, 241, 245, 246, 248)
@pytest.mark.parametrize("mode", ["startOnDialAnswer", "recordSession"])
async def test_a_forwarded_call_has_each_party_on_a_channel_of_its_own(
    mode: str, world: World
) -> None:
    url = world.customer.url
    world.customer.serves("/tone.wav", TONE)
    answer = world.customer.document(
        "/answer",
        f'<Record {mode}="true" maxLength="600" redirect="false"'
        f' action="{url}/begun" callbackUrl="{url}/ready"/>'
        f"<Play>{url}/tone.wav</Play><Dial><Number>33123456789</Number></Dial>",
    )
    await world.application(answer_url=answer)
    carrier = await world.carrier_in_service()
    caller = await world.dialled(carrier)
    callee = await carrier.next_call()
    await callee.answer()

    async with (
        saying(caller, said(world.folder, A_HZ)),
        saying(callee, said(world.folder, B_HZ)),
    ):
        await asyncio.gather(until_tone(callee, A_HZ), until_tone(caller, B_HZ))
        await asyncio.sleep(2)
    await callee.hang_up()
    await caller.until_ended()
    told = await ready(world)
    (begun,) = await world.customer.asked_for("/begun")
    file = await fetched(told["RecordUrl"])

    assert begun.fields["RecordingDuration"] == "-1"
    assert begun.fields["RecordingID"] == told["RecordingID"]
    prompt = (TONE_HZ,) if mode == "recordSession" else ()
    assert file.only(0, A_HZ)
    assert file.only(1, *prompt, B_HZ)
    assert file.seconds == pytest.approx(
        int(told["RecordingDurationMs"]) / 1000, abs=0.1
    )
    assert file.hears(0, A_HZ) > 2
    assert file.hears(1, B_HZ) > 2


async def answered(world: World) -> tuple[str, SoftphoneCall]:
    phone = await world.phone()
    uuid = await world.place(uri(phone), '<Wait length="60"/>')
    call = await phone.next_call()
    await call.answer()
    await world.customer.event("StartApp", call_uuid=uuid)
    return uuid, call


async def test_the_api_records_a_call_twice_at_once_and_stops_one(
    world: World,
) -> None:
    uuid, call = await answered(world)
    url = world.customer.url
    world.customer.serves("/tone.wav", TONE)
    stereo = await world.sdk(
        lambda: world.client.calls.record(
            uuid,
            time_limit=600,
            file_format="wav",
            record_channel_type="stereo",
            callback_url=f"{url}/stereo",
        )
    )
    async with saying(call, said(world.folder, A_HZ)):
        await asyncio.sleep(1)
        mono = await world.sdk(
            lambda: world.client.calls.record(uuid, callback_url=f"{url}/mono")
        )
        await asyncio.sleep(1)
    await world.sdk(lambda: world.client.calls.play(uuid, [f"{url}/tone.wav"]))
    await until_tone(call, TONE_HZ)
    await world.sdk(
        lambda: world.client.request(
            "DELETE",
            ("Call", uuid, "Record"),
            {"URL": mono.url},
            is_voice_request=True,
        )
    )
    first = await ready(world, "/mono")
    assert not world.customer.requests("/stereo")
    await asyncio.sleep(1)
    await call.hang_up()
    second = await ready(world, "/stereo")

    assert first["recording_id"] == mono.recording_id
    assert (first["record_url"], first["api_id"]) == (mono.url, mono.api_id)
    assert (second["call_uuid"], second["record_url"]) == (uuid, stereo.url)
    both, each = await fetched(mono.url), await fetched(stereo.url)
    assert (both.kind, each.kind) == ("MP3", "WAV")
    assert both.only(0, A_HZ, TONE_HZ)
    assert each.only(0, A_HZ)
    assert each.only(1, TONE_HZ)
    assert each.seconds > both.seconds + 1
    lasted = int(second["recording_duration_ms"]) / 1000
    assert each.seconds == pytest.approx(lasted, abs=0.1)


async def test_no_call_that_is_over_is_recorded(world: World) -> None:
    phone = await world.phone()
    uuid = await world.place(uri(phone), "<Hangup/>")
    call = await phone.next_call()
    await call.answer()
    await call.until_ended()
    await world.cdr(uuid)

    with pytest.raises(Exception, match="not found"):
        await world.sdk(lambda: world.client.calls.record(uuid))
