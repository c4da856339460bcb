"""The settings of timelines: what is noted of calls, and how long it is kept."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from voiceplat.core.section import Port, Section


class TimelineSettings(Section):
    enabled: bool = True
    """Whether what happens in calls is noted for people."""
    sip: bool = True
    """Whether their SIP messages are noted too; the edge reads it when it starts."""
    digits: bool = False
    """Whether keys and understood speech can be read in it; else they are `•`."""
    moments_max: Annotated[int, Field(ge=10)] = 500
    """Moments of one call that are kept; beyond it the oldest go."""
    live_kept_s: PositiveInt = 600
    """How long a timeline stays on the bus after its last moment; after half of it the
    ledger brings it into the database."""
    kept_days: NonNegativeInt = 7
    """How long timelines stay in the database; 0: they never get there."""
    trace_port: Port = 0
    """UDP port of loopback on which the edge hears Kamailio's copies of SIP messages;
    0 takes a free one."""
