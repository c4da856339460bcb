"""coturn, the TURN server: for browsers whose network lets no UDP out.

It relays to rtpengine's address and to no other. What is spoken there besides audio is
kept from it: the workers' side has an address of its own, and Kamailio drops what comes
from a relay port.
"""

import secrets
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from voiceplat.core.settings import Settings
from voiceplat.edge.certificates import certificate_files
from voiceplat.edge.control import exchange
from voiceplat.edge.render import CannotConfigure
from voiceplat.services.turn_access import turn_secret

CONFIGURATION: Final = "turnserver.conf"

_CALL_BYTES_PER_S: Final = 50_000
"""Four times what a call needs each way."""
_NONCE_S: Final = 600
_BINDING_REQUEST: Final = b"\x00\x01\x00\x00\x21\x12\xa4\x42"
_ALWAYS: Final = (
    "use-auth-secret",
    "fingerprint",
    "secure-stun",
    "no-cli",
    "no-dtls",
    "no-tlsv1",
    "no-tlsv1_1",
    "no-tcp-relay",
    "no-multicast-peers",
    "no-rfc5780",
    "no-stun-backward-compatibility",
    "response-origin-only-with-rfc5780",
    "denied-peer-ip=0.0.0.0-255.255.255.255",
    "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "log-file=stdout",
    "simple-log",
)


def turn_configuration(settings: Settings, folder: Path) -> str:
    """The text of coturn's configuration. Raises CannotConfigure, NoTurnSecret."""
    sip, turn = settings.sip, settings.turn
    _require_confined(settings)
    lines = [
        *_ALWAYS,
        f"realm={sip.domain}",
        f"static-auth-secret={turn_secret(settings)}",
        f"listening-ip={sip.host}",
        f"relay-ip={sip.host}",
        f"allowed-peer-ip={sip.host}",
        f"listening-port={turn.port}",
        f"min-port={turn.relay_port_min}",
        f"max-port={turn.relay_port_max}",
        f"user-quota={turn.relays_per_user}",
        f"max-bps={_CALL_BYTES_PER_S}",
        f"stale-nonce={_NONCE_S}",
        f"userdb={folder / 'turn.db'}",
        f"pidfile={folder / 'turnserver.pid'}",
    ]
    if sip.advertised_host:
        lines.append(f"external-ip={sip.advertised_host}/{sip.host}")
    if ip_address(sip.host).is_loopback:
        lines.append("allow-loopback-peers")
    if turn.tls_port:
        files = certificate_files(settings)
        lines += [
            f"tls-listening-port={turn.tls_port}",
            f"cert={files.chain}",
            f"pkey={files.key}",
        ]
    else:
        lines.append("no-tls")
    return "\n".join([*lines, ""])


def turn_command(folder: Path) -> list[str]:
    return ["turnserver", "-c", str(folder / CONFIGURATION)]


async def ping_turn(host: str, port: int) -> None:
    """Raises Unavailable when it does not answer; that it refuses is an answer."""
    question = _BINDING_REQUEST + secrets.token_bytes(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        await exchange(link, (host, port), question, "turnserver")


def _require_confined(settings: Settings) -> None:
    sip = settings.sip
    try:
        ip_address(sip.host)
    except ValueError as error:
        raise CannotConfigure(
            f"turn.port needs an address as sip.host: {error}"
        ) from error
    for name, host in (
        ("sip.private_host", sip.private_host),
        ("media.private_host", settings.media.private_host),
    ):
        if host == sip.host:
            raise CannotConfigure(
                f"{name} is {host}, as sip.host is: who may use the TURN server could "
                "speak to call workers and be one of them. Give the private side an "
                "address of its own (127.0.0.2), or set turn.port to 0"
            )
