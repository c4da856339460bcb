"""What every request says that begins a recording, of a call or of a room."""

from typing import Literal

from voiceplat.api.wire.params import Method, Params, Text, Url
from voiceplat.api.wire.replies import Reply
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import FileFormat, TranscriptionOrder
from voiceplat.core.ids import RecordingId


class RecordingParams(Params):
    file_format: FileFormat = FileFormat.MP3
    transcription_type: Text = ""
    """`auto` or `hybrid`; a machine does it, whatever this says."""
    transcription_url: Url = ""
    """Without it nothing is transcribed."""
    transcription_method: Method = "POST"
    transcription_report_type: Literal["full", "compact"] = "compact"
    callback_url: Url = ""
    """Told when the file is ready."""
    callback_method: Method = "POST"

    @property
    def ready(self) -> Hook | None:
        return _hook(self.callback_url, self.callback_method)

    @property
    def transcription(self) -> TranscriptionOrder | None:
        hook = _hook(self.transcription_url, self.transcription_method)
        if hook is None:
            return None
        return TranscriptionOrder(hook=hook, report=self.transcription_report_type)


class RecordingStarted(Reply):
    message: str
    recording_id: RecordingId
    url: str


def _hook(url: str, method: str) -> Hook | None:
    return Hook(url=url, method=method) if url else None
