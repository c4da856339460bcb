"""The one way in which a call's record leaves the bus: script `end`."""

from typing import Final, Literal

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.calls.call import EndFacts
from voiceplat.core.ids import CallUuid

REMEMBERED_S: Final = 60
"""Longer than anybody repeats a request to open a call whose answer was lost."""


class End:
    def __init__(self, wire: Wire) -> None:
        self._script = wire.script("end")

    async def __call__(
        self,
        uuid: CallUuid,
        end: EndFacts,
        *,
        only: Literal["unbegun", "any"] = "any",
        held_by: str = "",
    ) -> bool:
        reply = await self._script(
            [keys.call(uuid), keys.QUEUES, keys.EVENTS, keys.over(uuid)],
            [
                uuid,
                end.model_dump_json(),
                only,
                held_by,
                keys.calls(""),
                keys.queue(""),
                keys.worker(""),
                REMEMBERED_S,
            ],
        )
        return bool(reply)
