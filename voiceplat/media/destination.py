"""Where an outbound call goes: an endpoint by name, or a number over the trunks."""

import re

from voiceplat.bus.directory import Directory
from voiceplat.calls.call import Call
from voiceplat.calls.custom_headers import PREFIX
from voiceplat.calls.leg import Destination
from voiceplat.core.errors import NotFound
from voiceplat.core.settings import SipSettings

_SIP_URI = re.compile(
    r"sips?:(?P<user>[^@;>]+)(;[^@>]*)?@(?P<host>[^;>:]+)([:;][^@>]*)?", re.IGNORECASE
)
"""Parameters, of the user or of the URI, and a port say nothing to us."""
_NUMBER = re.compile(r"\+?(?P<digits>[0-9]+)")


async def destination_of(
    call: Call, directory: Directory, sip: SipSettings, *, custom: str = PREFIX
) -> Destination:
    """Raises NotFound when no trunk carries the number, or the URI is not ours.

    `custom` begins the names of the call's own headers.
    """
    headers: dict[str, str] = {"X-VP-Call": call.uuid, "X-CallUUID": call.uuid}
    headers |= {custom + name: value for name, value in call.sip_headers.items()}
    if found := _SIP_URI.fullmatch(call.to):
        if not sip.is_ours(found["host"]):
            message = f"{call.to}: only endpoints of {sip.domain} can be called by URI"
            raise NotFound(message)
        target = found["user"]
    else:
        digits = call.to.removeprefix("+")
        route = await directory.route(digits, call.account, call.main_account)
        if not route:
            raise NotFound(f"no trunk carries {call.to}")
        headers["X-VP-Route"] = ",".join(map(str, route))
        target = f"+{digits}"
    is_number = call.from_.isdecimal()
    return Destination(
        uri=f"sip:{target}@{sip.domain}",
        from_user=_caller_id(call.from_),
        from_name=call.caller_name,
        headers=headers,
        diversion=call.forwarded_from,
        asserted_identity=call.from_ if call.withheld and is_number else "",
        privacy=call.withheld,
    )


def _caller_id(from_: str) -> str:
    if found := _SIP_URI.fullmatch(from_):
        return found["user"]
    found = _NUMBER.fullmatch(from_)
    return f"+{found['digits']}" if found else from_
