"""The bus: everything that processes tell one another, through one Redis."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voiceplat.bus.browsers import Browsers
from voiceplat.bus.census import Census
from voiceplat.bus.commands import Commands
from voiceplat.bus.connection import Wire, connect
from voiceplat.bus.directory import Directory
from voiceplat.bus.events import Events
from voiceplat.bus.lease import Leases
from voiceplat.bus.legs import SpareLegs
from voiceplat.bus.live import Live
from voiceplat.bus.nodes import Nodes
from voiceplat.bus.orders import Orders
from voiceplat.bus.queue import Queue
from voiceplat.bus.room_commands import RoomCommands
from voiceplat.bus.rooms import Rooms
from voiceplat.bus.sessions import Sessions
from voiceplat.bus.slots import Slots
from voiceplat.bus.timelines import Timelines
from voiceplat.bus.troubles import Troubles
from voiceplat.bus.trunks import Trunks
from voiceplat.bus.turns import Turns
from voiceplat.core.settings import RedisSettings


class Bus:
    """Every method raises Unavailable while Redis is away, and works again after."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.queue = Queue(wire)
        self.slots = Slots(wire)
        self.legs = SpareLegs(wire)
        self.live = Live(wire)
        self.commands = Commands(wire)
        self.events = Events(wire)
        self.nodes = Nodes(wire)
        self.leases = Leases(wire)
        self.directory = Directory(wire)
        self.rooms = Rooms(wire)
        self.room_commands = RoomCommands(wire)
        self.turns = Turns(wire)
        self.orders = Orders(wire)
        self.trunks = Trunks(wire)
        self.browsers = Browsers(wire)
        self.timelines = Timelines(wire)
        self.census = Census(wire)
        self.sessions = Sessions(wire)
        self.troubles = Troubles(wire)

    @staticmethod
    @asynccontextmanager
    async def connect(settings: RedisSettings) -> AsyncIterator["Bus"]:
        """Open the bus; Redis need not be there yet."""
        async with connect(settings) as wire:
            yield Bus(wire)

    async def ping(self) -> None:
        """Raises Unavailable when Redis is away."""
        await self._wire.ask("PING")
