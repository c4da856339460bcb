"""Settings of the edge (`sip`)."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, NonNegativeInt, PositiveInt

from voiceplat.core.section import Port, Section

CLOUD_DOMAIN: Final = "phone.plivo.com"
"""The SIP domain that is built into the cloud's SDKs; always ours too."""


class SipSettings(Section):
    """The edge: where SIP is spoken to the world."""

    host: str = "127.0.0.1"
    """Address that Kamailio and rtpengine listen on for phones and carriers."""
    port: Port = 5060
    """UDP and TCP port for phones and carriers."""
    tls_port: Port = 5061
    """TLS port for phones, whose audio is then SRTP."""
    wss_port: Port = 7443
    """WSS port for browsers; they refuse 5060 and 5061."""
    ws_port: Port = 5066
    """WS port for a reverse proxy with TLS, and for pages of this machine."""
    ws_host: str = "127.0.0.1"
    """Address of `ws_port`: what is said there can be read on the way."""
    web_socket_url: str = ""
    """Where browsers connect, `wss://…`, when it is not `wss_port` of this host."""
    web_socket_silence_s: Annotated[int, Field(ge=5)] = 20
    """A browser silent for this long is asked whether it lives, or else dropped."""
    reconnect_within_s: NonNegativeInt = 15
    """A browser whose connection closed may go on with its call for this long."""
    tls_certificate: Path | None = None
    """PEM file with the certificate and its chain; none: one is made below `data`."""
    tls_key: Path | None = None
    """PEM file with the key of `tls_certificate`."""
    token_check_url: str = ""
    """Where the edge asks about access tokens; empty: at `api` of the settings."""
    advertised_host: str = ""
    """Address told to the world in SIP and SDP, when it differs from `host`."""
    domain: str = "voiceplat.local"
    """Digest realm and domain of endpoints; `phone.plivo.com` is always an alias."""
    private_host: str = "127.0.0.1"
    """Address on which Kamailio speaks to the call workers."""
    private_port: Port = 5070
    """Kamailio's socket towards the call workers; never reachable from outside."""
    private_sources: tuple[str, ...] = ("127.0.0.0/8",)
    """CIDR ranges of the call workers; packets of others to the private socket and
    requests of phones and carriers to other places are dropped."""
    rtpengine_port: Port = 2223
    """Control port of rtpengine, on `private_host`."""
    rtp_port_min: Port = 30000
    """First UDP port for the audio of phones and carriers."""
    rtp_port_max: Port = 34999
    """Last UDP port for the audio of phones and carriers."""
    children: PositiveInt = 2
    """Kamailio's worker processes for each UDP socket."""
    shared_memory_mb: PositiveInt = 256
    """Kamailio's shared memory: registrations, calls, TCP connections."""
    flood_requests: PositiveInt = 30
    """Requests from one unknown source within 2 s before it is banned."""
    flood_ban_s: PositiveInt = 60
    """How long a flooding source is not answered."""
    guess_limit: PositiveInt = 20
    """Wrong passwords per source and user before 403, for `guess_lockout_s`."""
    guess_lockout_s: PositiveInt = 60
    """How long a source that guesses passwords is refused."""
    max_contacts: PositiveInt = 5
    """Devices that one endpoint may have registered at once."""
    register_expires_max_s: PositiveInt = 3600
    """Longest registration granted."""
    register_expires_min_s: PositiveInt = 30
    """Shortest registration granted."""
    register_expires_default_s: PositiveInt = 300
    """Registration granted when the phone names no time."""
    worker_answer_timeout_ms: PositiveInt = 1000
    """A worker that has said nothing for this long is taken for dead; next slot."""
    trunk_answer_timeout_ms: PositiveInt = 3000
    """A carrier that has said nothing for this long is skipped; next trunk."""
    trunk_progress_timeout_ms: PositiveInt = 20000
    """A carrier that does not ring for this long after its 100 is skipped."""
    trunk_state_interval_ms: PositiveInt = 2000
    """How often the edge tells the bus how its trunks are."""
    answer_timeout_ms: PositiveInt = 5000
    """How long phones, keepalives and requests in a call may go without an answer."""
    ring_limit_s: PositiveInt = 900
    """How long an INVITE may go unanswered at the edge; workers give up before."""
    keepalive_interval_s: Annotated[int, Field(ge=30)] = 30
    """OPTIONS inside each call, to both ends; when one is dead the other gets BYE.
    Kamailio does not do it more often; calls of a dead worker do not wait for it."""
    trunk_probe_interval_s: PositiveInt = 5
    """How often each carrier is asked whether it is alive."""
    outside_uris: bool = True
    """Whether calls may go to SIP URIs of other hosts, past the trunks; to private
    addresses only with `security.allow_private_urls`."""
    inbound_calls_per_second: PositiveInt = 10
    """Per trunk or endpoint account; beyond it 486 (9.4)."""

    def is_ours(self, host: str) -> bool:
        """Whether a SIP URI with that host names somebody with us."""
        ours = {CLOUD_DOMAIN, self.domain, self.host, self.advertised_host}
        return host.lower() in ours
