"""Where calls run: what all calls of a worker share, and what it tells of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from voiceplat.bus.bus import Bus
from voiceplat.bus.reporter import Reporter
from voiceplat.calls.call import Call, EndFacts
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import Destination, Leg, Phone, Quality
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.outcome import End
from voiceplat.calls.session import Prompts
from voiceplat.calls.timeline import NoTimeline, Timeline
from voiceplat.calls.trouble import NoTroubles, Troubles
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NoLegFree
from voiceplat.core.ids import CallUuid, NodeId, WorkerAddress
from voiceplat.core.settings import Settings
from voiceplat.media.controls import Controls
from voiceplat.media.elsewhere import MoreLegs, Nowhere
from voiceplat.media.rooms import NoRooms, Rooms
from voiceplat.media.running_calls import RunningCalls
from voiceplat.metrics.told import Tell, nobody
from voiceplat.webhooks.client import WebhookClient


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls run: the name of this worker and all that its calls share."""

    settings: Settings
    worker: WorkerAddress
    node: NodeId
    bus: Bus
    phone: Phone
    prompts: Prompts
    ears: Ears
    webhooks: WebhookClient
    reporter: Reporter
    calls: RunningCalls
    controls: dict[CallUuid, Controls]
    """How each call that runs here can be told something."""
    elsewhere: MoreLegs = field(default_factory=Nowhere)
    """The other workers, for calls that need more legs than are free here."""
    rooms: Rooms = field(default_factory=NoRooms)
    """The conference rooms of all hosts."""
    tell: Tell = nobody
    """Takes figures of what happens here."""
    timeline: Timeline = field(default_factory=NoTimeline)
    """Where what happens in calls is noted."""
    troubles: Troubles = field(default_factory=NoTroubles)

    async def dial_anywhere(self, to: Destination) -> Leg:
        """A leg of this worker, else of another. Raises NoLegFree when none is left."""
        try:
            return await self.phone.dial(to)
        except NoLegFree:
            return await self.elsewhere.dial(to)

    def notes_of(self, call: Call) -> CallNotes:
        """Where all that happens in the call is noted."""
        digits = self.settings.timeline.digits
        return CallNotes(call, self.timeline, self.troubles, digits)

    @contextmanager
    def under_command(self, uuid: CallUuid) -> Iterator[Controls]:
        """A call can be told to end from before it is dialled until it is over."""
        self.controls[uuid] = Controls()
        try:
            yield self.controls[uuid]
        finally:
            del self.controls[uuid]

    def end_by_command(self, uuid: CallUuid, end: End) -> bool:
        """Whether the call runs here; the first command counts."""
        if found := self.controls.get(uuid):
            found.end(end)
        return found is not None


def report_end(call: Call, end: End, heard: Quality, place: Place) -> None:
    """The call's one terminal event."""
    facts = EndFacts(
        cause_code=end.cause.code,
        source=(end.source or end.cause.source).value,
        at=utc_now(),
        packets_received=heard.packets_received,
        packets_lost=heard.packets_lost,
        jitter_ms=heard.jitter_ms,
    )
    place.reporter.tell(lambda: place.bus.live.end(call.uuid, facts))
