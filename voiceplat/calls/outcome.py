"""What an element asks for when it is done; only the interpreter moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource


class UrlKind(StrEnum):
    """Where a document came from; decides the code of its failures (plivo-xml 2.3)."""

    ANSWER = "answer"
    ACTION = "action"
    TRANSFER = "transfer"
    REDIRECT = "redirect"

    @property
    def unreachable(self) -> HangupCause:
        return CAUSES[7011 + self._offset]

    @property
    def invalid_url(self) -> HangupCause:
        """There is no 7021: a bad answer URL counts as unreachable."""
        return CAUSES[7021 + self._offset] if self._offset else CAUSES[7011]

    @property
    def invalid_method(self) -> HangupCause:
        return CAUSES[7031 + self._offset] if self._offset else CAUSES[7011]

    @property
    def invalid_xml(self) -> HangupCause:
        return CAUSES[8011 + self._offset]

    @property
    def _offset(self) -> int:
        return list(UrlKind).index(self)


@dataclass(frozen=True, slots=True)
class Proceed:
    """Run the next element."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Fetch a document and run it instead of the rest of this one."""

    url: str
    method: str = "POST"
    kind: UrlKind = UrlKind.REDIRECT
    params: Mapping[str, str] = field(default_factory=dict)
    """The element's own callback fields, by wire name (from `calls.params`)."""


@dataclass(frozen=True, slots=True)
class End:
    """Hang up. `source` replaces the cause's usual source."""

    cause: HangupCause
    source: HangupSource | None = None


Outcome = Proceed | Goto | End
