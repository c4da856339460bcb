"""Timelines of calls that are live or were a moment ago: one capped stream for each."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from voiceplat.bus import keys
from voiceplat.bus.connection import BLOCK_MS, Wire
from voiceplat.calls.timeline import MOMENT, Moment
from voiceplat.core.ids import CallUuid

FROM_THE_START: Final = "0-0"


class Timelines:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def add(
        self,
        moments: Mapping[CallUuid, Sequence[Moment]],
        *,
        most: int,
        kept: timedelta,
    ) -> None:
        """Note moments of several calls at once; `most` of a call stay, the last ones.

        A stream is forgotten `kept` after its last moment.
        """
        commands: list[tuple[str | int, ...]] = []
        for uuid, noted in moments.items():
            key = keys.timeline(uuid)
            for moment in noted:
                text = moment.model_dump_json()
                commands.append(("XADD", key, "MAXLEN", "~", most, "*", "moment", text))
            commands.append(("EXPIRE", key, int(kept.total_seconds())))
        if commands:
            await self._wire.all_of(*commands)

    async def of(
        self, uuid: CallUuid, *, after: str = FROM_THE_START
    ) -> list[tuple[str, Moment]]:
        """What was noted after the moment with that id, in the order of noting."""
        entries: list[tuple[str, dict[str, str]]]
        entries = await self._wire.ask("XRANGE", keys.timeline(uuid), f"({after}", "+")
        return [_moment(*entry) for entry in entries]

    async def latest(
        self, uuids: Sequence[CallUuid], count: int
    ) -> dict[CallUuid, list[Moment]]:
        """The last moments of several calls, the latest first."""
        if not uuids:
            return {}
        asked = (
            ("XREVRANGE", keys.timeline(uuid), "+", "-", "COUNT", count)
            for uuid in uuids
        )
        told = await self._wire.all_of(*asked)
        return {
            uuid: [_moment(*entry)[1] for entry in entries]
            for uuid, entries in zip(uuids, told, strict=True)
        }

    async def follow(
        self, uuid: CallUuid, *, after: str = FROM_THE_START
    ) -> AsyncGenerator[list[tuple[str, Moment]]]:
        """Moments as they are noted; an empty list when none came for a while."""
        while True:
            reply: list[tuple[str, list[tuple[str, dict[str, str]]]]] | None
            reply = await self._wire.wait(
                *("XREAD", "COUNT", 500, "BLOCK", BLOCK_MS),
                *("STREAMS", keys.timeline(uuid), after),
            )
            found = [_moment(*it) for _, entries in reply or [] for it in entries]
            if found:
                after = found[-1][0]
            yield found


def _moment(id_: str, fields: dict[str, str]) -> tuple[str, Moment]:
    return id_, MOMENT.validate_json(fields["moment"])
