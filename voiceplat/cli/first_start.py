"""What `voiceplat up` makes once below its data folder: secret key, first account."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.sealing import new_secret_key

LAST_WORDS_S: Final = 3.0
"""How long the Redis of one that was killed may take to end."""
LOOK_AGAIN_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Home:
    """The data folder, absolute, and what lies in it."""

    data: Path

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def redis(self) -> Path:
        return self.data / "redis"

    @property
    def speech_socket(self) -> Path:
        return self.data / "speech.sock"

    def secret_key(self) -> str:
        """The key of `secret.key`, which only its owner can read; made when missing."""
        file = self.data / "secret.key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(new_secret_key())
        return file.read_text().strip()


class CannotUse(VoiceplatError):
    """The data folder cannot be written, or is another's."""


def prepare_home(data: Path) -> Home:
    """Raises CannotUse."""
    home = Home(data.resolve())
    try:
        for folder in (home.data, home.logs, home.redis):
            folder.mkdir(parents=True, exist_ok=True)
        home.data.chmod(0o750)
    except OSError as error:
        message = f"cannot write to {home.data}: {error.strerror}"
        raise CannotUse(message) from error
    return home


@contextmanager
def sole_use(home: Home) -> Iterator[int]:
    """Nobody else uses the folder until this ends; a descriptor that holds the lock.

    Whoever inherits it keeps the lock: two Redis in one folder would ruin its file.
    Raises CannotUse.
    """
    with (home.data / "up.lock").open("a") as file:
        give_up_at = monotonic() + LAST_WORDS_S
        while True:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                if monotonic() > give_up_at:
                    message = f"another `voiceplat up` uses {home.data}"
                    raise CannotUse(message) from error
                sleep(LOOK_AGAIN_S)
            else:
                break
        yield file.fileno()


def write_config(
    home: Home, values: Mapping[str, Mapping[str, str | int | bool]]
) -> Path:
    """`voiceplat.toml` in the data folder, which every process and command reads."""
    file = home.data / "voiceplat.toml"
    lines = ["# Written by `voiceplat up` at each start; the environment overrides it."]
    for section, settings in values.items():
        lines += ["", f"[{section}]"] if section else []
        lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n")
    return file
