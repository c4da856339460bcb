"""Methods of calls, recordings and streams (plivo-rest 2, 3 and 6)."""

from typing import TYPE_CHECKING, Final

from tests.compat.sdk import shapes
from tests.compat.sdk.rows import Given, Row, given, with_a
from tests.compat.sdk.shapes import UUID, done, many, one

if TYPE_CHECKING:
    from tests.compat.sdk.scene import Scene

NOBODY: Final = "sip:nobody@phone.plivo.com"
SERVICE: Final = "wss://127.0.0.1:9/stream"


def _to_nobody(it: "Scene") -> Given:
    url = it.url("/answer")
    return given("15550199", NOBODY, url, ring_timeout=1, hangup_url=it.url("/over"))


def _transferred(it: "Scene") -> Given:
    to = it.document("/transferred", '<Wait length="3000"/>')
    return given(it.live(), legs="aleg", aleg_url=to, aleg_method="POST")


def _recorded(it: "Scene") -> str:
    uuid = it.live()
    it.client.calls.record(uuid)
    return uuid


def _streamed(it: "Scene") -> tuple[str, str]:
    uuid = it.live()
    return uuid, str(it.client.calls.start_stream(uuid, SERVICE).stream_id)


CALLS: Final = (
    Row(
        "calls.create",
        "calls.create",
        _to_nobody,
        done(shapes.FIRED, request_uuid=UUID),
    ),
    Row(
        "calls.list",
        "calls.list",
        lambda it: with_a(it.ended(), limit=5, call_direction="outbound"),
        many(shapes.CDR),
    ),
    Row("calls.get", "calls.get", lambda it: given(it.ended()), one(shapes.CDR)),
    Row(
        "calls.transfer calls.update",
        "calls.transfer",
        _transferred,
        done("call transferred"),
    ),
    Row(
        "calls.hangup calls.delete",
        "calls.hangup",
        lambda it: given(it.own()),
        None,
    ),
    Row(
        "live_calls.list_ids",
        "",
        lambda it: with_a(it.live(), call_direction="outbound"),
        shapes.CALL_IDS,
    ),
    Row(
        "calls.live_call_list_ids",
        "",
        lambda it: with_a(it.live()),
        shapes.CALL_IDS,
    ),
    Row(
        "",
        "calls.listLiveCalls",
        lambda it: with_a(it.live()),
        [shapes.CALL_UUID],
    ),
    Row(
        "live_calls.get calls.live_call_get",
        "calls.getLiveCall",
        lambda it: given(it.live()),
        one(shapes.LIVE_CALL),
    ),
)

QUEUED_CALLS: Final = (
    Row(
        "queued_calls.list_ids calls.queued_call_list_ids",
        "",
        lambda it: with_a(it.queued()),
        shapes.CALL_IDS,
    ),
    Row(
        "",
        "calls.listQueuedCalls",
        lambda it: with_a(it.queued()),
        [shapes.CALL_UUID],
    ),
    Row(
        "queued_calls.get calls.queued_call_get",
        "calls.getQueuedCall",
        lambda it: given(it.queued()),
        one(shapes.QUEUED_CALL),
    ),
    Row("calls.cancel", "calls.cancel", lambda it: given(it.queued()), None),
)
"""Asked with the busy account's credentials."""

ACTIONS: Final = (
    Row(
        "calls.play calls.start_playing",
        "calls.playMusic",
        lambda it: given(it.live(), it.tone, length=2, legs="aleg", loop=False),
        done("play started"),
    ),
    Row(
        "calls.play_stop calls.stop_playing",
        "calls.stopPlayingMusic",
        lambda it: given(it.live()),
        None,
    ),
    Row(
        "calls.speak calls.start_speaking",
        "calls.speakText",
        lambda it: given(it.live(), "Hello.", voice="WOMAN", language="en-US"),
        done("speak started"),
    ),
    Row(
        "calls.speak_stop calls.stop_speaking",
        "calls.stopSpeakingText",
        lambda it: given(it.live()),
        None,
    ),
    Row(
        "calls.send_digits",
        "calls.sendDigits",
        lambda it: given(it.live(), "12w3", leg="aleg"),
        done("digits sent"),
    ),
    Row(
        "calls.record calls.start_recording",
        "calls.record",
        lambda it: given(it.own(), time_limit=30, file_format="wav"),
        shapes.RECORDING_STARTED,
    ),
    Row(
        "calls.record_stop",
        "calls.stopRecording",
        lambda it: given(_recorded(it)),
        None,
    ),
    Row(
        "calls.stop_recording",
        "",
        lambda it: given(_recorded(it), it.url("/recorded"), "POST"),
        None,
    ),
    Row(
        "call_feedback.create",
        "callFeedback.create",  # sends nothing of what it is given, to Plivo either
        lambda it: given(it.ended(), 5, ["AUDIO_LAG"], "a note"),
        shapes.FEEDBACK,
    ),
)

STREAMS: Final = (
    Row(
        "calls.start_stream",
        "calls.stream",
        lambda it: given(it.own(), SERVICE, audio_track="inbound"),
        done("audio streaming started", stream_id=UUID),
    ),
    Row(
        "calls.get_all_streams",
        "calls.getAllStream",
        lambda it: given(_streamed(it)[0]),
        many(shapes.STREAM, shapes.META | {"count": shapes.COUNT}),
    ),
    Row(
        "calls.get_details_of_specific_stream",
        "calls.getStream",
        lambda it: given(*_streamed(it)),
        one(shapes.STREAM),
    ),
    Row(
        "calls.delete_specific_stream",
        "calls.stopStream",
        lambda it: given(*_streamed(it)),
        None,
    ),
    Row(
        "calls.delete_all_streams",
        "calls.stopAllStream",
        lambda it: given(_streamed(it)[0]),
        None,
    ),
)

RECORDINGS: Final = (
    Row(
        "recordings.get",
        "recordings.get",
        lambda it: given(it.recording()),
        one(shapes.RECORDING),
    ),
    Row(
        "recordings.list",
        "recordings.list",
        lambda it: with_a(it.recording(), limit=5),
        many(shapes.RECORDING),
    ),
    Row(
        "recordings.delete",
        "recordings.delete",
        lambda it: given(it.recording()),
        None,
    ),
    Row(
        "transcriptions.create_transcription",
        "",
        lambda it: given(it.recording(), it.url("/transcribed")),
        done("transcription in progress"),
    ),
    Row(
        "transcriptions.get_transcription",
        "",
        lambda it: given(it.transcribed()),
        one(
            {
                "cost": shapes.ANYTHING,
                "error": shapes.TEXT,
                "rate": shapes.ANYTHING,
                "recording_duration_ms": shapes.COUNT,
                "recording_start_ms": shapes.COUNT,
                "status": shapes.TEXT,
                "transcription": shapes.ANYTHING,
            }
        ),
    ),
    Row(
        "transcriptions.delete_transcription",
        "",
        lambda it: given(it.transcribed()),
        done("request accepted"),
    ),
)
