"""What the Grafana dashboard shows: rows of panels, each with its queries."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    unit: str
    """A unit of Grafana's: `s`, `short`, `percentunit`, `bytes`, `ops`, `reqps` …"""
    queries: dict[str, str]
    """PromQL by legend."""
    stacked: bool = False


def quantiles(metric: str, by: str = "") -> dict[str, str]:
    """Median, p95 and p99 of a histogram; the p95 alone for each value of a label."""
    rate = f"rate({metric}_bucket[$__rate_interval])"
    if by:
        query = f"histogram_quantile(0.95, sum by (le, {by}) ({rate}))"
        return {f"{{{{{by}}}}} p95": query}
    return {
        name: f"histogram_quantile({share}, sum by (le) ({rate}))"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def rate(metric: str, by: str = "", where: str = "") -> str:
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({metric}{where}[$__rate_interval]))"


PROCESS: Final = '{job="voiceplat"}'

ROWS: Final[dict[str, list[Panel]]] = {
    "Calls": [
        Panel(
            "Live calls",
            "short",
            {
                "{{direction}} {{status}}": (
                    "sum by (direction, status) (voiceplat_live_calls)"
                )
            },
            stacked=True,
        ),
        Panel(
            "Calls begun and over",
            "cps",
            {
                "begun, {{direction}}": rate(
                    "voiceplat_calls_started_total", "direction"
                ),
                "over, {{direction}}": rate("voiceplat_calls_ended_total", "direction"),
            },
        ),
        Panel(
            "Hangup causes",
            "cps",
            {
                "{{cause}} {{cause_name}}": rate(
                    "voiceplat_calls_ended_total", "cause, cause_name"
                )
            },
            stacked=True,
        ),
        Panel(
            "Answered share",
            "percentunit",
            {
                "{{direction}}": (
                    rate("voiceplat_calls_ended_total", "direction", '{answered="yes"}')
                    + " / "
                    + rate("voiceplat_calls_ended_total", "direction")
                )
            },
        ),
        Panel(
            "Beginning to answer",
            "s",
            quantiles("voiceplat_call_setup_seconds", "direction"),
        ),
        Panel("Talk time", "s", quantiles("voiceplat_call_talk_seconds", "direction")),
    ],
    "Queue and slots": [
        Panel("Calls in the queues", "short", {"calls": "max(voiceplat_queue_calls)"}),
        Panel(
            "Oldest queued call", "s", {"waits": "max(voiceplat_queue_oldest_seconds)"}
        ),
        Panel("Queue to INVITE", "s", quantiles("voiceplat_queue_wait_seconds")),
        Panel(
            "Slots",
            "short",
            {
                "all": "sum(voiceplat_slots)",
                "free": "sum(voiceplat_slots_free)",
            },
        ),
        Panel(
            "Legs",
            "short",
            {"all": "sum(voiceplat_legs)", "free": "sum(voiceplat_legs_free)"},
        ),
        Panel(
            "Nodes, workers and rooms",
            "short",
            {
                "nodes": "max(voiceplat_media_nodes)",
                "workers wanted": "sum(voiceplat_workers_wanted)",
                "{{kind}}": 'sum by (kind) (voiceplat_children{kind=~"worker|mixer"})',
                "died, {{kind}}": (
                    "sum by (kind) (increase(voiceplat_child_deaths_total[5m]))"
                ),
            },
        ),
    ],
    "Webhooks and callbacks": [
        Panel(
            "Requests to customers",
            "reqps",
            {"{{purpose}}": rate("voiceplat_webhook_seconds_count", "purpose")},
            stacked=True,
        ),
        Panel(
            "Time of an attempt", "s", quantiles("voiceplat_webhook_seconds", "purpose")
        ),
        Panel(
            "Failures",
            "reqps",
            {
                "{{purpose}} {{trouble}}": rate(
                    "voiceplat_webhook_failures_total", "purpose, trouble"
                )
            },
            stacked=True,
        ),
        Panel(
            "Outbox",
            "short",
            {"pending": "max(voiceplat_callbacks_pending)"},
        ),
        Panel(
            "Oldest callback", "s", {"waits": "max(voiceplat_callbacks_oldest_seconds)"}
        ),
        Panel(
            "Events and verdicts",
            "short",
            {
                "events waiting": "max(voiceplat_events_waiting)",
                "events parked": "max(voiceplat_events_parked)",
                "{{verdict}} / s": rate("voiceplat_callbacks_settled_total", "verdict"),
            },
        ),
    ],
    "Audio and SIP": [
        Panel(
            "RTP lost",
            "percentunit",
            {
                "of all packets": (
                    f"{rate('voiceplat_rtp_packets_lost_total')} / "
                    f"({rate('voiceplat_rtp_packets_received_total')} + "
                    f"{rate('voiceplat_rtp_packets_lost_total')})"
                ),
                **quantiles("voiceplat_call_packet_loss_ratio"),
            },
        ),
        Panel("Jitter", "s", quantiles("voiceplat_call_jitter_seconds")),
        Panel(
            "Ticks that rooms left out",
            "short",
            {"of 20 ms": rate("voiceplat_room_missed_ticks_total")},
        ),
        Panel(
            "Relayed",
            "pps",
            {
                "packets": rate("voiceplat_relay_packets_total"),
                "errors": rate("voiceplat_relay_errors_total"),
                "one-way streams": rate("voiceplat_relay_one_way_streams_total"),
                "gone silent": rate("voiceplat_relay_timeouts_total"),
            },
        ),
        Panel(
            "Bandwidth of the relay",
            "Bps",
            {"RTP": rate("voiceplat_relay_bytes_total")},
        ),
        Panel(
            "Trunks",
            "short",
            {
                "{{trunk}} up": "max by (trunk) (voiceplat_trunk_up)",
                "{{trunk}} calls": "max by (trunk) (voiceplat_trunk_calls)",
            },
        ),
        Panel(
            "SIP",
            "reqps",
            {
                "{{method}}": rate("voiceplat_sip_requests_total", "method"),
                "replies {{class}}": rate("voiceplat_sip_replies_total", "class"),
                "dropped": rate("voiceplat_sip_dropped_total"),
            },
        ),
        Panel(
            "Phones",
            "short",
            {
                "registered endpoints": "sum(voiceplat_endpoints_registered)",
                "connections, {{transport}}": (
                    "sum by (transport) (voiceplat_sip_connections)"
                ),
                "dialogs": "sum(voiceplat_sip_dialogs)",
                "relayed calls": "sum(voiceplat_relay_calls)",
            },
        ),
        Panel(
            "Kamailio's free memory",
            "bytes",
            {"free": "min(voiceplat_sip_shared_memory_free_bytes)"},
        ),
    ],
    "Speech and prompts": [
        Panel("Speech to words", "s", quantiles("voiceplat_recognition_seconds")),
        Panel(
            "Decoding",
            "s",
            quantiles("voiceplat_recognition_decode_seconds", "engine"),
        ),
        Panel(
            "Real-time factor",
            "short",
            quantiles("voiceplat_recognition_real_time_factor", "engine"),
        ),
        Panel(
            "Listened to, failures",
            "short",
            {
                "legs": "sum(voiceplat_listenings)",
                "failed / s, {{engine}}": rate(
                    "voiceplat_recognition_failures_total", "engine"
                ),
            },
        ),
        Panel(
            "Making a Speak", "s", quantiles("voiceplat_synthesis_seconds", "engine")
        ),
        Panel("Fetching a Play", "s", quantiles("voiceplat_fetch_seconds", "outcome")),
        Panel(
            "Prompts out of the cache",
            "percentunit",
            {
                "{{source}}": (
                    rate("voiceplat_prompt_seconds_count", "source", '{cache="hit"}')
                    + " / "
                    + rate("voiceplat_prompt_seconds_count", "source")
                ),
                "stand-ins / s": rate("voiceplat_synthesis_stand_ins_total"),
            },
        ),
        Panel(
            "Wait for a prompt", "s", quantiles("voiceplat_prompt_seconds", "source")
        ),
    ],
    "Recordings": [
        Panel(
            "Spool",
            "short",
            {
                "{{state}}": "sum by (state) (voiceplat_spool_recordings)",
                "unusable": "sum(voiceplat_spool_unusable_recordings)",
            },
        ),
        Panel(
            "Disk",
            "bytes",
            {
                "spool, {{instance}}": "voiceplat_spool_bytes",
                "free, {{instance}}": "voiceplat_spool_free_bytes",
                "prompt cache, {{instance}}": "voiceplat_prompt_cache_bytes",
            },
        ),
        Panel(
            "End to announcement",
            "s",
            {
                **quantiles("voiceplat_archive_seconds"),
                "retries / s": rate("voiceplat_archive_retries_total"),
            },
        ),
        Panel(
            "Announced",
            "cps",
            {"{{outcome}}": rate("voiceplat_recordings_announced_total", "outcome")},
        ),
    ],
    "API and resources": [
        Panel(
            "API requests",
            "reqps",
            {"{{status}}": rate("voiceplat_api_requests_total", "status")},
            stacked=True,
        ),
        Panel("API time", "s", quantiles("voiceplat_api_request_seconds", "route")),
        Panel(
            "Over the limit, under way",
            "short",
            {
                "429 / s": rate("voiceplat_api_requests_total", "", '{status="429"}'),
                "under way": "sum(voiceplat_api_requests_under_way)",
            },
        ),
        Panel(
            "What is needed",
            "short",
            {"{{part}}": "min by (part) (voiceplat_dependency_up)"},
        ),
        Panel(
            "CPU, cores",
            "short",
            {
                "{{process}}": rate("process_cpu_seconds_total", "process", PROCESS),
                "{{kind}}": rate("voiceplat_child_cpu_seconds_total", "kind"),
            },
            stacked=True,
        ),
        Panel(
            "Memory",
            "bytes",
            {
                "{{process}}": (
                    f"sum by (process) (process_resident_memory_bytes{PROCESS})"
                ),
                "{{kind}}": "sum by (kind) (voiceplat_child_memory_bytes)",
            },
            stacked=True,
        ),
        Panel(
            "Open files, share of the limit",
            "percentunit",
            {
                "{{process}}": (
                    f"max by (process) (process_open_fds{PROCESS} / process_max_fds)"
                ),
            },
        ),
        Panel(
            "Releases and restarts",
            "short",
            {
                "{{version}}": "count by (version) (voiceplat_build_info)",
                "restarts, {{kind}}": (
                    "sum by (kind) (increase(voiceplat_server_restarts_total[5m]))"
                ),
            },
        ),
    ],
}
