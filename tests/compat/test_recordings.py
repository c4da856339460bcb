"""client.recordings and client.transcriptions."""

from datetime import timedelta
from pathlib import Path

import httpx
import plivo
import pytest
from plivo.exceptions import (
    InvalidRequestError,
    ResourceNotFoundError,
    ValidationError,
)

from tests.compat.conftest import RunningApi
from tests.recordings.kept import a_file, a_recording
from voiceplat.calls.recording import Recording
from voiceplat.core.clock import utc_now
from voiceplat.db.repositories import RecordingRepository
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.compat, pytest.mark.redis]


@pytest.fixture
def kept(server: RunningApi, account: Credentials, tmp_path: Path) -> Recording:
    main = account.auth_id
    recording = a_recording(b"sound", account=main, from_="14155550100")
    server.do(server.platform.store.put(recording, a_file(tmp_path, b"sound")))
    server.store(
        lambda tx: RecordingRepository(tx).add_once(recording, main, utc_now())
    )
    return recording


def test_a_recording_is_listed_shown_fetched_and_deleted(
    server: RunningApi, client: plivo.RestClient, kept: Recording
) -> None:
    hour = timedelta(hours=1)
    [listed] = client.recordings.list(
        from_number="14155550100",
        call_uuid=kept.order.call_uuid,
        add_time__gte=utc_now() - hour,
        add_time__lt=utc_now() + hour,
        limit=5,
    )
    shown = client.recordings.get(kept.order.id)
    path = httpx.URL(shown.recording_url).path

    assert (listed.id, shown.id) == (kept.order.id, kept.order.id)
    assert shown.recording_duration_ms == "4250.00000"
    assert shown.rounded_recording_duration == 60
    assert httpx.get(server.url.removesuffix("/v1/Account") + path).content == b"sound"
    assert [it.id for it in client.recordings] == [kept.order.id]
    assert client.recordings.delete(kept.order.id) is None
    with pytest.raises(ResourceNotFoundError, match="not found"):
        client.recordings.get(kept.order.id)
    with pytest.raises(ResourceNotFoundError):
        shown.delete()


def test_recordings_are_filtered_by_days_of_storage(
    client: plivo.RestClient, kept: Recording
) -> None:
    young = client.recordings.list(recording_storage_duration__lt=1)
    old = client.recordings.list(recording_storage_duration__gte=1)

    assert [it.id for it in young] == [kept.order.id]
    assert list(old) == []


def test_a_wide_window_is_refused(client: plivo.RestClient) -> None:
    with pytest.raises(ValidationError, match="30 days"):
        client.recordings.list(
            add_time__gte="2026-01-01 00:00", add_time__lt="2026-03-01 00:00"
        )


def test_a_transcription_is_asked_for_looked_up_and_deleted(
    client: plivo.RestClient, kept: Recording
) -> None:
    recording = kept.order.id

    asked = client.transcriptions.create_transcription(
        recording, transcription_callback_url="https://app.example/words"
    )
    shown = client.transcriptions.get_transcription(recording, type="full")
    with pytest.raises(InvalidRequestError, match="in progress"):
        client.transcriptions.create_transcription(recording)
    deleted = client.transcriptions.delete_transcription(recording)

    assert asked.message == "transcription in progress"
    assert (shown.status, shown.transcription) == ("in-progress", "")
    assert (shown.cost, shown.rate) == (0, 0)
    assert shown.recording_duration_ms == 4250
    assert deleted.message == "request accepted"
    with pytest.raises(ResourceNotFoundError):
        client.transcriptions.get_transcription(recording)
