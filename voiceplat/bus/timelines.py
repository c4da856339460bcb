"""Timelines of calls that are live or were a moment ago: one capped stream for each."""

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic_core import PydanticSerializationError

from voiceplat.bus import keys
from voiceplat.bus.connection import BLOCK_MS, Wire
from voiceplat.calls.timeline import MOMENT, ElementRun, Moment
from voiceplat.core.ids import CallUuid

FROM_THE_START: Final = "0-0"
LOOKED_AT: Final = 60
"""Moments of a call that are searched for its elements."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A timeline to which nothing was added for a while."""

    uuid: CallUuid
    mark: str
    """Says which while it was."""


class Timelines:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._note = wire.script("note")
        self._elements = wire.script("latest_elements")
        self._quiet = wire.script("quiet_timelines")
        self._settle = wire.script("settle_timeline")

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
        if not moments:
            return
        pairs: list[str | int] = []
        for number, noted in enumerate(moments.values(), start=1):
            for moment in noted:
                pairs += [number, _as_json(moment)]
        await self._note(
            [keys.TIMELINES, *map(keys.timeline, moments)],
            [most, int(kept.total_seconds()), *moments, *pairs],
        )

    async def of(
        self, uuid: CallUuid, *, after: str = FROM_THE_START
    ) -> list[tuple[str, Moment]]:
        """What was noted after the moment with that id, in the order of noting."""
        return [
            (id_, MOMENT.validate_json(it)) for id_, it in await self.raw(uuid, after)
        ]

    async def raw(
        self, uuid: CallUuid, after: str = FROM_THE_START
    ) -> list[tuple[str, str]]:
        """The same, each moment as JSON."""
        entries: list[tuple[str, dict[str, str]]]
        entries = await self._wire.ask("XRANGE", keys.timeline(uuid), f"({after}", "+")
        return [(id_, fields["moment"]) for id_, fields in entries]

    async def elements(
        self, uuids: Sequence[CallUuid]
    ) -> dict[CallUuid, list[ElementRun]]:
        """What began and ended lately in several calls, the latest first."""
        if not uuids:
            return {}
        told = await self._elements([keys.timeline(it) for it in uuids], [LOOKED_AT])
        return {
            uuid: [ElementRun.model_validate_json(text) for text in texts]
            for uuid, texts in zip(uuids, told, strict=True)
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

    async def quiet(self, span: timedelta, most: int) -> list[Quiet]:
        """Timelines that belong into the database and had no new moment for `span`.

        Whoever gets one has `span` to settle it; then it is another one's.
        """
        reply: list[str] = await self._quiet(
            [keys.TIMELINES], [int(span / timedelta(milliseconds=1)), most]
        )
        return [
            Quiet(CallUuid(uuid), mark)
            for uuid, mark in zip(reply[::2], reply[1::2], strict=True)
        ]

    async def settle(self, quiet: Quiet) -> bool:
        """It needs no more turn; False when something was noted meanwhile."""
        return bool(await self._settle([keys.TIMELINES], [quiet.uuid, quiet.mark]))

    async def keep(self, uuid: CallUuid, kept: timedelta) -> None:
        """Let it live that long from now."""
        await self._wire.ask("EXPIRE", keys.timeline(uuid), int(kept.total_seconds()))

    async def name_dialogs(
        self, dialogs: Mapping[str, CallUuid], kept: timedelta
    ) -> None:
        """Say which calls have which SIP Call-IDs."""
        span_s = int(kept.total_seconds())
        if dialogs:
            await self._wire.all_of(
                *(
                    ("SET", keys.dialog(sip_call_id), uuid, "EX", span_s)
                    for sip_call_id, uuid in dialogs.items()
                )
            )

    async def calls_of(self, sip_call_ids: Iterable[str]) -> dict[str, CallUuid]:
        """The calls of those SIP Call-IDs that somebody has named."""
        wanted = list(sip_call_ids)
        if not wanted:
            return {}
        found = await self._wire.ask("MGET", *map(keys.dialog, wanted))
        return {
            sip_call_id: CallUuid(uuid)
            for sip_call_id, uuid in zip(wanted, found, strict=True)
            if uuid
        }


def _as_json(moment: Moment) -> str:
    """What strangers sent, with halves of characters perhaps, is noted all the same."""
    try:
        return moment.model_dump_json()
    except PydanticSerializationError:
        text = json.dumps(moment.model_dump(mode="json"), ensure_ascii=False)
        return text.encode(errors="replace").decode()


def _moment(id_: str, fields: dict[str, str]) -> tuple[str, Moment]:
    return id_, MOMENT.validate_json(fields["moment"])
