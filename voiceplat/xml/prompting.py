"""Prompts that listen: what the caller does cuts them (barge-in)."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from voiceplat.calls.session import CallSession
from voiceplat.xml.element import Element, Step

T = TypeVar("T")


async def prepared(prompts: Sequence[Element], call: CallSession) -> list[Step]:
    """The prompts with their audio at hand, so that nothing is waited for between."""
    return list(await asyncio.gather(*(prompt.prepare(call) for prompt in prompts)))


async def play_all(steps: Sequence[Step], call: CallSession) -> None:
    for step in steps:
        await step.execute(call)


async def cut_by(
    wanted: Coroutine[Any, Any, T],
    prompts: Coroutine[Any, Any, None],
    *,
    patience_s: float,
) -> T | None:
    """What comes of `wanted`, which cuts the prompts; None when nothing does.

    After the prompts there are `patience_s` seconds for it.
    """
    coming, playing = asyncio.create_task(wanted), asyncio.create_task(prompts)
    try:
        await asyncio.wait({coming, playing}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            await playing
            await asyncio.wait({coming}, timeout=patience_s)
        return coming.result() if coming.done() else None
    finally:
        for task in (coming, playing):
            task.cancel()
        await asyncio.gather(coming, playing, return_exceptions=True)
