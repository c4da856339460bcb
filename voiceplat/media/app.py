"""The process `voiceplat media`: one supervisor and its workers."""

import asyncio
import signal
import socket

from voiceplat.bus.bus import Bus
from voiceplat.core.ids import new_node_id
from voiceplat.core.settings import Settings
from voiceplat.media.insight import insight
from voiceplat.media.supervisor import Supervisor
from voiceplat.metrics.listener import shown
from voiceplat.metrics.media import MediaFigures


async def run(settings: Settings) -> None:
    """Take calls until SIGTERM or SIGINT, then drain; until the next one at most."""
    stop, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def told_to_end() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_end)
    figures, node = MediaFigures(), new_node_id(socket.gethostname())
    async with Bus.connect(settings.redis) as bus:
        supervisor = Supervisor(settings, node, bus, figures)
        seen = insight(figures, supervisor, bus, settings.media)
        async with shown(seen, settings.metrics, settings.metrics.media_port):
            await supervisor.run(stop, hurry)
