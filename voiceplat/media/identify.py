"""Whose call is this? An INVITE from the edge becomes a Call of an application."""

import re
from collections.abc import Mapping
from datetime import timedelta

from voiceplat.bus.directory import AccountEntry, Answering, Directory
from voiceplat.calls import custom_headers
from voiceplat.calls.call import Call
from voiceplat.calls.leg import Invite
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NotFound
from voiceplat.core.ids import AuthId, new_call_uuid
from voiceplat.core.sip_settings import CLOUD_DOMAIN
from voiceplat.media.caller import Caller, caller_of, forwarder_of

_DIGITS = re.compile(r"\+?[0-9]+")
_WORDS = frozenset({"p-asserted-identity", "diversion", "history-info"})
"""Headers in which a carrier may tell what others hide."""


async def identify(
    invite: Invite, directory: Directory, time_limit: timedelta
) -> tuple[Call, AccountEntry]:
    """The call that `invite` begins, and its account.

    Raises NotFound when it has no application.
    """
    headers = invite.headers
    by_endpoint = headers.get("x-vp-kind") == "user"
    who = headers.get("x-vp-who", "")
    trusted = not by_endpoint and await _is_trusted(who, headers, directory)
    caller = caller_of(invite, trusted=trusted)
    if by_endpoint:
        from_ = f"sip:{who}@{CLOUD_DOMAIN}"
        caller = Caller(from_, invite.from_name or who, caller.withheld)
    to = _called(invite)
    app, account, rate = await _answering(
        invite, directory, priced=caller.number if by_endpoint else to
    )
    if account is None or not account.enabled:
        raise NotFound("the account is gone or disabled")
    call = Call(
        uuid=new_call_uuid(),
        account=AuthId(app.account),
        main_account=account.main_auth_id,
        direction=Direction.INBOUND,
        from_=caller.number,
        to=to,
        caller_name=caller.name,
        initiated_at=utc_now(),
        answer=app.answer,
        fallback=app.fallback,
        hangup=app.hangup or app.answer,
        time_limit=time_limit,
        withheld=caller.withheld,
        rate=rate,
        forwarded_from=forwarder_of(headers, trusted=trusted),
        sip_to_header=headers.get("to", "") if by_endpoint else "",
        sip_headers=custom_headers.allowed(invite.custom.items()),
        source_ip=_source_ip(headers.get("x-vp-source", "")),
        endpoint=who if by_endpoint else "",
    )
    return call, account


async def _answering(invite: Invite, directory: Directory, *, priced: str) -> Answering:
    target, called = (invite.headers.get(f"x-vp-{it}", "") for it in ("target", "to"))
    match target:
        case "number" | "app":
            found = await directory.answering(target, called, priced)
        case _:
            who = invite.headers.get("x-vp-who", "")
            found = await directory.answering("user", who, priced)
    if found is None:
        raise NotFound(f"{target} {called} has no application")
    return found


async def _is_trusted(
    trunk: str, headers: Mapping[str, str], directory: Directory
) -> bool:
    """Whether its word counts; looked up only when there is one."""
    if not _WORDS.intersection(headers):
        return False
    return any(t.trusted for t in await directory.trunks() if str(t.id) == trunk)


def _called(invite: Invite) -> str:
    dialled = invite.headers.get("x-vp-to") or invite.request_user
    if invite.headers.get("x-vp-target") == "app":
        return f"sip:{dialled}@app.plivo.com"
    if _DIGITS.fullmatch(dialled):
        return dialled.lstrip("+")
    return f"sip:{dialled}@{CLOUD_DOMAIN}"


def _source_ip(source: str) -> str:
    """The address of `udp:192.0.2.1:5060`."""
    return source.partition(":")[2].rpartition(":")[0]
