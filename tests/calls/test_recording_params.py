"""What is told of recordings, and that docs/callbacks.md has every field of it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.calls.test_params import _documented
from tests.recordings.kept import a_recording
from voiceplat.calls import recording_params


@pytest.mark.parametrize(
    ("style", "section"),
    [
        ("xml", "A recording's callbackUrl, by an element"),
        ("rest", "A recording's callback_url, by the API"),
    ],
)
def test_the_page_of_callbacks_has_every_field_of_a_recording(
    style: str, section: str
) -> None:
    plain = a_recording(ready_style=style, ready_params={"api_id": "x"})
    failed = a_recording(
        ready_style=style,
        failure="the disk was full",
        conference_name="a",
        conference_uuid="b",
    )
    standard = {"Event", "CallUUID", "From", "To"}

    fields = {
        name
        for recording in (plain, failed)
        for name in recording_params.ready(recording, "http://a/b.mp3")
    }

    assert fields - standard <= _documented(section) | {"api_id"}


def test_the_page_of_callbacks_has_every_field_of_a_transcription() -> None:
    fields = recording_params.transcription(
        text="", duration_ms=0, call_uuid="", recording_id="", error=""
    )

    assert _documented("transcriptionUrl") == fields.keys()


@pytest.mark.statement(239)
@pytest.mark.parametrize(
    ("duration_ms", "seconds"), [(4250, "4"), (4600, "5"), (400, "0"), (60_000, "60")]
)
def test_a_duration_is_told_in_whole_seconds_and_in_milliseconds(
    duration_ms: int, seconds: str
) -> None:
    started = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)
    recording = a_recording(started_at=started, duration_s=duration_ms / 1000)

    told = recording_params.ready(recording, "http://a/b.mp3")

    ends = started + timedelta(milliseconds=duration_ms)
    assert told["RecordingDuration"] == seconds
    assert told["RecordingDurationMs"] == str(duration_ms)
    assert told["RecordingStartMs"] == str(int(started.timestamp() * 1000))
    assert told["RecordingEndMs"] == str(int(ends.timestamp() * 1000))
