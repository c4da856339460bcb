"""What a call can be told while it runs: by the API, or by a worker that must go."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

import structlog

from voiceplat.bus.commands import (
    Command,
    Hangup,
    Legs,
    PlaySounds,
    SendDigits,
    SpeakText,
    StartRecording,
    StopRecording,
    StopSounds,
    Transfer,
)
from voiceplat.calls.call import Hook
from voiceplat.calls.hangup import CAUSES, HangupSource
from voiceplat.calls.leg import CallEnded, Leg
from voiceplat.calls.outcome import End, Goto, UrlKind
from voiceplat.calls.session import CallSession
from voiceplat.calls.taking import CallRecorder
from voiceplat.core.errors import CommandRefused, DocumentError, MediaError
from voiceplat.media.deeds import Deeds
from voiceplat.xml.document import parse
from voiceplat.xml.element import Element
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.other_leg import OtherLeg
from voiceplat.xml.prompting import play_all, prepared

log = structlog.get_logger()

SSML_BEGINS, SSML_ENDS = "<speak>", "</speak>"
NOT_YET = "the call is not connected yet"


class Partner(Protocol):
    """The B leg that an A leg talks with, as far as commands reach it."""

    @property
    def leg(self) -> Leg: ...

    def hand_over(self, to: Goto) -> None:
        """It goes its own way, with a document of its own."""
        ...


def nobody() -> Partner | None:
    return None


class Controls:
    """From before a call is dialled until it is over; the first end counts."""

    def __init__(self) -> None:
        self.ending: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.transfers: asyncio.Queue[Goto] = asyncio.Queue()
        self.recorder: CallRecorder | None = None
        """Of a B leg, too, which has no session of its own."""
        self._session: CallSession | None = None
        self._partner: Callable[[], Partner | None] = nobody
        self._sounds: dict[str, Deeds] = {"play": Deeds(), "speak": Deeds()}

    def attach(
        self, session: CallSession, partner: Callable[[], Partner | None] = nobody
    ) -> None:
        """The call runs: what is to sound can sound."""
        self._session = session
        self.recorder = session.recorder
        self._partner = partner

    def end(self, end: End) -> None:
        if not self.ending.done():
            self.ending.set_result(end)

    def obey(self, command: Command) -> None:
        """Begin to do it. Raises CommandRefused when it cannot be done."""
        match command:
            case Hangup():
                self.end(End(CAUSES[command.cause], HangupSource(command.source)))
            case Transfer():
                self._transfer(command)
            case PlaySounds():
                elements = [Play(text=url) for url in command.urls]
                self._sound("play", command, elements, command.length_s)
            case SpeakText():
                self._sound("speak", command, [_speech(command)], 0)
            case StopSounds():
                self._sounds[command.what].cancel()
            case SendDigits():
                for heard_by in self._heard_by(command.legs):
                    digits = heard_by.leg.send_digits(command.digits)
                    heard_by.meanwhile(digits)
            case StartRecording() | StopRecording():
                self._record(command)

    def _record(self, command: StartRecording | StopRecording) -> None:
        if self.recorder is None or not self.recorder.has_audio:
            raise CommandRefused(NOT_YET)
        if isinstance(command, StartRecording):
            self.recorder.start(command.order)
        else:
            self.recorder.stop(command.recording)

    def _transfer(self, command: Transfer) -> None:
        partner = self._partner()
        if command.bleg and partner is None:
            raise CommandRefused("there is no B leg")
        if command.bleg and partner:
            partner.hand_over(_transfer_to(command.bleg))
        if command.aleg:
            self.transfers.put_nowait(_transfer_to(command.aleg))

    def _sound(
        self,
        kind: str,
        command: PlaySounds | SpeakText,
        elements: Iterable[Element],
        length_s: int,
    ) -> None:
        for heard_by in self._heard_by(command.legs):
            if not heard_by.leg.has_media:
                raise CommandRefused(NOT_YET)
            sound = _heard(list(elements), heard_by, command, length_s)
            self._sounds[kind].start(sound)

    def _heard_by(self, legs: Legs) -> list[CallSession]:
        if self._session is None:
            raise CommandRefused(NOT_YET)
        partner = self._partner() if legs != "aleg" else None
        if legs == "bleg" and partner is None:
            raise CommandRefused("there is no B leg")
        own = [] if legs == "bleg" else [self._session]
        return [*own, *([OtherLeg(self._session, partner.leg)] if partner else [])]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """The call is over, and all that sounded for it."""
        for deeds in self._sounds.values():
            await deeds.close()


def _transfer_to(hook: Hook) -> Goto:
    return Goto(hook.url, hook.method, UrlKind.TRANSFER)


def _speech(command: SpeakText) -> Speak:
    voice = {"voice": command.voice, "language": command.language}
    if not command.ssml:
        return Speak(content=(command.text,), **voice)
    text = command.text.strip()
    if text.startswith(SSML_BEGINS) and text.endswith(SSML_ENDS):
        text = text.removeprefix(SSML_BEGINS).removesuffix(SSML_ENDS)
    try:
        document = parse(f"<Response><Speak>{text}</Speak></Response>".encode())
    except DocumentError as error:
        raise CommandRefused(f"text is no SSML: {error.why}") from error
    match document.elements:
        case (Speak() as speak,):
            return speak.model_copy(update=voice)
        case _:
            raise CommandRefused("text is no SSML: it ends too early")


async def _heard(
    elements: list[Element],
    heard_by: CallSession,
    command: PlaySounds | SpeakText,
    length_s: int,
) -> None:
    """One round, or round after round until it is stopped."""
    steps = await prepared(elements, heard_by)
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError, CallEnded, MediaError):
        async with asyncio.timeout(length_s or None):
            while True:
                began = loop.time()
                with heard_by.leg.hushed(hush=not command.mix):
                    await play_all(steps, heard_by)
                if not command.loop or loop.time() == began:
                    return
