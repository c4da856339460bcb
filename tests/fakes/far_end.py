"""The other end of a scripted leg, and what it and the leg have heard."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voiceplat.calls.leg import Ended, Leg, Party, Sound

if TYPE_CHECKING:
    from tests.fakes.leg import FakeLeg

FRAME_S = 0.02


@dataclass(frozen=True, slots=True)
class Played:
    """What the far end heard of a file."""

    name: str
    began: float
    ended: float
    answered: bool
    """Whether the leg was answered when it began."""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Bridged:
    """Whom the far end talked with."""

    other: Leg
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of the leg, into which files, and when."""

    tracks: Mapping[Path, Sound]
    began: float
    ended: float


class FarEnd:
    """What the phone or carrier does, by the script or by a test's hand."""

    def __init__(self, leg: "FakeLeg") -> None:
        self._leg = leg

    def ring(self) -> None:
        self._leg.take_ringing()

    def answer(self) -> None:
        self._leg.take_answer()

    def press(self, keys: str) -> None:
        for key in keys:
            self._leg.take_digit(key)

    def open_early_media(self) -> None:
        self._leg.take_early_media()

    async def talk(self, audio: Path) -> None:
        """Whoever it is bridged with hears the file; see `heard`."""
        await self._leg.let_say(audio)

    def heard(self) -> list[Played]:
        """What of the others' saying reached it over bridges, longer than a frame."""
        from tests.fakes.leg import FakeLeg  # noqa: PLC0415 - they know each other

        return [
            Played(said.name, began, ended, said.answered)
            for talk in self._leg.talks
            if isinstance(talk.other, FakeLeg)
            for said in talk.other.said
            if (began := max(said.began, talk.began)) + FRAME_S
            < (ended := min(said.ended, talk.ended))
        ]

    def say(self, pcm: bytes) -> None:
        """16-bit samples at 8 kHz, from now on."""
        self._leg.take_speech(pcm)

    def refer(self, to: str) -> None:
        self._leg.take_referral(to)

    def refuse(
        self, status: int, reason: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self._leg.end(Ended(Party.FAR, status, reason, headers or {}))

    def hang_up(self) -> None:
        self._leg.end(Party.FAR)
