"""<Conference>: be in a room with others, by its name (plivo-xml 3.7)."""

import asyncio
from typing import Annotated

import structlog
from pydantic import BeforeValidator, Field
from typing_extensions import override

from voiceplat.calls import conference_params
from voiceplat.calls.call import Hook
from voiceplat.calls.conference import LIFE_S, MEMBERS_MAX, MemberRules
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.recording import FileFormat, TranscriptionOrder
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import Conflict, MediaError, RoomFull, Unavailable
from voiceplat.xml.action import ActionElement, hook_of, tell
from voiceplat.xml.conferring import ConferencePlan, Conferring, RecordingPlan
from voiceplat.xml.digit_patterns import Patterns
from voiceplat.xml.element import NO_EFFECT_YET, RequiredText
from voiceplat.xml.values import METHODS, Flag, Whole, is_web_url

log = structlog.get_logger()


def _file_format(value: object) -> FileFormat:
    try:
        return FileFormat(str(value).strip())
    except ValueError as error:
        raise ValueError("recordFileFormat must be mp3 or wav") from error


class Conference(ActionElement):
    text: RequiredText
    """The room's name; rooms of other accounts are other rooms."""
    muted: Flag = False
    """Whether it only listens."""
    enter_sound: str = ""
    """What the room hears when it comes: `beep:1`, `beep:2`, URL of a document."""
    exit_sound: str = ""
    """The same when it leaves."""
    start_conference_on_enter: Flag = True
    """Whether its coming starts the room, and ends the waiting of all."""
    end_conference_on_exit: Flag = False
    """Whether everybody leaves with it."""
    stay_alone: Flag = True
    """Whether it stays when all others have left."""
    wait_sound: str = ""
    """URL of a document that it hears while it waits or is alone, again and again."""
    max_members: Annotated[int, BeforeValidator(Whole(MEMBERS_MAX, low=1))] = (
        MEMBERS_MAX
    )
    """It comes in only when fewer are there."""
    time_limit: Annotated[int, BeforeValidator(Whole(LIFE_S, low=1))] = LIFE_S
    """Seconds that the room may live."""
    hangup_on_star: Flag = False
    """Whether `*` takes it out of the room."""
    callback_url: str = ""
    """Told of its coming, leaving, digits and floor."""
    callback_method: str = "POST"
    """GET or POST, for callbackUrl."""
    digits_match: Patterns = ()
    """Its digits that callbackUrl is told of."""
    floor_event: Flag = False
    """Whether callbackUrl is told when everybody listens to it."""
    relay_dtmf: Flag = Field(default=True, alias="relayDTMF")
    """Whether its keys are passed on to the others."""
    record: Flag = False
    """Whether the room is recorded, from the first member on who has this."""
    record_file_format: Annotated[FileFormat, BeforeValidator(_file_format)] = (
        FileFormat.MP3
    )
    """`mp3` or `wav`."""
    record_when_alone: Flag = True
    """Whether it is recorded while only one member is there."""
    transcription_type: Annotated[str, NO_EFFECT_YET] = "auto"
    """`auto`, `hybrid` or `manual`; a machine does it, whatever this says."""
    transcription_url: str = ""
    """URL that gets what was said; without it nothing is transcribed."""
    transcription_method: str = "POST"
    """GET or POST, for transcriptionUrl."""
    send_digits: Annotated[str, NO_EFFECT_YET] = ""
    """Of the Python and .NET SDKs; nothing says what it does."""
    beep: Annotated[str, NO_EFFECT_YET] = ""
    """Of older SDKs; `enterSound` is what is meant."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        conferring = Conferring(self._plan(call), call)
        try:
            badge = await conferring.run()
        except (RoomFull, Unavailable, MediaError, Conflict) as error:
            log.warning("conference_not_entered", why=str(error))
            return Proceed()
        except (CallEnded, asyncio.CancelledError):
            hung_up = call.leg.ended is not None
            if hung_up and self.action and conferring.badge:
                left = conference_params.left(conferring.badge, conferring.recording)
                tell(call, self.action, self.method, left)
            raise
        left = conference_params.left(badge, conferring.recording)
        return self.reported(call, left)

    def _plan(self, call: CallSession) -> ConferencePlan:
        method = self.callback_method.strip().upper()
        told = is_web_url(self.callback_url) and method in METHODS
        return ConferencePlan(
            room=self.text,
            rules=self._rules(call.settings.media.conference_members),
            wait_sound=self.wait_sound,
            enter_sound=self.enter_sound,
            exit_sound=self.exit_sound,
            leave_on_star=self.hangup_on_star,
            relay_keys=self.relay_dtmf,
            patterns=self.digits_match if told else (),
            tell_floor=self.floor_event,
            events=Hook(url=self.callback_url, method=method) if told else None,
            record=self._recording,
        )

    @property
    def _recording(self) -> RecordingPlan | None:
        if not self.record:
            return None
        hook = hook_of(self.transcription_url, self.transcription_method)
        return RecordingPlan(
            format=self.record_file_format,
            when_alone=self.record_when_alone,
            transcription=TranscriptionOrder(hook=hook) if hook else None,
        )

    def _rules(self, most: int) -> MemberRules:
        given = self.model_fields_set
        return MemberRules(
            starts=self.start_conference_on_enter,
            ends=self.end_conference_on_exit,
            stays_alone=self.stay_alone,
            muted=self.muted,
            most=min(self.max_members, most) if "max_members" in given else most,
            time_limit_s=self.time_limit if "time_limit" in given else None,
        )
