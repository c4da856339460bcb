"""The library's log, as structlog events."""

from typing import Final

import pjsua2 as pj
import structlog
from typing_extensions import override

log = structlog.get_logger()

LEVELS: Final = {"error": 1, "warning": 2, "info": 2, "debug": 4}
"""Its level 3 tells a story per call; that is debugging to us."""
_METHODS: Final = {1: "info", 2: "info"}
"""Even its errors: what matters to a call is raised, and logged by who catches it."""


class PjLog(pj.LogWriter):
    """Called on any thread of the library."""

    @override
    def write(self, entry: pj.LogEntry) -> None:
        method = getattr(log, _METHODS.get(entry.level, "debug"))
        method("pjsip", text=entry.msg.strip())
