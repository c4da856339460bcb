"""What must be installed for the edge, and which package of Debian or Ubuntu has it."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings

_PROGRAMS: Final = {
    "kamailio": "kamailio",
    "rtpengine": "rtpengine-daemon",
    "redis-server": "redis-server",
    "setpriv": "util-linux",
}
_TURN_SERVER: Final = {"turnserver": "coturn"}
_MODULES: Final = {
    "ndb_redis.so": "kamailio-redis-modules",
    "topos_redis.so": "kamailio-redis-modules",
    "tls.so": "kamailio-tls-modules",
    "websocket.so": "kamailio-websocket-modules",
    "http_client.so": "kamailio-utils-modules",
    "rtpengine.so": "kamailio",
    "dialog.so": "kamailio",
}
_MODULE_FOLDERS: Final = (
    "/usr/lib/*/kamailio/modules",
    "/usr/lib/kamailio/modules",
    "/usr/lib64/kamailio/modules",
    "/usr/local/lib*/kamailio/modules",
)


class NotInstalled(VoiceplatError):
    def __init__(self, missing: Iterable[str], packages: Iterable[str]) -> None:
        self.packages = sorted(set(packages))
        super().__init__(
            f"missing: {', '.join(missing)}; "
            f"run: apt-get install {' '.join(self.packages)}"
        )


def require_installed(settings: Settings) -> None:
    """Raises NotInstalled, which names what is missing and the packages to install."""
    programs = _PROGRAMS | (_TURN_SERVER if settings.turn.port else {})
    missing = {
        name: package for name, package in programs.items() if not shutil.which(name)
    }
    missing |= {
        name: package for name, package in _MODULES.items() if not _module_exists(name)
    }
    if missing:
        raise NotInstalled(missing.keys(), missing.values())


def _module_exists(name: str) -> bool:
    return any(
        next(Path("/").glob(f"{folder.removeprefix('/')}/{name}"), None)
        for folder in _MODULE_FOLDERS
    )
