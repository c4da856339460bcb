"""One call, one task: from its INVITE to its terminal event, whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import AccountEntry
from voiceplat.calls.call import Call, EndFacts
from voiceplat.calls.hangup import CAUSES, HangupCause
from voiceplat.calls.hearing import Ears
from voiceplat.calls.leg import CallEnded, Destination, Invite, Leg, Phone, Quality
from voiceplat.calls.outcome import End
from voiceplat.calls.session import Prompts
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NoLegFree, NotFound, Unavailable, VoiceplatError
from voiceplat.core.ids import CallUuid, NodeId, WorkerAddress
from voiceplat.core.race import first_of
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings, Settings
from voiceplat.media.destination import destination_of
from voiceplat.media.elsewhere import Dialler, Nowhere
from voiceplat.media.identify import identify
from voiceplat.media.inbound import ring_and_obey
from voiceplat.media.outbound import dial_and_obey
from voiceplat.media.reporter import Reporter
from voiceplat.media.session import LiveSession
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.signature import SigningKeys

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 0.2

Flow = Callable[[LiveSession, Settings], Awaitable[End]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls run: the name of this worker and all that its calls share."""

    settings: Settings
    worker: WorkerAddress
    node: NodeId
    bus: Bus
    phone: Phone
    prompts: Prompts
    ears: Ears
    webhooks: WebhookClient
    reporter: Reporter
    commanded: dict[CallUuid, asyncio.Future[End]]
    """How each call that runs here is to end, once somebody commands it."""
    elsewhere: Dialler = field(default_factory=Nowhere)
    """The other workers, for calls that need more legs than are free here."""
    legs_changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the phone has a leg more or less."""

    async def dial_anywhere(self, to: Destination) -> Leg:
        """A leg of this worker, else of another. Raises NoLegFree when none is left."""
        try:
            return await self.phone.dial(to)
        except NoLegFree:
            return await self.elsewhere.dial(to)

    @contextmanager
    def under_command(self, uuid: CallUuid) -> Iterator[asyncio.Future[End]]:
        """A call can be told to end from before it is dialled until it is over."""
        self.commanded[uuid] = asyncio.get_running_loop().create_future()
        try:
            yield self.commanded[uuid]
        finally:
            del self.commanded[uuid]

    def end_by_command(self, uuid: CallUuid, end: End) -> bool:
        """Whether the call runs here; the first command counts."""
        commanded = self.commanded.get(uuid)
        if commanded is not None and not commanded.done():
            commanded.set_result(end)
        return commanded is not None


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
        try:
            await place.bus.live.open_inbound(call, place.worker, place.node)
        except Unavailable as error:
            # it may be open: only the answer was lost perhaps
            _report_end(call, End(CAUSES[5010]), Quality(), place)
            await _refuse(leg, error, invite)
            return
        log.info("call_received", sip_call_id=invite.call_id)
        await _run(call, leg, keys, place, ring_and_obey)


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
        place.under_command(call.uuid) as commanded,
    ):
        if not await _begin(call, place):
            log.info("job_gone")
            return
        try:
            keys, to = await asyncio.gather(
                signing_keys(call, place),
                destination_of(call, place.bus.directory, place.settings.sip),
            )
            if commanded.done():
                _report_end(call, commanded.result(), Quality(), place)
                return
            leg = await place.phone.dial(to)
        except Exception as error:  # begun: nobody else would end it
            log.warning(
                "call_not_dialled", why=str(error), exc_info=_unless_ours(error)
            )
            cause = CAUSES[5020] if isinstance(error, NotFound) else CAUSES[5010]
            _report_end(call, End(cause), Quality(), place)
            return
        log.info("call_dialled")
        await _run(call, leg, keys, place, dial_and_obey)


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


async def signing_keys(call: Call, place: Place) -> SigningKeys:
    """Raises NotFound when the account is gone."""
    account = await place.bus.directory.account(call.account)
    if account is None:
        raise NotFound(f"account {call.account} is gone")
    return keys_of(account, place.settings.security)


def keys_of(account: AccountEntry, security: SecuritySettings) -> SigningKeys:
    return SigningKeys(
        token=unseal(account.sealed_token, security),
        main_token=unseal(account.sealed_main_token, security),
    )


async def _run(
    call: Call, leg: Leg, keys: SigningKeys, place: Place, flow: Flow
) -> None:
    session = LiveSession(
        call,
        leg,
        prompts=place.prompts,
        ears=place.ears,
        keys=keys,
        webhooks=place.webhooks,
        bus=place.bus,
        reporter=place.reporter,
        commanded=place.commanded[call.uuid],
        settings=place.settings,
    )
    try:
        async with session.deeds:
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
        _report_end(call, end, leg.quality(), place)
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


def _report_end(call: Call, end: End, heard: Quality, place: Place) -> None:
    facts = EndFacts(
        cause_code=end.cause.code,
        source=(end.source or end.cause.source).value,
        at=utc_now(),
        packets_received=heard.packets_received,
        packets_lost=heard.packets_lost,
        jitter_ms=heard.jitter_ms,
    )
    place.reporter.tell(lambda: place.bus.live.end(call.uuid, facts))
