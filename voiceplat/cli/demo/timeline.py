"""What happened, when, and who told whom: printed as it happens."""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voiceplat.core.clock import utc_now


class Who(StrEnum):
    APP = "your app"
    PLATFORM = "voiceplat"
    PHONE = "phone"
    CARRIER = "carrier"


_COLOUR = {
    Who.APP: "\033[36m",
    Who.PLATFORM: "\033[35m",
    Who.PHONE: "\033[32m",
    Who.CARRIER: "\033[33m",
}
_PLAIN = "\033[0m"
_BAD = "\033[31m"


@dataclass(slots=True)
class Timeline:
    """Lines with milliseconds since the timeline began; remembers what failed."""

    began: datetime = field(default_factory=utc_now)
    failures: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        self.began = utc_now()
        self._write(f"\n{text}\n{'─' * len(text)}")

    def line(
        self,
        sender: Who,
        receiver: Who | None,
        what: str,
        *,
        at: datetime | None = None,
    ) -> None:
        """One thing that happened; `at` when it is known better than by now."""
        ms = ((at or utc_now()) - self.began).total_seconds() * 1000
        arrow = f"→ {receiver.value}" if receiver else ""
        who = self._paint(_COLOUR[sender], f"{sender.value:>9}")
        self._write(f"{ms:8.0f} ms  {who} {arrow:<12} {what}")

    def check(self, what: str, *, passed: bool, detail: str = "") -> None:
        """Something that must be so; a failure decides the exit status."""
        mark = "✓" if passed else self._paint(_BAD, "✗")
        self._write(f"            {mark} {what}" + (f": {detail}" if detail else ""))
        if not passed:
            self.failures.append(what)

    def _paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if sys.stdout.isatty() else text

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
