"""A timeline that keeps what is noted, for tests to read."""

from typing_extensions import override

from voiceplat.calls.timeline import ElementRun, KeyPress, Moment, Timeline, WebRequest
from voiceplat.core.ids import CallUuid


class FakeTimeline(Timeline):
    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.dialogs: dict[str, CallUuid] = {}

    @override
    def note(self, uuid: CallUuid, moment: Moment) -> None:
        self.moments.append(moment)

    @override
    def is_dialog_of(self, uuid: CallUuid, sip_call_id: str) -> None:
        self.dialogs[sip_call_id] = uuid

    @property
    def elements(self) -> list[ElementRun]:
        return [it for it in self.moments if isinstance(it, ElementRun)]

    @property
    def keys(self) -> list[KeyPress]:
        return [it for it in self.moments if isinstance(it, KeyPress)]

    @property
    def requests(self) -> list[WebRequest]:
        return [it for it in self.moments if isinstance(it, WebRequest)]
