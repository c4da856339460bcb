"""Where prepared audio lies, by what it says; shared by the service and its clients.

Both sides compute the same path from the same facts, so a client that finds the file
plays it and asks nobody. A file's modification time is when it was last used: `use`
renews it, and the service's sweep removes what was used longest ago.
"""

import json
import os
import unicodedata
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from voiceplat.calls.script import Script, Words
from voiceplat.speech.voices import Cast

_MADE_LIKE: Final = 2
"""Raised when the same facts come to sound different: old files are then not used."""


def normalise(script: Script) -> Script:
    """One spelling for scripts that sound alike: composed letters."""
    return Script(
        tuple(
            replace(part, text=unicodedata.normalize("NFC", part.text))
            if isinstance(part, Words)
            else part
            for part in script.parts
        )
    )


def prompt_path(folder: Path, cast: Cast, script: Script, rate_hz: int) -> Path:
    """The file of a script, already normalised, as those voices speak it."""
    facts = [_MADE_LIKE, asdict(cast), asdict(script), rate_hz]
    return _below(folder / "speak", _digest(json.dumps(facts)), ".wav")


def sound_path(folder: Path, content_digest: str, rate_hz: int) -> Path:
    """The file of downloaded audio: the same bytes under two URLs are one file."""
    facts = [_MADE_LIKE, content_digest, rate_hz]
    return _below(folder / "play", _digest(json.dumps(facts)), ".wav")


def tone_path(folder: Path, tone: str, rate_hz: int) -> Path:
    return folder / "tones" / f"{tone}-{rate_hz}.wav"


def download_path(folder: Path, url: str, rate_hz: int) -> Path:
    """What is known of a URL (class Download)."""
    return _below(folder / "play", _digest(json.dumps([url, rate_hz])), ".json")


def use(path: Path) -> bool:
    """Whether the file is there; it counts as used now."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Download:
    """What a URL gave last time, and until when it may be played without asking."""

    sound: str
    fresh_until: float
    """Seconds of the epoch."""
    etag: str = ""
    last_modified: str = ""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """None when there is none, or when its audio has been swept away."""
        try:
            download = cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return download if use(Path(download.sound)) and use(path) else None

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @property
    def can_be_revalidated(self) -> bool:
        return bool(self.etag or self.last_modified)


def _below(folder: Path, digest: str, suffix: str) -> Path:
    return folder / digest[:2] / (digest + suffix)


def _digest(facts: str) -> str:
    return sha256(facts.encode()).hexdigest()
