"""Figures of a healthy platform, and for each alert those that set it off.

In promtool's notation: `a+bxn` begins with `a` and grows by `b` for `n` minutes.
"""

from collections.abc import Mapping
from typing import Final

Series = Mapping[str, str]

HEALTHY: Final[Series] = {
    'up{job="voiceplat",process="api",instance="a"}': "1x60",
    'voiceplat_dependency_up{part="redis"}': "1x60",
    "voiceplat_media_nodes": "2x60",
    "voiceplat_slots": "120x60",
    "voiceplat_slots_free": "60x60",
    "voiceplat_queue_calls": "5x60",
    "voiceplat_queue_oldest_seconds": "400x60",
    "voiceplat_queue_wait_seconds_count": "0+100x60",
    'voiceplat_calls_ended_total{cause="4000",direction="outbound"}': "0+1000x60",
    'voiceplat_calls_ended_total{cause="5010",direction="outbound"}': "0+10x60",
    'voiceplat_calls_ended_total{cause="3080",direction="outbound"}': "0+10x60",
    'voiceplat_trunk_up{trunk="3"}': "1x60",
    'voiceplat_webhook_seconds_count{purpose="answer"}': "0+100x60",
    'voiceplat_webhook_failures_total{purpose="answer",trouble="5xx"}': "0+1x60",
    "voiceplat_callbacks_oldest_seconds": "30x60",
    "voiceplat_events_waiting": "20x60",
    "voiceplat_events_parked": "0x60",
    "voiceplat_rtp_packets_received_total": "0+10000x60",
    "voiceplat_rtp_packets_lost_total": "0+10x60",
    'voiceplat_child_deaths_total{kind="worker"}': "1x60",
    'voiceplat_server_restarts_total{kind="kamailio"}': "1x60",
    'voiceplat_recognition_seconds_bucket{le="1"}': "0+99x60",
    'voiceplat_recognition_seconds_bucket{le="5"}': "0+100x60",
    'voiceplat_recognition_seconds_bucket{le="+Inf"}': "0+100x60",
    'voiceplat_recognition_failures_total{engine="whisper"}': "1x60",
    'voiceplat_spool_recordings{state="over"}': "3x60",
    "voiceplat_spool_free_bytes": "50000000000x60",
    'voiceplat_api_request_seconds_bucket{le="0.5"}': "0+1000x60",
    'voiceplat_api_request_seconds_bucket{le="5"}': "0+1001x60",
    'voiceplat_api_request_seconds_bucket{le="+Inf"}': "0+1001x60",
    'voiceplat_api_requests_total{status="201"}': "0+1000x60",
    'voiceplat_api_requests_total{status="503"}': "0+2x60",
    "voiceplat_sip_shared_memory_free_bytes": "50000000x60",
}

ALARMING: Final[Mapping[str, Series]] = {
    "ProcessDown": {'up{job="voiceplat",process="api",instance="a"}': "0x60"},
    "DependencyAway": {'voiceplat_dependency_up{part="redis"}': "0x60"},
    "NoMediaNode": {"voiceplat_media_nodes": "0x60"},
    "SlotsExhausted": {"voiceplat_slots_free": "0x60"},
    "SlotsScarce": {"voiceplat_slots_free": "12x60"},
    "QueueStands": {"voiceplat_queue_wait_seconds_count": "100x60"},
    "CallsFailByOurFault": {
        'voiceplat_calls_ended_total{cause="5010",direction="outbound"}': "0+100x60"
    },
    "TrunkDown": {'voiceplat_trunk_up{trunk="3"}': "0x60"},
    "CarriersCongested": {
        'voiceplat_calls_ended_total{cause="3080",direction="outbound"}': "0+200x60"
    },
    "WebhooksFail": {
        'voiceplat_webhook_failures_total{purpose="answer",trouble="5xx"}': "0+30x60"
    },
    "CallbacksLate": {"voiceplat_callbacks_oldest_seconds": "700x60"},
    "EventsPileUp": {"voiceplat_events_waiting": "2000x60"},
    "EventsParked": {"voiceplat_events_parked": "1x60"},
    "AudioLost": {"voiceplat_rtp_packets_lost_total": "0+500x60"},
    "WorkersDie": {'voiceplat_child_deaths_total{kind="worker"}': "1x20 2x40"},
    "ServerRestarts": {'voiceplat_server_restarts_total{kind="kamailio"}': "1x20 2x40"},
    "RecognitionSlow": {'voiceplat_recognition_seconds_bucket{le="1"}': "0+10x60"},
    "RecognitionFails": {
        'voiceplat_recognition_failures_total{engine="whisper"}': "1x20 2x40"
    },
    "SpoolFills": {'voiceplat_spool_recordings{state="over"}': "60x60"},
    "DiskNearlyFull": {"voiceplat_spool_free_bytes": "1000000000x60"},
    "ApiSlow": {'voiceplat_api_request_seconds_bucket{le="0.5"}': "0+500x60"},
    "ApiErrors": {'voiceplat_api_requests_total{status="503"}': "0+50x60"},
    "SipMemoryLow": {"voiceplat_sip_shared_memory_free_bytes": "8000000x60"},
}
"""What is another than HEALTHY has, by alert."""
