"""One call, one task: from its INVITE to its terminal event, whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from secrets import token_hex
from typing import Final, TypeVar

import structlog

from voiceplat.bus.directory import AccountEntry
from voiceplat.calls.call import Call
from voiceplat.calls.dialling import OwnWay
from voiceplat.calls.hangup import CAUSES, HangupCause
from voiceplat.calls.leg import CallEnded, Destination, Invite, Leg, Quality
from voiceplat.calls.outcome import End
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import (
    NoLegFree,
    NotFound,
    OutOfCredits,
    Unavailable,
    VoiceplatError,
)
from voiceplat.core.race import first_of
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings, Settings
from voiceplat.media.destination import destination_of
from voiceplat.media.dialling import LiveDialler
from voiceplat.media.identify import identify
from voiceplat.media.inbound import ring_and_obey
from voiceplat.media.outbound import dial_and_obey
from voiceplat.media.place import Place, report_end
from voiceplat.media.session import LiveSession
from voiceplat.metrics.told import QueueWait
from voiceplat.webhooks.signature import SigningKeys

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 0.2

T = TypeVar("T")
Flow = Callable[[LiveSession, Settings], Awaitable[End]]


async def run_inbound(invite: Invite, leg: Leg, place: Place) -> None:
    """Take a call that the edge sent here."""
    limit = timedelta(seconds=place.settings.media.time_limit_s)
    try:
        call, account = await identify(invite, place.bus.directory, limit)
        keys = keys_of(account, place.settings.security)
    except Exception as error:  # noqa: BLE001 - the caller must not be left ringing
        await _refuse(leg, error, invite)
        return
    with (
        structlog.contextvars.bound_contextvars(call_uuid=call.uuid),
        place.under_command(call.uuid),
    ):
        place.timeline.is_dialog_of(call.uuid, invite.call_id)
        try:
            await place.bus.live.open_at(call, place.worker, place.node)
        except Unavailable as error:
            # it may be open: only the answer was lost perhaps
            report_end(call, End(CAUSES[5010]), Quality(), place)
            await _refuse(leg, error, invite)
            return
        if not can_pay(account, call):
            report_end(call, End(CAUSES[1010]), Quality(), place)
            await _refuse(leg, OutOfCredits(call.main_account), invite)
            return
        leg.claim()
        log.info("call_received", sip_call_id=invite.call_id)
        b_legs = LiveDialler(call, keys, place, run_on_its_own)
        await _run(leg, keys, place, b_legs, ring_and_obey)


async def run_on_its_own(
    leg: Leg, keys: SigningKeys, place: Place, b_legs: LiveDialler, way: OwnWay
) -> None:
    """A B leg goes its own way: it is answered, on the bus, and under command."""

    async def flow(session: LiveSession, _: Settings) -> End:
        session.was_answered()
        return await way(session)

    with structlog.contextvars.bound_contextvars(call_uuid=b_legs.parent.uuid):
        await _run(leg, keys, place, b_legs, flow)


async def _refuse(leg: Leg, error: Exception, invite: Invite) -> None:
    log.info(
        "inbound_refused",
        why=str(error),
        sip_call_id=invite.call_id,
        exc_info=_unless_ours(error),
    )
    match error:
        case NotFound():
            await leg.hang_up(404)
        case OutOfCredits():
            await leg.hang_up(CAUSES[1010].sip_status)
        case Unavailable():
            await leg.hang_up(503)
        case _:
            await leg.hang_up(500)


def _unless_ours(error: Exception) -> Exception | None:
    """What of an error is worth a traceback: a bug, not what we raise on purpose."""
    return None if isinstance(error, VoiceplatError) else error


async def run_outbound(call: Call, place: Place) -> None:
    """Dial a call that the queue gave to this worker."""
    with (
        structlog.contextvars.bound_contextvars(call_uuid=call.uuid),
        place.under_command(call.uuid) as controls,
    ):
        looked_up = asyncio.create_task(_account_and_way(call, place))
        if not await _begin(call, place):
            looked_up.cancel()
            await asyncio.gather(looked_up, return_exceptions=True)
            log.info("job_gone")
            return
        waited = utc_now() - call.initiated_at
        place.tell(QueueWait(seconds=max(0.0, waited.total_seconds())))
        try:
            account, to = await _again_when_away(
                looked_up, lambda: _account_and_way(call, place)
            )
            if controls.ending.done():
                report_end(call, controls.ending.result(), Quality(), place)
                return
            keys = keys_of(account, place.settings.security)
            leg = await place.dial_anywhere(to)
        except Exception as error:  # begun: nobody else would end it
            log.warning(
                "call_not_dialled", why=str(error), exc_info=_unless_ours(error)
            )
            report_end(call, End(_why_not_dialled(error)), Quality(), place)
            return
        log.info("call_dialled")
        b_legs = LiveDialler(call, keys, place, run_on_its_own)
        await _run(leg, keys, place, b_legs, dial_and_obey)


def _why_not_dialled(error: Exception) -> HangupCause:
    match error:
        case OutOfCredits():
            return CAUSES[1010]
        case NotFound():
            return CAUSES[5020]
        case NoLegFree():
            return CAUSES[5030]
        case _:
            return CAUSES[5010]


async def _account_and_way(
    call: Call, place: Place
) -> tuple[AccountEntry, Destination]:
    return await asyncio.gather(
        paying_account(call, place),
        destination_of(call, place.bus.directory, place.settings.sip),
    )


async def _again_when_away(first: Awaitable[T], again: Callable[[], Awaitable[T]]) -> T:
    """Redis may have been away when it was asked first."""
    try:
        return await first
    except Unavailable:
        return await again()


async def _begin(call: Call, place: Place) -> bool:
    """Whether this worker must dial; asked until Redis says so or not."""
    attempt = token_hex(8)
    while True:
        try:
            return await place.bus.queue.begin(
                call.uuid, worker=place.worker, attempt=attempt
            )
        except Unavailable as error:
            log.warning("begin_waits", why=str(error))
            await asyncio.sleep(AGAIN_AFTER_S)


async def paying_account(call: Call, place: Place) -> AccountEntry:
    """Raises NotFound when the account is gone, OutOfCredits."""
    account = await place.bus.directory.account(call.account)
    if account is None:
        raise NotFound(f"account {call.account} is gone")
    if not can_pay(account, call):
        raise OutOfCredits(call.main_account)
    return account


def can_pay(account: AccountEntry, call: Call) -> bool:
    return account.can_pay or call.rate.is_free


def keys_of(account: AccountEntry, security: SecuritySettings) -> SigningKeys:
    return SigningKeys(
        token=unseal(account.sealed_token, security),
        main_token=unseal(account.sealed_main_token, security),
    )


async def _run(
    leg: Leg, keys: SigningKeys, place: Place, b_legs: LiveDialler, flow: Flow
) -> None:
    call = b_legs.parent
    controls = place.controls[call.uuid]
    session = LiveSession(
        call, leg, keys=keys, place=place, controls=controls, b_legs=b_legs
    )
    controls.attach(session, lambda: session.b_legs.partner)
    try:
        async with controls, session.deeds, session.b_legs, session.recordings:
            end = await first_of(
                session.until_commanded(),
                session.until_far_end_leaves(),
                session.until_scheduled(),
                session.until_time_limit(),
                _obey(session, flow, place.settings),
            )
        await leg.hang_up(_refusal(session, end.cause))
    except BaseException:
        end = End(CAUSES[5010])
        raise
    finally:
        report_end(call, end, leg.quality(), place)
    log.info("call_over", cause=end.cause.code, source=end.source or end.cause.source)


async def _obey(session: LiveSession, flow: Flow, settings: Settings) -> End:
    try:
        return await flow(session, settings)
    except CallEnded as error:
        return session.end_of(error.ended)
    except Exception:
        log.exception("call_failed")  # one broken call must not take its neighbours
        return End(CAUSES[5010])


def _refusal(session: LiveSession, cause: HangupCause) -> int:
    """What an unanswered caller is told; 0 when there is nobody to refuse."""
    return 0 if session.leg.answered else cause.sip_status
