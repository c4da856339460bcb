"""<Record> (plivo-xml 3.9): what ends it, what is told of it. The ear is elsewhere."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.fakes.dialler import FakeDialler
from tests.fakes.leg import FakeLeg
from tests.signals.sounds import pcm_of, sine
from tests.xml.scene import Scene, document, now
from voiceplat.calls.call import Hook
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import Goto
from voiceplat.calls.recording import Channels, EndReason, FileFormat
from voiceplat.calls.taking import Scope
from voiceplat.core.errors import DocumentError
from voiceplat.xml.elements.record import Record

ACTION = "https://e.com/recorded"
READY = "https://e.com/ready"
NEXT = "<Speak>next</Speak>"
BEEP_S = 1
VOICE = pcm_of(sine(300, 70_000))
ENDED = {"RecordUrl", "RecordingID", "RecordingDuration", "RecordingDurationMs"} | {
    "RecordingStartMs",
    "RecordingEndMs",
    "RecordingEndReason",
    "Digits",
}


def talking(**script: object) -> FakeLeg:
    """A caller who talks and talks."""
    return FakeLeg(answered=True, says=[(0, VOICE)], **script)  # type: ignore[arg-type]


def scene(leg: FakeLeg | None = None) -> Scene:
    return Scene(leg or FakeLeg(answered=True), pages={ACTION: "<Hangup/>"})


async def result(it: Scene, attributes: str = "") -> Mapping[str, str]:
    """The fields that action got."""
    await it.obey(f'<Record action="{ACTION}" {attributes}/>{NEXT}')
    (asked,) = it.documents.asked
    return asked.params


@pytest.mark.statement(232)
async def test_without_attributes_a_message_has_a_beep_and_plivo_s_limits() -> None:
    it = scene()

    await it.obey(f"<Record/>{NEXT}")

    (taking,) = it.session.recorder.takings
    (wanted,) = it.session.recorder.wanted
    assert it.heard == ["beep", "next"]
    assert (wanted.format, wanted.limit_s) == (FileFormat.MP3, 60)
    assert taking.scope is Scope.CALLER
    assert taking.began == BEEP_S
    assert taking.ended == pytest.approx(BEEP_S + 15, abs=0.1)


@pytest.mark.statement(233)
async def test_silence_ends_a_message() -> None:
    it = scene(FakeLeg(answered=True, says=[(0, pcm_of(sine(300, 6000)))]))

    told = await result(it, 'timeout="3" playBeep="false"')

    assert told["RecordingEndReason"] == "silence"
    assert int(told["RecordingDurationMs"]) == pytest.approx(9000, abs=100)


@pytest.mark.statement(234)
async def test_max_length_ends_a_message() -> None:
    told = await result(scene(talking()), 'maxLength="20"')

    assert told["RecordingEndReason"] == "max-length"
    assert told["RecordingDuration"] == "20"


@pytest.mark.statement(235)
async def test_a_finish_key_ends_a_message_and_is_told() -> None:
    it = scene(talking(presses=[(3, "5"), (6, "*")]))

    told = await result(it, 'finishOnKey="*#" playBeep="false"')

    assert (told["Digits"], told["RecordingEndReason"]) == ("*", "finish-key")
    assert told["RecordingDurationMs"] == "6000"


@pytest.mark.statement(236)
async def test_no_key_ends_a_message_when_none_is_to() -> None:
    it = scene(talking(presses=[(3, "#"), (4, "1")]))

    told = await result(it, 'finishOnKey="none" maxLength="10"')

    assert (told["Digits"], told["RecordingDuration"]) == ("", "10")


@pytest.mark.statement(237)
async def test_without_a_beep_it_begins_at_once() -> None:
    it = scene(talking())

    await it.obey('<Record playBeep="false" maxLength="2"/>')

    assert it.heard == []
    assert it.session.recorder.takings[0].began == 0


async def test_a_key_before_the_recording_began_does_not_end_it() -> None:
    it = scene(talking(presses=[(0.5, "#")]))

    told = await result(it, 'maxLength="4"')

    assert told["RecordingEndReason"] == "max-length"


async def test_a_beep_that_cannot_be_had_is_left_out() -> None:
    it = Scene(talking(broken=["beep"]))

    await it.obey('<Record maxLength="2"/>')

    assert it.heard == []
    assert len(it.session.recorder.takings) == 1


@pytest.mark.statement(238)
async def test_action_gets_all_that_is_known_of_the_recording() -> None:
    told = await result(scene(talking()), 'maxLength="4" playBeep="false"')

    assert set(told) == ENDED
    assert told["RecordUrl"] == "https://media.example/recording-1.mp3"
    assert told["RecordingID"] == "recording-1"
    start, end = int(told["RecordingStartMs"]), int(told["RecordingEndMs"])
    assert end - start == 4000


@pytest.mark.statement(239)
async def test_durations_are_whole_seconds_and_milliseconds() -> None:
    it = scene(talking(presses=[(2.5, "#")]))

    told = await result(it, 'playBeep="false"')

    assert told["RecordingDurationMs"] == "2500"
    assert told["RecordingDuration"] == "2"


@pytest.mark.statement(240)
async def test_a_session_is_recorded_beside_the_next_element() -> None:
    it = scene()

    await it.obey(f'<Record recordSession="true" maxLength="3600"/>{NEXT}')

    (taking,) = it.session.recorder.takings
    assert it.leg.played[0].began == 0
    assert (taking.began, taking.ended, taking.scope) == (0, None, Scope.CALL)


@pytest.mark.statement(241)
@pytest.mark.parametrize("mode", ["recordSession", "startOnDialAnswer"])
async def test_in_the_background_action_is_asked_at_once(mode: str) -> None:
    it = scene()

    told = await result(it, f'{mode}="true"')

    assert now() == 0
    unknown = {name for name, value in told.items() if value == "-1"}
    assert unknown == {
        "RecordingDuration",
        "RecordingDurationMs",
        "RecordingStartMs",
        "RecordingEndMs",
    }
    assert told["RecordUrl"] == "https://media.example/recording-1.mp3"


@pytest.mark.statement(242)
async def test_a_session_with_an_action_goes_on_with_its_document() -> None:
    it = scene()

    await it.obey(f'<Record recordSession="true" action="{ACTION}"/>{NEXT}')

    assert [asked.url for asked in it.documents.asked] == [ACTION]
    assert it.heard == []


@pytest.mark.statement(243)
async def test_a_session_knows_no_beep_no_silence_and_no_key() -> None:
    it = scene(FakeLeg(answered=True, presses=[(1, "#")]))

    await it.obey(
        '<Record recordSession="true" timeout="1" finishOnKey="#" playBeep="true"/>'
        '<Wait length="30"/>'
    )

    assert it.heard == []
    assert it.session.recorder.takings[0].ended is None


@pytest.mark.statement(244)
async def test_a_session_is_recorded_for_max_length_at_most() -> None:
    it = scene()

    await it.obey('<Record recordSession="true" maxLength="5"/><Wait length="30"/>')

    (taking,) = it.session.recorder.takings
    assert (taking.ended, taking.reason) == (5, EndReason.MAX_LENGTH)


@pytest.mark.statement(245)
async def test_nothing_is_recorded_before_a_later_dial_is_answered() -> None:
    callee = FakeLeg(answers_at=7, hangs_up_at=12)
    it = Scene(FakeLeg(answered=True), dialler=FakeDialler({"15550123": callee}))

    await it.obey(
        '<Record startOnDialAnswer="true" maxLength="3600"/>'
        '<Wait length="2"/><Dial><Number>15550123</Number></Dial>'
    )

    (taking,) = it.session.recorder.takings
    assert taking.began == 7


async def test_without_an_answer_nothing_is_recorded() -> None:
    callee = FakeLeg(refuses_at=(3, 486))
    it = Scene(FakeLeg(answered=True), dialler=FakeDialler({"15550123": callee}))

    await it.obey(
        '<Record startOnDialAnswer="true"/><Dial><Number>15550123</Number></Dial>'
    )

    assert it.session.recorder.takings == []


async def test_of_both_background_modes_the_session_counts() -> None:
    it = scene()

    await it.obey('<Record recordSession="true" startOnDialAnswer="true"/>')

    assert len(it.session.recorder.takings) == 1
    assert it.session.recorder.at_dial_answer == []


@pytest.mark.statement(246)
async def test_who_is_told_when_the_file_is_ready_goes_with_the_order() -> None:
    it = scene(talking())

    await it.obey(f'<Record callbackUrl="{READY}" callbackMethod="get" maxLength="1"/>')

    assert it.session.recorder.wanted[0].ready == Hook(url=READY, method="GET")


@pytest.mark.parametrize("attributes", ['callbackUrl="x"', 'callbackMethod="PUT"'])
async def test_a_callback_that_cannot_be_made_is_left_out(attributes: str) -> None:
    it = scene(talking())
    url = "" if "callbackUrl" in attributes else f'callbackUrl="{READY}"'

    await it.obey(f'<Record {url} {attributes} maxLength="1"/>')

    assert it.session.recorder.wanted[0].ready is None


@pytest.mark.statement(247)
def test_a_file_is_mp3_or_wav_and_nothing_else() -> None:
    (wav,) = document('<Record fileFormat="wav"/>').elements

    assert wav == Record(file_format=FileFormat.WAV)
    with pytest.raises(DocumentError, match="fileFormat must be mp3 or wav"):
        document('<Record fileFormat="ogg"/>')


@pytest.mark.statement(248)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", Channels.STEREO),
        ('recordChannelType="mono"', Channels.MONO),
        ('recordChannelType="both"', Channels.STEREO),
    ],
)
def test_channels_are_two_unless_one_is_asked_for(written: str, read: Channels) -> None:
    (record,) = document(f"<Record {written}/>").elements

    assert isinstance(record, Record)
    assert record.record_channel_type is read


@pytest.mark.statement(250)
@pytest.mark.parametrize(
    ("written", "report"),
    [
        ("", "compact"),
        ('transcriptionReportType="full"', "full"),
        ('transcriptionReportType="long"', "compact"),
    ],
)
async def test_a_transcription_is_ordered_by_its_url(written: str, report: str) -> None:
    it = scene(talking())

    await it.obey(f'<Record transcriptionUrl="{READY}" {written} maxLength="1"/>')

    transcription = it.session.recorder.wanted[0].transcription
    assert transcription is not None
    assert transcription.hook == Hook(url=READY, method="POST")
    assert transcription.report == report


@pytest.mark.statement(251)
async def test_without_redirect_action_is_told_and_the_next_element_runs() -> None:
    it = scene(talking())

    await it.obey(f'<Record action="{ACTION}" redirect="false" maxLength="2"/>{NEXT}')

    (told,) = it.documents.told
    assert (told.url, set(told.params)) == (ACTION, ENDED)
    assert it.heard == ["beep", "next"]


@pytest.mark.statement(252)
@pytest.mark.parametrize("name", ["maxLength", "timeout"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1.5"])
def test_a_length_below_one_or_no_number_is_a_format_error(
    name: str, value: str
) -> None:
    with pytest.raises(DocumentError, match="whole seconds"):
        document(f'<Record {name}="{value}"/>')


@pytest.mark.statement(253)
async def test_a_caller_who_hangs_up_has_left_a_message() -> None:
    it = scene(talking(hangs_up_at=5))

    with pytest.raises(CallEnded):
        await it.obey(f'<Record action="{ACTION}" playBeep="false"/>{NEXT}')

    (told,) = it.documents.told
    assert it.documents.asked == []
    assert told.params["RecordingEndReason"] == "hangup"
    assert told.params["RecordingDurationMs"] == "5000"


async def test_a_transfer_ends_a_message_and_action_is_not_asked() -> None:
    it = scene(talking())
    transfer = Goto("https://e.com/next")
    asyncio.get_running_loop().call_later(3, it.session.transfers.put_nowait, transfer)

    await it.obey(f'<Record action="{ACTION}" playBeep="false"/>{NEXT}')

    (taking,) = it.session.recorder.takings
    assert (taking.ended, taking.reason) == (3, EndReason.STOPPED)
    assert [asked.url for asked in it.documents.asked] == [transfer.url]
    assert it.documents.told == []
