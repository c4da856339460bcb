"""What `voiceplat up` makes once below its data folder: secret key, first account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from voiceplat.core.sealing import new_secret_key

SOCKET_PATH_MAX: Final = 100
"""Unix sockets have paths of at most 107 bytes."""


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
        """Below the data folder, unless its path is too long for a socket."""
        inside = self.data / "speech.sock"
        if len(str(inside)) <= SOCKET_PATH_MAX:
            return inside
        return Path(gettempdir()) / f"voiceplat-{abs(hash(self.data)):x}.sock"

    def secret_key(self) -> str:
        """The key of `secret.key`, which only its owner can read; made when missing."""
        file = self.data / "secret.key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(new_secret_key())
        return file.read_text().strip()


def prepare_home(data: Path) -> Home:
    home = Home(data.resolve())
    for folder in (home.data, home.logs, home.redis):
        folder.mkdir(parents=True, exist_ok=True)
    home.data.chmod(0o750)
    return home


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
