"""Every setting: environment `VOICEPLAT_SECTION__NAME` over one TOML file.

`VOICEPLAT_CONFIG` names the TOML file. Each limit, timeout and retry carries its unit
in its name; `docs/settings.md` lists them all (a test keeps it complete).
"""

import os
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    Field,
    NegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.core.reach import Reach
from voiceplat.core.recording_settings import RecordingSettings, SpoolSettings
from voiceplat.core.section import Port, Section
from voiceplat.core.sip_settings import SipSettings
from voiceplat.core.timeline_settings import TimelineSettings
from voiceplat.core.turn_settings import TurnSettings

DEFAULT_CONFIG: Final = Path("data/voiceplat.toml")
"""What `voiceplat up` wrote here; commands read it when VOICEPLAT_CONFIG is not set."""


class ApiSettings(Section):
    host: str = "127.0.0.1"
    """Address that the REST API listens on."""
    port: Port = 8080
    """Port of the REST API; 0 takes a free one."""
    public_url: str = ""
    """Where customers reach the API, as links to recordings say it; empty: `host` and
    `port`."""
    requests_per_window: PositiveInt = 300
    """Requests one account may make in `window_s`; beyond it 429 (plivo-rest 1.10)."""
    window_s: PositiveInt = 5
    """Length of the window in which an account's requests are counted."""
    repeat_window_s: Annotated[int, Field(ge=1, le=60)] = 30
    """How long a call whose answer was lost is remembered: the same request, repeated
    within it, gets that call and not a second one."""
    operator_account: str = ""
    """auth_id of the main account that sees and changes trunks over REST, and sees all
    of the platform in the console; empty: the oldest one."""
    command_timeout_ms: PositiveInt = 3000
    """How long a live-call command may take to be acknowledged by its worker."""


class ConsoleSettings(Section):
    """The console: pages for people, behind a log-in with account credentials."""

    session_minutes: Annotated[int, Field(ge=5, le=30 * 24 * 60)] = 720
    """How long a log-in to the console lasts."""
    login_attempts: PositiveInt = 5
    """Wrong auth tokens per source and account before the console's log-in is closed
    to them, for `login_lockout_s`."""
    login_lockout_s: PositiveInt = 300
    """How long a source that guesses auth tokens is refused."""
    refresh_ms: Annotated[int, Field(ge=200)] = 1000
    """How often what an open page shows is looked up, once for all who look at it."""


class DatabaseSettings(Section):
    url: str = "sqlite+aiosqlite:///voiceplat.db"
    """SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`."""
    pool_size: PositiveInt = 10
    """Connections that one process keeps open (PostgreSQL)."""
    busy_timeout_ms: PositiveInt = 5000
    """How long a writer waits for another one's lock (SQLite)."""


class RedisSettings(Section):
    url: str = "redis://127.0.0.1:6379/0"
    """The bus: a Redis of the platform's own, with append-only file; `redis://…`, or
    `unix:///…` on one host."""
    connect_timeout_ms: PositiveInt = 1000
    """How long connecting to Redis may take."""
    command_timeout_ms: PositiveInt = 2000
    """How long one Redis command may take, blocking ones apart."""


class SecuritySettings(Section):
    secret_key: SecretStr = SecretStr("")
    """Fernet key that seals auth tokens at rest; `voiceplat up` makes one."""
    allow_private_urls: bool = False
    """Whether URLs of webhooks and media, and SIP URIs of other hosts, may lead to
    private and loopback addresses."""
    allowed_private_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Private networks that they may lead to all the same, as
    `["10.1.2.0/24", "10.9.9.9/32"]`; all others stay barred."""

    @property
    def reach(self) -> Reach:
        """Where URLs of customers may lead to."""
        return Reach(self.allow_private_urls, self.allowed_private_networks)


class QueueSettings(Section):
    calls_per_second: PositiveFloat = 2.0
    """Outbound starts of one main account; its subaccounts share them (9.4)."""
    dispatch_poll_ms: PositiveInt = 500
    """How often a supervisor looks at the queue when nothing wakes it."""


class MediaSettings(Section):
    private_host: str = "127.0.0.1"
    """Address on which workers speak SIP and RTP to the edge."""
    workers: PositiveInt = 8
    """Call workers (processes) of one media node."""
    sessions_per_worker: PositiveInt = 3
    """A legs one worker takes; less than `legs_per_worker` leaves legs for Dial."""
    legs_per_worker: PositiveInt = 4
    """What the pjsua2 build allows; 4 with the wheel from PyPI."""
    sip_port_min: Port = 7000
    """Private SIP port of the first worker; each has the next one."""
    rtp_port_min: Port = 10000
    """First private RTP port of the first worker."""
    rtp_ports_per_worker: PositiveInt = 40
    """Private RTP ports each worker has; a leg takes two."""
    link_port_min: Port = 0
    """First UDP and TCP port for legs of other workers and for conferences
    (links); 0 takes any free."""
    link_ports: PositiveInt = 1000
    """Ports from `link_port_min` on, shared by the workers and mixers of a host."""
    borrow_timeout_ms: PositiveInt = 1000
    """How long another worker may take to dial for us; then the next one is asked."""
    link_lost_s: PositiveInt = 4
    """A worker that shares a leg with us and is silent for this long is gone."""
    room_timeout_ms: PositiveInt = 5000
    """How long entering a conference room may take, its making included."""
    conference_members: PositiveInt = 20
    """Most members of one conference room; a higher `maxMembers` counts as this."""
    clock_rate_hz: Literal[8000, 16000] = 8000
    """Sampling rate inside the workers."""
    codecs: tuple[str, ...] = ("PCMU", "PCMA", "G722")
    """Codecs the workers offer and accept, best first."""
    announce_interval_ms: PositiveInt = 2000
    """How often a worker tells the bus its free slots again, so that none is lost."""
    heartbeat_interval_ms: PositiveInt = 2000
    """How often a media node says that it lives."""
    heartbeat_timeout_ms: PositiveInt = 10000
    """A node silent for this long is dead; its calls are closed."""
    drain_timeout_s: NonNegativeInt = 30
    """How long live calls may go on after SIGTERM before they are hung up."""
    ring_after_ms: NonNegativeInt = 100
    """An inbound caller who is neither answered nor refused by then is told that it
    rings (180)."""
    ring_timeout_s: PositiveInt = 120
    """How long an outbound call rings when the request does not say."""
    time_limit_s: PositiveInt = 14400
    """How long an answered call may last when nothing else is said."""
    max_call_s: PositiveInt = 86400
    """Longest `time_limit` a request may ask for."""
    media_timeout_s: PositiveInt = 60
    """A call that hears no audio for this long is ended (6020)."""
    silence_below_dbfs: NegativeFloat = -45.0
    """What is quieter (RMS of 20 ms) is silence for `<Wait silence="true">`."""


class WebhookSettings(Section):
    connect_timeout_ms: Annotated[int, Field(ge=100, le=10000)] = 2000
    """Connecting to a customer's server; `#ct` replaces it."""
    read_timeout_ms: Annotated[int, Field(ge=100, le=40000)] = 40000
    """Waiting for a customer's answer; `#rt` replaces it."""
    total_timeout_ms: Annotated[int, Field(ge=100, le=55000)] = 55000
    """All attempts of one request together."""
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    """More attempts after a failure; `#rc` replaces it."""
    document_max_bytes: PositiveInt = 100 * 1024
    """Largest XML document that is read."""
    redirects_max: PositiveInt = 1000
    """Goto hops (Redirect, action) in one call before it is ended."""
    deliveries_at_once: PositiveInt = 500
    """Notify-only callbacks that one ledger sends side by side."""
    redeliveries: NonNegativeInt = 3
    """More rounds for a notify-only callback whose server could not be reached."""
    redelivery_first_wait_s: PositiveInt = 5
    """Wait before the first redelivery."""
    redelivery_wait_factor: PositiveInt = 4
    """Each further wait is this many times longer."""
    settled_kept_days: PositiveInt = 30
    """How long delivered and failed callbacks stay in the outbox, to be looked up."""


class XmlSettings(Section):
    lenient: bool = False
    """Skip unknown top-level elements, do not fail the document (statement 15)."""
    strict_voices: bool = False
    """Fail a document whose Speak asks for a voice nobody has (statement 82)."""


class PlaySettings(Section):
    connect_timeout_ms: PositiveInt = 2000
    """Connecting to the server of a file to play."""
    read_timeout_ms: PositiveInt = 120000
    """Waiting for the next bytes of a file to play."""
    retries: NonNegativeInt = 1
    """More attempts to fetch a file after a failure."""
    file_max_bytes: PositiveInt = 10 * 1024 * 1024
    """Largest file that is fetched."""
    duration_max_s: PositiveInt = 3600
    """Longest audio that is played."""
    decode_timeout_s: PositiveInt = 30
    """How long decoding one file may take."""
    cache_max_bytes: PositiveInt = 1024 * 1024 * 1024
    """Room for prepared audio; the longest unused goes first."""


class SpeechSettings(Section):
    socket: Path = Path("speech.sock")
    """Unix socket of the speech service of this host."""
    threads: PositiveInt = 1
    """Threads each speech engine may use."""
    request_timeout_s: PositiveInt = 60
    """How long a worker waits for the speech service."""
    away_max_ms: NonNegativeInt = 10000
    """How long prompts wait for a speech service that is restarted, before they are
    skipped."""
    speak_max_chars: PositiveInt = 3000
    """Characters of one Speak that are spoken; a longer text is cut."""
    slow_voice_wait_ms: PositiveInt = 4000
    """How long a caller waits for a slow natural voice before a quick one speaks."""
    slow_voice_queue: PositiveInt = 4
    """Texts that may wait for the slow voice; beyond them a quick one speaks."""
    slow_voice_threads: PositiveInt = 2
    """Threads of the slow voice, which makes one text at a time."""
    models: Path = Path(".cache/models")
    """Where set-up joined and checked the model files of what listens."""
    decodes_at_once: PositiveInt = 2
    """Utterances that this host's processor works at side by side, one thread each."""
    patience_ms: NonNegativeInt = 250
    """A decode that had to wait longer goes to the quickest engine of its language."""
    engine_rest_s: NonNegativeInt = 30
    """How long a recogniser that failed is not asked when another has the language."""
    speech_start_ms: PositiveInt = 100
    """Speech without a pause before it counts as somebody speaking."""
    speech_start_in_prompt_ms: PositiveInt = 200
    """The same while a prompt of ours plays, whose echo may come back."""
    pre_roll_ms: PositiveInt = 320
    """Sound before the first speech that the recogniser gets too."""
    end_silence_ms: PositiveInt = 600
    """Silence that ends an utterance when the document leaves it open (`auto`)."""
    decode_after_ms: PositiveInt = 250
    """Silence after which decoding begins, in the hope that the utterance is over."""
    utterance_max_s: PositiveInt = 60
    """Longest utterance; what is said after is the next one."""
    interim_every_ms: PositiveInt = 800
    """How often interim results are made while somebody speaks."""
    unheard_max_ms: PositiveInt = 2000
    """Sound a worker keeps for a busy speech service; beyond it the oldest is lost."""


class VerificationSettings(Section):
    """Calls that speak a code, to prove whose a number is."""

    from_number: str = ""
    """Number that such calls show; empty: the account's first one, else none."""
    code_valid_s: PositiveInt = 600
    """How long a code may be given back."""
    tries: PositiveInt = 5
    """How often it may be given back wrong."""
    again_after_s: PositiveInt = 60
    """How long an account waits before the same number is called again."""
    ring_timeout_s: PositiveInt = 60
    """How long such a call rings."""
    call_limit_s: PositiveInt = 120
    """How long such a call may last."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="VOICEPLAT_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    config: Path | None = None
    """TOML file with settings; only the environment can say it."""
    data: Path = Path("data")
    """Everything the platform writes lies below this folder."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log line that is written."""
    log_style: Literal["json", "text"] = "json"
    """`json` for machines, `text` for a terminal."""

    api: ApiSettings = ApiSettings()
    console: ConsoleSettings = ConsoleSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    security: SecuritySettings = SecuritySettings()
    queue: QueueSettings = QueueSettings()
    sip: SipSettings = SipSettings()
    turn: TurnSettings = TurnSettings()
    media: MediaSettings = MediaSettings()
    webhooks: WebhookSettings = WebhookSettings()
    xml: XmlSettings = XmlSettings()
    play: PlaySettings = PlaySettings()
    speech: SpeechSettings = SpeechSettings()
    recordings: RecordingSettings = RecordingSettings()
    verification: VerificationSettings = VerificationSettings()
    metrics: MetricsSettings = MetricsSettings()
    spool: SpoolSettings = SpoolSettings()
    timeline: TimelineSettings = TimelineSettings()

    @property
    def cache_dir(self) -> Path:
        """Prepared audio, shared by the speech service and the workers of a host."""
        return self.data / "cache"

    @property
    def spool_dir(self) -> Path:
        """Recordings that are not in the store yet; shared with this host's archive."""
        return self.data / "spool"

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if file := os.environ.get("VOICEPLAT_CONFIG"):
            sources.append(TomlConfigSettingsSource(settings_cls, Path(file)))
        return tuple(sources)


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process, read once.

    Raises pydantic.ValidationError when a name is unknown or a value out of range.
    """
    if "VOICEPLAT_CONFIG" not in os.environ and DEFAULT_CONFIG.exists():
        os.environ["VOICEPLAT_CONFIG"] = str(DEFAULT_CONFIG)
    return Settings()


def use_config(file: Path) -> Settings:
    """Read `file` from now on, in this process and its children; the settings in it."""
    os.environ["VOICEPLAT_CONFIG"] = str(file)
    load_settings.cache_clear()
    return load_settings()
