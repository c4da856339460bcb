"""The one way in which a call's record leaves the bus: script `end`."""

from typing import Literal

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.calls.call import EndFacts
from voiceplat.core.ids import CallUuid


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
            [keys.call(uuid), keys.QUEUES, keys.EVENTS],
            [
                uuid,
                end.model_dump_json(),
                only,
                held_by,
                keys.calls(""),
                keys.queue(""),
                keys.worker(""),
            ],
        )
        return bool(reply)
