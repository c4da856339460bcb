"""What a room is to hear, before there is audio of it: it is made where the room is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from voiceplat.calls.script import Script


class _Sound(BaseModel):
    model_config = ConfigDict(frozen=True)


class File(_Sound):
    kind: Literal["file"] = "file"
    url: str
    loop: int = 1
    """0 plays it until something ends it."""


class Speech(_Sound):
    kind: Literal["speech"] = "speech"
    scripts: tuple[Script, ...]
    """One after the other: a long text in parts."""
    voice: str
    language: str
    loop: int = 1


class Beep(_Sound):
    kind: Literal["beep"] = "beep"
    loop: int = 1


class Silence(_Sound):
    kind: Literal["silence"] = "silence"
    seconds: float


RoomSound = Annotated[File | Speech | Beep | Silence, Field(discriminator="kind")]
