"""Settings become the configuration of Kamailio and the command line of rtpengine.

The templates in `conf/` are plain Kamailio with `@@NAME@@` where a setting belongs; a
name that is unknown, or never used, is an error here and not a surprise at run time.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from voiceplat.bus import keys
from voiceplat.calls.leg import NOBODYS_DOMAIN
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import RedisSettings, Settings
from voiceplat.core.sip_settings import CLOUD_DOMAIN, SipSettings
from voiceplat.core.turn_settings import TurnSettings
from voiceplat.edge.certificates import certificate_files
from voiceplat.edge.topology import TOPOLOGY_SOCKET

RPC_SOCKET: Final = "rpc.sock"
DISPATCHER_LIST: Final = "dispatcher.list"
ADDRESS_LIST: Final = "address.list"
CHECK_PATH: Final = "/edge/token"
"""Of the API."""

_TEMPLATES: Final = (
    "kamailio.cfg",
    "modules.cfg",
    "trace.cfg",
    "tls.cfg",
    "main.cfg",
    "media.cfg",
    "websocket.cfg",
    "token.cfg",
    "register.cfg",
    "inbound.cfg",
    "outbound.cfg",
    "refer.cfg",
)
_NAME: Final = re.compile(r"@@([A-Z][A-Z0-9_]*)@@")
_NOT_PUBLIC: Final = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
)
"""Where no SIP URI of a customer's may lead to (RFC 6890)."""
_LOOPBACK: Final = "127.0.0.1"
_PORT_MAX: Final = 65535
_NOWHERE: Final = "255.255.255.255/32"
_UNIX_PATH_MAX: Final = 107
_MINUTE_S: Final = 60


class CannotConfigure(VoiceplatError):
    """A setting has no place in Kamailio's configuration; says which and why."""


@dataclass(frozen=True, slots=True)
class TraceTo:
    """Where copies of the calls' messages go."""

    port: int
    key: str = field(repr=False)


def kamailio_files(
    settings: Settings, folder: Path, trace: TraceTo | None = None
) -> dict[str, str]:
    """Every configuration file by its name; `folder` is where they will lie."""
    longest = folder / "kamailio-rpc-client.sock"
    if len(str(longest).encode()) > _UNIX_PATH_MAX:
        raise CannotConfigure(f"{folder} is too long a path for Unix sockets")
    values = _values(settings, folder) | _trace(trace)
    source = files("voiceplat.edge") / "conf"
    used: set[str] = set()
    rendered = {}
    for name in _TEMPLATES:
        text = (source / name).read_text(encoding="utf-8")
        used.update(_NAME.findall(text))
        rendered[name] = _NAME.sub(lambda match: values[match[1]], text)
    if unused := values.keys() - used:
        raise CannotConfigure(f"no template uses {', '.join(sorted(unused))}")
    return rendered


def kamailio_command(settings: Settings, folder: Path) -> list[str]:
    return [
        *("kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E"),
        *("-P", str(folder / "kamailio.pid"), "-w", str(folder), "-Y", str(folder)),
        *("-m", str(settings.sip.shared_memory_mb), "-M", "16"),
    ]


def rtpengine_command(settings: Settings) -> list[str]:
    """In user space: no kernel module, no root, no configuration file of the system."""
    sip = settings.sip
    outside = sip.host + (f"!{sip.advertised_host}" if sip.advertised_host else "")
    return [
        *("rtpengine", "--config-file=none", "--table=-1", "--foreground"),
        *("--log-stderr", "--log-level=4", "--num-threads=2", "--delete-delay=0"),
        f"--interface=private/{sip.private_host}",
        f"--interface=outside/{outside}",
        f"--listen-ng={sip.private_host}:{sip.rtpengine_port}",
        f"--port-min={sip.rtp_port_min}",
        f"--port-max={sip.rtp_port_max}",
        # workers hang up silent calls themselves; this only clears what they left
        f"--timeout={settings.media.media_timeout_s + _MINUTE_S}",
        f"--offer-timeout={sip.ring_limit_s + _MINUTE_S}",
        f"--silent-timeout={settings.media.max_call_s}",
    ]


def _values(settings: Settings, folder: Path) -> dict[str, str]:
    """What stands for each @@NAME@@."""
    certificate = certificate_files(settings)
    return {
        "FOLDER": str(folder),
        "TLS_CERTIFICATE": str(certificate.chain),
        "TLS_KEY": str(certificate.key),
        "REDIS": _redis_server(settings.redis),
        "TOPOLOGY": str(folder / TOPOLOGY_SOCKET),
        "REDIS_CONNECT_MS": str(settings.redis.connect_timeout_ms),
        "REDIS_COMMAND_MS": str(settings.redis.command_timeout_ms),
        "CALL_MAX_S": str(settings.media.max_call_s + _MINUTE_S),
        "TOKEN_CHECK_URL": _token_check_url(settings),
        "KEY_USER": keys.user(""),
        "KEY_REGISTRATION": keys.registration(""),
        "KEY_NUMBER": keys.number(""),
        "KEY_APP": keys.app(""),
        "KEY_SLOTS": keys.SLOTS,
        "KEY_CLOSED": keys.CLOSED,
        "KEY_TURN": keys.turn_ticket(""),
        **_turn(settings.turn),
        "BARRED": _barred(settings),
        **_worker_ports(settings),
        **_addresses(settings.sip),
        **_limits(settings.sip),
    }


def _trace(trace: TraceTo | None) -> dict[str, str]:
    return {
        "TRACE": "#!define TRACE" if trace else "",
        "TRACE_PORT": str(trace.port if trace else 0),
        "TRACE_KEY": trace.key if trace else "",
    }


def _token_check_url(settings: Settings) -> str:
    """The API of this machine, when nothing else is said."""
    host = settings.api.host
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared only
    return settings.sip.token_check_url or (
        f"http://{here}:{settings.api.port}{CHECK_PATH}"
    )


def _barred(settings: Settings) -> str:
    """Where no SIP URI of a customer's may lead to: our workers' side above all."""
    security = settings.security
    if security.allow_private_urls:
        return _NOWHERE
    barred = [IPv4Network(it) for it in _NOT_PUBLIC]
    for allowed in security.allowed_private_networks:
        barred = [rest for it in barred for rest in _without(it, allowed)]
    return ",".join((*map(str, barred), *settings.sip.private_sources))


def _without(
    network: IPv4Network, allowed: IPv4Network | IPv6Network
) -> Iterable[IPv4Network]:
    if isinstance(allowed, IPv6Network) or not network.overlaps(allowed):
        return [network]
    return network.address_exclude(allowed) if allowed.subnet_of(network) else []


def _worker_ports(settings: Settings) -> dict[str, str]:
    """Ports of `private_sources` that nothing but the edge may write to.

    All, unless phones and carriers live there, too, as on one machine.
    """
    sip, media = settings.sip, settings.media
    networks = [ip_network(network, strict=False) for network in sip.private_sources]
    here = {ip_address(_LOOPBACK), *_address(sip.host)}
    first, last = 0, _PORT_MAX
    if any(address in network for address in here for network in networks):
        first = media.sip_port_min
        last = first + media.workers - 1
    return {"WORKER_PORT_MIN": str(first), "WORKER_PORT_MAX": str(last)}


def _address(host: str) -> set[IPv4Address | IPv6Address]:
    """None when it is a name."""
    with suppress(ValueError):
        return {ip_address(host)}
    return set()


def _addresses(sip: SipSettings) -> dict[str, str]:
    advertised = sip.advertised_host
    # never a bare address: a phone on our own host would be taken for us, and its
    # Contact for a strict router's (RFC 3261 section 16.4)
    ours = [sip.domain, CLOUD_DOMAIN]
    if advertised:
        ports = (sip.port, sip.tls_port, sip.wss_port)
        ours += [f"{advertised}:{port}" for port in ports]
    return {
        "HOST": sip.host,
        "PORT": str(sip.port),
        "TLS_PORT": str(sip.tls_port),
        "WSS_PORT": str(sip.wss_port),
        "WS_HOST": sip.ws_host,
        "WS_PORT": str(sip.ws_port),
        "ADVERTISE": f"advertise {advertised}:{sip.port}" if advertised else "",
        "ADVERTISE_TLS": f"advertise {advertised}:{sip.tls_port}" if advertised else "",
        "ADVERTISE_WSS": f"advertise {advertised}:{sip.wss_port}" if advertised else "",
        "OUTSIDE_HOST": advertised or sip.host,
        "DOMAIN": sip.domain,
        "CLOUD_DOMAIN": CLOUD_DOMAIN,
        "NOBODYS_DOMAIN": NOBODYS_DOMAIN,
        "ALIASES": "\n".join(f'alias="{name}"' for name in ours),
        "PRIVATE_HOST": sip.private_host,
        "PRIVATE_PORT": str(sip.private_port),
        "PRIVATE_SOURCES": ",".join(sip.private_sources),
        "RTPENGINE": f"udp:{sip.private_host}:{sip.rtpengine_port}",
    }


def _turn(turn: TurnSettings) -> dict[str, str]:
    """Without a TURN server no port is one of its relays'."""
    first, last = (turn.relay_port_min, turn.relay_port_max) if turn.port else (0, -1)
    return {
        "TURN": str(int(turn.port > 0)),
        "RELAY_PORT_MIN": str(first),
        "RELAY_PORT_MAX": str(last),
        "TURN_TICKET_S": str(_MINUTE_S),
    }


def _limits(sip: SipSettings) -> dict[str, str]:
    return {
        "CHILDREN": str(sip.children),
        "TCP_LIFETIME_S": str(sip.register_expires_max_s + _MINUTE_S),
        "RING_MS": str(sip.ring_limit_s * 1000),
        "RING_MAX_S": str(sip.ring_limit_s + _MINUTE_S),
        "RING_MAX_MS": str((sip.ring_limit_s + _MINUTE_S) * 1000),
        "ANSWER_MS": str(sip.answer_timeout_ms),
        "WORKER_MS": str(sip.worker_answer_timeout_ms),
        "TRUNK_MS": str(sip.trunk_answer_timeout_ms),
        "TRUNK_PROGRESS_MS": str(sip.trunk_progress_timeout_ms),
        "WS_KEEPALIVE_S": str(sip.web_socket_silence_s),
        "KEEPALIVE_S": str(sip.keepalive_interval_s),
        "PROBE_S": str(sip.trunk_probe_interval_s),
        "EXPIRES_MAX_S": str(sip.register_expires_max_s),
        "EXPIRES_MIN_S": str(sip.register_expires_min_s),
        "EXPIRES_DEFAULT_S": str(sip.register_expires_default_s),
        "MAX_CONTACTS": str(sip.max_contacts),
        "FLOOD_REQUESTS": str(sip.flood_requests),
        "BAN_S": str(sip.flood_ban_s),
        "GUESS_LIMIT": str(sip.guess_limit),
        "LOCKOUT_S": str(sip.guess_lockout_s),
        "CALLS_PER_SECOND": str(sip.inbound_calls_per_second),
    }


def _redis_server(redis: RedisSettings) -> str:
    """The same Redis in the words of ndb_redis."""
    url = urlsplit(redis.url)
    password = unquote(url.password or "")
    if url.scheme not in {"redis", "unix"} or url.username:
        raise CannotConfigure(
            "Kamailio speaks to Redis without TLS and user names: use redis:// or unix://"
        )
    if re.search(r'[;"\\\s]', password):
        raise CannotConfigure("Kamailio cannot send this Redis password")
    if url.scheme == "unix":
        parts = ["name=vp", f"unix={url.path}", "db=0"]
    else:
        parts = [
            *("name=vp", f"addr={url.hostname or '127.0.0.1'}"),
            *(f"port={url.port or 6379}", f"db={url.path.strip('/') or 0}"),
        ]
    return ";".join([*parts, *([f"pass={password}"] if password else [])])
