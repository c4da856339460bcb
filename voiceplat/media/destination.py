"""Where an outbound call goes: an endpoint, a number over the trunks, or a SIP URI."""

import re

from voiceplat.bus.directory import Directory
from voiceplat.calls.call import Call
from voiceplat.calls.custom_headers import PREFIX
from voiceplat.calls.leg import Destination
from voiceplat.core.errors import NotFound
from voiceplat.core.sip_settings import SipSettings

_SIP_URI = re.compile(
    r"(?P<scheme>sips?):(?P<user>[^@;>]+)(;[^@>]*)?@(?P<host>[^;>:]+)"
    r"(?P<port>:[0-9]{1,5})?(?P<rest>[:;][^@>]*)?",
    re.IGNORECASE,
)
"""Of somebody with us, parameters of the user or of the URI and a port say nothing."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_TRANSPORT = re.compile(r";transport=([^;]*)", re.IGNORECASE)
_NUMBER = re.compile(r"\+?(?P<digits>[0-9]+)")


async def destination_of(
    call: Call, directory: Directory, sip: SipSettings, *, custom: str = PREFIX
) -> Destination:
    """Raises NotFound when no trunk carries the number, or the URI leads nowhere.

    `custom` begins the names of the call's own headers.
    """
    headers: dict[str, str] = {"X-VP-Call": call.uuid, "X-CallUUID": call.uuid}
    headers |= {custom + name: value for name, value in call.sip_headers.items()}
    if found := _SIP_URI.fullmatch(call.to):
        uri = _with_us(found, sip) or _outside(found, sip)
    else:
        digits = call.to.removeprefix("+")
        route = await directory.route(digits, call.account, call.main_account)
        if not route:
            raise NotFound(f"no trunk carries {call.to}")
        headers["X-VP-Route"] = ",".join(map(str, route))
        uri = f"sip:+{digits}@{sip.domain}"
    is_number = call.from_.isdecimal()
    return Destination(
        uri=uri,
        from_user=_caller_id(call.from_),
        from_name=call.caller_name,
        headers=headers,
        diversion=call.forwarded_from,
        asserted_identity=call.from_ if call.withheld and is_number else "",
        privacy=call.withheld,
    )


def _with_us(uri: re.Match[str], sip: SipSettings) -> str:
    """An endpoint's, as the edge knows it; empty when it is somebody else's."""
    return f"sip:{uri['user']}@{sip.domain}" if sip.is_ours(uri["host"]) else ""


def _outside(uri: re.Match[str], sip: SipSettings) -> str:
    """As the edge can relay it: over UDP or TCP, to one host. Raises NotFound."""
    said = _TRANSPORT.search(uri["rest"] or "")
    transport = said[1].lower() if said else "udp"
    if not sip.outside_uris:
        raise NotFound(f"{uri[0]}: sip.outside_uris allows endpoints of ours alone")
    if uri["scheme"].lower() != "sip" or transport not in {"udp", "tcp"}:
        raise NotFound(f"{uri[0]}: only UDP and TCP lead out of here, not TLS")
    if not _HOST.fullmatch(uri["host"]):
        raise NotFound(f"{uri[0]}: {uri['host']} is no host that can be called")
    parameter = ";transport=tcp" if transport == "tcp" else ""
    return f"sip:{uri['user']}@{uri['host']}{uri['port'] or ''}{parameter}"


def _caller_id(from_: str) -> str:
    if found := _SIP_URI.fullmatch(from_):
        return found["user"]
    found = _NUMBER.fullmatch(from_)
    return f"+{found['digits']}" if found else from_
