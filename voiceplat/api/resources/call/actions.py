"""What can be done to a live call: transfer, play, speak, send digits (2.6, 3.2)."""

import re
from datetime import timedelta
from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.resources.call.routes import find_live
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import (
    Method,
    Params,
    Text,
    Url,
    Whole,
    body_of,
    example,
    reads,
)
from voiceplat.api.wire.replies import NO_CONTENT, Reply
from voiceplat.bus.commands import (
    Command,
    Legs,
    PlaySounds,
    SendDigits,
    SpeakText,
    StopSounds,
    Transfer,
)
from voiceplat.calls.call import Hook
from voiceplat.calls.voices import DEFAULT_LANGUAGE, DEFAULT_VOICE
from voiceplat.core.errors import BadRequest, CommandRefused
from voiceplat.core.ids import CallUuid

router = APIRouter(route_class=VoiceRoute, tags=["Call"])

ACCEPTED: Final = 202
URLS_MAX: Final = 50
TEXT_MAX: Final = 3000
DIGITS_MAX: Final = 100

_DIGITS = re.compile(r"[0-9*#wW]+")


def _urls(value: object) -> object:
    """A list, or a text with commas."""
    if isinstance(value, str):
        return [url.strip() for url in value.split(",") if url.strip()]
    return value


def _is_digits(text: str) -> str:
    if not _DIGITS.fullmatch(text):
        raise ValueError("must consist of 0-9, *, #, w and W")
    return text


Urls = Annotated[
    list[Url], BeforeValidator(_urls), Field(min_length=1, max_length=URLS_MAX)
]
Digits = Annotated[Text, Field(max_length=DIGITS_MAX), AfterValidator(_is_digits)]


class TransferOrder(Params):
    model_config = example(legs="aleg", aleg_url="https://example.com/elsewhere")

    legs: Legs = "aleg"
    aleg_url: Url = ""
    aleg_method: Method = "POST"
    bleg_url: Url = ""
    bleg_method: Method = "POST"

    @model_validator(mode="after")
    def _has_its_urls(self) -> Self:
        for leg in ("aleg", "bleg"):
            if self.legs in {leg, "both"} and not getattr(self, f"{leg}_url"):
                raise ValueError(f"{leg}_url parameter is missing")
        return self

    @property
    def command(self) -> Transfer:
        aleg = Hook(url=self.aleg_url, method=self.aleg_method)
        bleg = Hook(url=self.bleg_url, method=self.bleg_method)
        return Transfer(
            aleg=None if self.legs == "bleg" else aleg,
            bleg=None if self.legs == "aleg" else bleg,
        )


class PlayOrder(Params):
    model_config = example(urls="https://example.com/hold.mp3", loop=True)

    urls: Urls
    length: Whole = 0
    """Seconds of all of it together; 0 for no limit."""
    legs: Legs = "aleg"
    loop: bool = False
    mix: bool = True
    """Whether the call goes on being heard meanwhile."""

    @property
    def command(self) -> PlaySounds:
        return PlaySounds(
            urls=tuple(self.urls),
            length_s=self.length,
            legs=self.legs,
            loop=self.loop,
            mix=self.mix,
        )


class SpeakOrder(Params):
    model_config = example(text="One moment, please.", language="en-US")

    text: Annotated[Text, Field(min_length=1, max_length=TEXT_MAX)]
    voice: Text = DEFAULT_VOICE
    language: Text = DEFAULT_LANGUAGE
    legs: Legs = "aleg"
    loop: bool = False
    mix: bool = True
    type: Text = "text"
    """`ssml` when the text has tags."""

    @property
    def command(self) -> SpeakText:
        return SpeakText(
            text=self.text,
            voice=self.voice,
            language=self.language,
            ssml=self.type.lower() == "ssml",
            legs=self.legs,
            loop=self.loop,
            mix=self.mix,
        )


class DigitsOrder(Params):
    model_config = example(digits="12w3#")

    digits: Digits
    leg: Legs | None = None
    legs: Legs | None = None
    """The Go SDK's name of `leg`."""

    @property
    def command(self) -> SendDigits:
        return SendDigits(digits=self.digits, legs=self.leg or self.legs or "aleg")


class Accepted(Reply):
    message: str


@router.post(
    "/Call/{call_uuid}/", status_code=ACCEPTED, openapi_extra=body_of(TransferOrder)
)
async def transfer(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[TransferOrder, reads(TransferOrder)],
    here: Here,
) -> Accepted:
    """Send one leg of a live call, or both, to another document."""
    await tell(call_uuid, order.command, caller, here)
    return Accepted(message="call transferred")


@router.post(
    "/Call/{call_uuid}/Play/", status_code=ACCEPTED, openapi_extra=body_of(PlayOrder)
)
async def play(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[PlayOrder, reads(PlayOrder)],
    here: Here,
) -> Accepted:
    """Play files to one leg of a live call, or both."""
    await tell(call_uuid, order.command, caller, here)
    return Accepted(message="play started")


@router.delete("/Call/{call_uuid}/Play/", **NO_CONTENT)
async def stop_playing(caller: CurrentCaller, call_uuid: str, here: Here) -> None:
    """Stop what `POST` plays."""
    await tell(call_uuid, StopSounds(what="play"), caller, here)


@router.post(
    "/Call/{call_uuid}/Speak/", status_code=ACCEPTED, openapi_extra=body_of(SpeakOrder)
)
async def speak(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[SpeakOrder, reads(SpeakOrder)],
    here: Here,
) -> Accepted:
    """Speak a text to one leg of a live call, or both."""
    await tell(call_uuid, order.command, caller, here)
    return Accepted(message="speak started")


@router.delete("/Call/{call_uuid}/Speak/", **NO_CONTENT)
async def stop_speaking(caller: CurrentCaller, call_uuid: str, here: Here) -> None:
    """Stop what `POST` speaks."""
    await tell(call_uuid, StopSounds(what="speak"), caller, here)


@router.post(
    "/Call/{call_uuid}/DTMF/", status_code=ACCEPTED, openapi_extra=body_of(DigitsOrder)
)
async def send_digits(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[DigitsOrder, reads(DigitsOrder)],
    here: Here,
) -> Accepted:
    """Send digits to one leg of a live call, or both."""
    await tell(call_uuid, order.command, caller, here)
    return Accepted(message="digits sent")


async def tell(
    call_uuid: str, command: Command, caller: CurrentCaller, here: Here
) -> None:
    """Raises CallNotLive, or BadRequest with what the call's worker says."""
    found = await find_live(CallUuid(call_uuid), caller, here)
    patience = timedelta(milliseconds=here.settings.api.command_timeout_ms)
    try:
        await here.bus.commands.send(found.call.uuid, command, within=patience)
    except CommandRefused as error:
        raise BadRequest(str(error)) from error
