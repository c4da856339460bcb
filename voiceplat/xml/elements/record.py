"""<Record>: a message of the caller, or the whole call (plivo-xml 3.9)."""

from typing import Annotated, Final, Literal

import structlog
from pydantic import BeforeValidator
from typing_extensions import override

from voiceplat.calls import recording_params
from voiceplat.calls.outcome import Outcome
from voiceplat.calls.recording import Channels, FileFormat, TranscriptionOrder
from voiceplat.calls.session import CallSession, Tone
from voiceplat.calls.taking import RecordingWanted
from voiceplat.core.errors import MediaError, Unavailable
from voiceplat.xml.action import ActionElement, hook_of
from voiceplat.xml.element import NO_EFFECT_YET, Step
from voiceplat.xml.keypad import FinishKeys
from voiceplat.xml.taking_message import TakingMessage
from voiceplat.xml.values import Flag, whole_number

log = structlog.get_logger()

LONGEST_S: Final = 86400


def _seconds(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    if number is None or number < 1:
        raise ValueError("timeout and maxLength must be whole seconds, 1 or more")
    return min(number, LONGEST_S)


def _format(value: object) -> str:
    if value not in set(FileFormat):
        raise ValueError("fileFormat must be mp3 or wav")
    return str(value)


def _channels(value: object) -> str:
    return str(value) if value in set(Channels) else Channels.STEREO


def _report(value: object) -> str:
    return "full" if value == "full" else "compact"


Seconds = Annotated[int, BeforeValidator(_seconds)]


class Record(ActionElement):
    file_format: Annotated[FileFormat, BeforeValidator(_format)] = FileFormat.MP3
    """`mp3` or `wav`."""
    timeout: Seconds = 15
    """Seconds of silence that end a message."""
    max_length: Seconds = 60
    """Seconds after which any recording ends."""
    play_beep: Flag = True
    """Whether a beep comes before a message."""
    finish_on_key: FinishKeys = "#"
    """Keys that end a message; `none` for no key."""
    record_session: Flag = False
    """Record the call from here on, beside the elements that follow."""
    start_on_dial_answer: Flag = False
    """Record the call from when a later Dial is answered."""
    record_channel_type: Annotated[Channels, BeforeValidator(_channels)] = (
        Channels.STEREO
    )
    """`stereo`: left what the caller says, right what it hears; `mono`: all mixed."""
    callback_url: str = ""
    """URL that is told when the file is ready."""
    callback_method: str = "POST"
    """GET or POST, for callbackUrl."""
    transcription_url: str = ""
    """URL that gets what was said; without it nothing is transcribed."""
    transcription_method: str = "POST"
    """GET or POST, for transcriptionUrl."""
    transcription_type: Annotated[str, NO_EFFECT_YET] = "auto"
    """`auto`, `hybrid` or `manual`; a machine does it, whatever this says."""
    transcription_report_type: Annotated[
        Literal["full", "compact"], BeforeValidator(_report)
    ] = "compact"
    """`full` or `compact`."""

    @property
    def in_background(self) -> bool:
        return self.record_session or self.start_on_dial_answer

    @property
    def wanted(self) -> RecordingWanted:
        return RecordingWanted(
            format=self.file_format,
            channels=self.record_channel_type,
            limit_s=self.max_length,
            ready=hook_of(self.callback_url, self.callback_method),
            transcription=self._transcription,
        )

    @property
    def _transcription(self) -> TranscriptionOrder | None:
        hook = hook_of(self.transcription_url, self.transcription_method)
        if hook is None:
            return None
        return TranscriptionOrder(hook=hook, report=self.transcription_report_type)

    @override
    async def prepare(self, call: CallSession) -> Step:
        """A beep that cannot be had is left out."""
        if self.in_background:
            return self
        beep = None
        if self.play_beep:
            try:
                beep = await call.prompts.tone(Tone.BEEP)
            except (MediaError, Unavailable) as error:
                log.warning("beep_skipped", why=str(error))
        return TakingMessage(
            wanted=self.wanted,
            beep=beep,
            silence_s=self.timeout,
            finish_keys=self.finish_on_key,
            action=self,
        )

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """Begin to record, now or when a Dial is answered, and go on at once."""
        if not self.in_background:
            return await (await self.prepare(call)).execute(call)
        order = call.recorder.order(self.wanted)
        if self.record_session:
            call.recorder.start(order)
        else:
            call.recorder.start_at_dial_answer(order)
        url = call.recorder.url(order)
        return self.reported(call, recording_params.begun(order, url))
