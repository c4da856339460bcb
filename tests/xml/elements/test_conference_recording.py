"""<Conference record="true">: what is ordered, and who is told (plivo-xml 3.7)."""

import pytest

from tests.xml.conference_scene import OUT, TELL, URL, ConferenceScene
from tests.xml.scene import document
from voiceplat.calls.call import Hook
from voiceplat.calls.conference import Left, Why
from voiceplat.calls.recording import Channels, FileFormat, RoomRecording
from voiceplat.core.errors import DocumentError
from voiceplat.core.ids import new_recording_id
from voiceplat.xml.elements.conference import Conference

WORDS = "https://e.com/words"


@pytest.mark.statement(204)
def test_a_recording_is_mp3_or_wav() -> None:
    (element,) = document("<Conference>x</Conference>").elements
    assert isinstance(element, Conference)
    assert element.record_file_format is FileFormat.MP3

    (element,) = document('<Conference recordFileFormat="wav">x</Conference>').elements
    assert isinstance(element, Conference)
    assert element.record_file_format is FileFormat.WAV

    with pytest.raises(DocumentError, match="mp3 or wav"):
        document('<Conference recordFileFormat="ogg">x</Conference>')


@pytest.mark.statement(203, 208)
async def test_a_member_that_records_orders_it_for_the_room() -> None:
    scene = ConferenceScene((2, OUT))

    await scene.meet(
        'record="true" recordFileFormat="wav"'
        f' transcriptionUrl="{WORDS}" transcriptionMethod="GET"'
    )

    (order,) = scene.membership.orders
    assert (order.conference_name, order.format) == ("team", FileFormat.WAV)
    assert order.channels is Channels.MONO
    assert order.transcription is not None
    assert order.transcription.hook == Hook(url=WORDS, method="GET")
    assert scene.membership.recorded_when_alone is True
    assert order.ready is not None
    assert order.ready.url == TELL
    assert order.ready_params["ConferenceAction"] == "record"


async def test_one_who_is_alone_may_be_left_out_of_the_recording() -> None:
    scene = ConferenceScene((2, OUT))

    await scene.meet('record="true" recordWhenAlone="false"')

    (order,) = scene.membership.orders
    assert order.transcription is None
    assert scene.membership.recorded_when_alone is False


@pytest.mark.statement(203)
async def test_exit_and_action_say_where_the_recording_of_the_room_is() -> None:
    recording = RoomRecording(id=new_recording_id(), url="http://api/room.mp3")
    scene = ConferenceScene((2, Left(Why.ENDED, last=True, recording=recording)))

    await scene.meet(f'action="{URL}"')

    (asked,) = scene.documents.asked
    for told in (asked.params, scene.events[-1]):
        assert told["RecordUrl"] == recording.url
        assert told["RecordingID"] == recording.id
    assert "RecordUrl" not in scene.events[0], "not before it has left"
