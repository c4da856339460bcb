"""Which events are told to the customer, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from voiceplat.calls import params, recording_params
from voiceplat.calls.call import EndedCall, Hook, LiveCall
from voiceplat.calls.recording import Recording
from voiceplat.calls.status import Direction


@dataclass(frozen=True, slots=True)
class Notice:
    hook: Hook
    params: Mapping[str, str]


def ring_notice(live: LiveCall) -> Notice | None:
    """ring_url: outbound calls only (plivo-rest 8.3)."""
    call = live.call
    if call.ring is None or call.direction is not Direction.OUTBOUND:
        return None
    return Notice(call.ring, params.ring(call))


def hangup_notice(ended: EndedCall, zone: tzinfo) -> Notice | None:
    """hangup_url: once per call, answered or not."""
    if ended.call.hangup is None:
        return None
    return Notice(ended.call.hangup, params.hangup(ended, zone))


def ready_notice(recording: Recording, url: str) -> Notice | None:
    """The file of a recording can be fetched, or never will be (8.6)."""
    hook = recording.order.ready
    if hook is None:
        return None
    return Notice(hook, recording_params.ready(recording, url))
