"""Wire names of the callbacks about recordings (plivo-rest 3.1, 8.5, 8.6).

Elements have names of their own, the API has lower-case ones; the values are the same.
"""

from datetime import datetime, timedelta
from typing import Final

from voiceplat.calls.recording import Recording, RecordingOrder, Taken
from voiceplat.core.clock import epoch_ms

NO_CHARGE: Final = "0.00000"
RUNNING: Final = "-1"
"""Of a recording that is not over: how long it was, and when."""


def begun(order: RecordingOrder, url: str) -> dict[str, str]:
    """Record's own fields of its action (8.6) while it goes on in the background."""
    unknown = ("Duration", "DurationMs", "StartMs", "EndMs")
    return {
        "RecordUrl": url,
        "RecordingID": order.id,
        **{f"Recording{name}": RUNNING for name in unknown},
        "Digits": "",
    }


def ended(order: RecordingOrder, url: str, taken: Taken, key: str) -> dict[str, str]:
    """Record's own fields of its action (8.6); `key` ended it, if one did."""
    return {
        "RecordUrl": url,
        "RecordingID": order.id,
        **_times(taken.started_at, taken.duration),
        "RecordingEndReason": taken.reason.value,
        "Digits": key,
    }


def api_order(call_uuid: str, api_id: str) -> dict[str, str]:
    """What is known from the start of an API recording's callback (3.1)."""
    return {"api_id": api_id, "call_uuid": call_uuid}


def ready(recording: Recording, url: str) -> dict[str, str]:
    """The file can be fetched; with an error field: it never will be."""
    if recording.order.ready_style == "rest":
        return recording.order.ready_params | _api_fields(recording, url)
    return _event(recording.order) | _element_fields(recording, url)


def transcription(
    *, text: str, duration_ms: int, call_uuid: str, recording_id: str, error: str
) -> dict[str, str]:
    """transcriptionUrl; lower-case for elements too."""
    return {
        "transcription": text,
        "transcription_charge": NO_CHARGE,
        "transcription_rate": NO_CHARGE,
        "duration": whole_seconds(duration_ms),
        "call_uuid": call_uuid,
        "recording_id": recording_id,
        "error": error,
    }


def whole_seconds(duration_ms: int) -> str:
    return str(round(duration_ms / 1000))


def _event(order: RecordingOrder) -> dict[str, str]:
    known = {"CallUUID": order.call_uuid, "From": order.from_, "To": order.to}
    if not order.conference_name:
        return {"Event": "Record"} | known | order.ready_params
    room = {
        "Event": "ConferenceRecord",
        "ConferenceAction": "record",
        "ConferenceName": order.conference_name,
        "ConferenceUUID": order.conference_uuid,
    }
    return known | room | order.ready_params


def _element_fields(recording: Recording, url: str) -> dict[str, str]:
    fields = {
        "RecordUrl": "" if recording.failure else url,
        "RecordingID": recording.order.id,
        **_times(recording.started_at, recording.duration),
        "RecordingEndReason": recording.end_reason.value,
    }
    return fields | _error("RecordingError", recording)


def _times(started_at: datetime, duration: timedelta) -> dict[str, str]:
    duration_ms = duration // timedelta(milliseconds=1)
    start_ms = epoch_ms(started_at)
    return {
        "RecordingDuration": whole_seconds(duration_ms),
        "RecordingDurationMs": str(duration_ms),
        "RecordingStartMs": str(start_ms),
        "RecordingEndMs": str(start_ms + duration_ms),
    }


def _api_fields(recording: Recording, url: str) -> dict[str, str]:
    duration_ms = recording.duration // timedelta(milliseconds=1)
    start_ms = epoch_ms(recording.started_at)
    order = recording.order
    fields = {
        "record_url": "" if recording.failure else url,
        "call_uuid": order.call_uuid,
        "recording_id": order.id,
        "recording_duration": whole_seconds(duration_ms),
        "recording_duration_ms": str(duration_ms),
        "recording_start_ms": str(start_ms),
        "recording_end_ms": str(start_ms + duration_ms),
    }
    if order.conference_name:
        fields["conference_name"] = order.conference_name
        fields["conference_uuid"] = order.conference_uuid
    return fields | _error("recording_error", recording)


def _error(name: str, recording: Recording) -> dict[str, str]:
    return {name: recording.failure} if recording.failure else {}
