"""The phone of a call worker: one pjsua2 endpoint, its account, its legs."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import ClassVar, Final, Self

import pjsua2 as pj
from typing_extensions import override

from voiceplat.calls.leg import (
    NOBODY,
    NOBODYS_DOMAIN,
    Destination,
    Ended,
    Invite,
    Party,
    Phone,
)
from voiceplat.core.errors import Conflict, NoLegFree
from voiceplat.core.ids import WorkerAddress
from voiceplat.links.link_socket import LinkSocket
from voiceplat.telephony.link import Link
from voiceplat.telephony.phone_settings import (
    PhoneSettings,
    Registration,
    RegistrationRefused,
)
from voiceplat.telephony.pj_audio import Bridge
from voiceplat.telephony.pj_call import PjCall, Slots, contained
from voiceplat.telephony.pj_clock import Clock
from voiceplat.telephony.pj_endpoint import (
    account_config,
    destroy_endpoint,
    start_endpoint,
)
from voiceplat.telephony.pj_events import Events
from voiceplat.telephony.pj_leg import PjLeg, add_headers
from voiceplat.telephony.referrals import CALL_ID, SUBSCRIPTION
from voiceplat.telephony.sip_message import (
    address,
    edge_headers,
    parse_invite,
    parse_message,
    sip_uri,
)

__all__ = ["PhoneSettings", "PjPhone", "Registration", "RegistrationRefused"]

TOO_MANY_CALLS: Final = 70010
"""PJ_ETOOMANY: the build of the library has no call left."""
BAD_URI: Final = (171039, 171042)
"""PJSIP_EINVALIDURI, PJSIP_EINVALIDREQURI."""
BAD_ADDRESS: Final = 484
BUSY: Final = 486
FAILED: Final = 500
UNAVAILABLE: Final = 503
BYE_ANSWER_S: Final = 0.05
BYE_ANSWER_POLL_S: Final = 0.01
BYE_ANSWER_POLLS: Final = 30
SOCKETS_LINGER_S: Final = 0.7
LINGERING_LEGS: Final = 24
"""With the legs that live, 56 sockets of 64."""
LAST_WORDS_S: Final = 2.0
"""How long hanging up and unregistering may take when the phone closes."""


class PjAccount(pj.Account):
    """Takes INVITEs and answers of the registrar, on a thread of the library."""

    def __init__(self, phone: "PjPhone", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._phone = phone
        self._loop = loop

    @contained
    @override
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        # made here: a call that has no object when this returns is refused
        call = self._phone.new_call(prm.callId)
        invite = parse_invite(prm.rdata.wholeMsg)
        self._loop.call_soon_threadsafe(self._phone.take_call, call, invite)

    @contained
    @override
    def onInstantMessage(self, prm: pj.OnInstantMessageParam) -> None:
        text = prm.rdata.wholeMsg
        self._loop.call_soon_threadsafe(self._phone.take_message, text)

    @contained
    @override
    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        self._loop.call_soon_threadsafe(
            self._phone.take_registration, prm.code, prm.reason
        )


class Churn:
    """Keeps legs from coming faster than the library gives their sockets up.

    It waits for them with select(), 64 at most and two to a leg. Those of a leg that
    has ended count for half a second more, and one too many aborts the process.
    """

    def __init__(self) -> None:
        self._ends: deque[float] = deque()

    def ended(self) -> None:
        self._ends.append(asyncio.get_running_loop().time())

    def wait_s(self) -> float:
        """How long until another leg may come; 0 for now."""
        forgotten = asyncio.get_running_loop().time() - SOCKETS_LINGER_S
        while self._ends and self._ends[0] <= forgotten:
            self._ends.popleft()
        if len(self._ends) < LINGERING_LEGS:
            return 0
        return self._ends[0] - forgotten


class PjPhone(Phone):
    """One per process. All of it runs on the thread of the loop that opened it."""

    _is_open: ClassVar[bool] = False

    def __init__(
        self, settings: PhoneSettings, when_legs_change: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._when_legs_change = when_legs_change
        self._loop = asyncio.get_running_loop()
        self._slots = Slots()
        self._churn = Churn()
        self._legs: set[PjLeg] = set()
        self._accounts: dict[PjLeg, PjAccount] = {}
        """Of the legs that have credentials of their own."""
        self._waiting: asyncio.Queue[tuple[Invite, PjLeg]] = asyncio.Queue()
        self._registration: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._closing = False
        self._endpoint, self._address = start_endpoint(settings)
        self._clock = Clock(self._endpoint, self._in_use)
        self._bridge = Bridge(self._endpoint, settings.clock_rate_hz, self._clock.need)
        self._account = PjAccount(self, self._loop)
        self._events = Events(self._endpoint)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: PhoneSettings,
        *,
        when_legs_change: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[Self]:
        """Raises RegistrationRefused, or Unavailable when its SIP port is taken."""
        if cls._is_open:
            raise Conflict("a process has one phone at a time")
        phone = cls(settings, when_legs_change)
        cls._is_open = True
        try:
            phone._account.create(account_config(settings, phone.address))
            if settings.registration:
                await phone._register()
            yield phone
        finally:
            try:
                await phone._close()
            finally:
                cls._is_open = False

    @property
    def address(self) -> WorkerAddress:
        """Where it listens for SIP."""
        return WorkerAddress(self._address)

    @property
    @override
    def legs(self) -> int:
        return len(self._legs)

    @override
    async def dial(self, to: Destination) -> PjLeg:
        patience = BYE_ANSWER_POLLS
        while len(self._legs) < self._settings.max_legs:
            if wait_s := self._churn.wait_s():
                await asyncio.sleep(wait_s)
            elif leg := self._try_to_dial(to):
                return leg
            elif patience:  # a leg just hung up has its call until the BYE is answered
                patience -= 1
                await asyncio.sleep(BYE_ANSWER_POLL_S)
            else:
                break
        raise NoLegFree

    @override
    async def next_call(self) -> tuple[Invite, PjLeg]:
        return await self._waiting.get()

    def open_link(self, ends_at: LinkSocket) -> Link:
        """Its end on this phone's bridge. Raises MediaError when there is no room."""
        return Link(self._bridge, ends_at)

    async def hang_up_all(self) -> None:
        """End every leg; an INVITE not answered yet is refused with 503."""
        if self._legs:
            for leg in list(self._legs):
                await leg.hang_up(UNAVAILABLE)
            await asyncio.sleep(BYE_ANSWER_S)

    def _try_to_dial(self, to: Destination) -> PjLeg | None:
        """None when the library has no call left, or no account."""
        own: PjAccount | None = None
        try:
            own = self._account_for(to)
        except pj.Error as error:
            if error.status == TOO_MANY_CALLS:
                return None
            raise
        call = PjCall(own or self._account, self._slots, self._loop)
        invite = pj.CallOpParam(True)
        invite.txOption.localUri = self._from(to)
        add_headers(invite, to.headers)
        add_headers(invite, edge_headers(to))
        leg = self._new_leg(call, own)
        try:
            call.makeCall(to.uri, invite)
            leg.call_id = call.getInfo().callIdString
        except pj.Error as error:
            if error.status == TOO_MANY_CALLS:
                self._legs.discard(leg)
                self._close_account(leg)
                return None
            if call.ended is None:  # an INVITE that cannot be sent is a leg that ended
                bad = error.status in BAD_URI
                status = BAD_ADDRESS if bad else FAILED
                call.finish(Ended(Party.US, status, error.reason))
        return leg

    def new_call(self, call_id: int = pj.PJSUA_INVALID_ID) -> PjCall:
        """The library's half of a leg; safe on any of its threads."""
        return PjCall(self._account, self._slots, self._loop, call_id)

    def take_call(self, call: PjCall, invite: Invite) -> None:
        """An INVITE that the library has answered with 100."""
        full = len(self._legs) >= self._settings.max_legs
        leg = self._new_leg(call)
        leg.call_id = invite.call_id
        self._admit(leg, None if full else invite)

    def take_message(self, text: str) -> None:
        """A MESSAGE: the edge hands over a REFER of one of our far ends."""
        message = parse_message(text)
        to = text.rpartition("Refer-To:")[2].strip()
        for leg in self._legs:
            if leg.call_id == message.header(CALL_ID):
                leg.take_referral(to, message.header(SUBSCRIPTION))

    def _admit(self, leg: PjLeg, invite: Invite | None) -> None:
        """Let it in when there is room; without `invite` it is refused, then too."""
        if wait_s := self._churn.wait_s():
            self._loop.call_later(wait_s, self._admit, leg, invite)
        elif invite is None or self._closing:
            leg.end(BUSY)
        else:
            self._waiting.put_nowait((invite, leg))

    def take_registration(self, status: int, reason: str) -> None:
        self._registration.put_nowait((status, reason))

    def _account_for(self, to: Destination) -> PjAccount | None:
        """The library answers challenges by account: one for this call alone."""
        if to.credentials is None:
            return None
        account = PjAccount(self, self._loop)
        account.create(account_config(self._settings, self.address, to.credentials))
        return account

    def _close_account(self, leg: PjLeg) -> None:
        if account := self._accounts.pop(leg, None):
            account.shutdown()
            pj.Account.__swig_destroy__(account)

    def _new_leg(self, call: PjCall, account: PjAccount | None = None) -> PjLeg:
        self._clock.need()
        leg = PjLeg(call, self._bridge, self._forget)
        self._legs.add(leg)
        if account:
            self._accounts[leg] = account
        self._when_legs_change()
        return leg

    def _in_use(self) -> bool:
        return bool(self._legs) or self._bridge.in_use

    def _forget(self, leg: PjLeg) -> None:
        self._clock.need()  # for what the leg leaves behind
        self._legs.discard(leg)
        self._close_account(leg)
        self._when_legs_change()
        self._churn.ended()

    def _from(self, to: Destination) -> str:
        if to.privacy:
            return address(NOBODY.title(), sip_uri(NOBODY, NOBODYS_DOMAIN))
        return address(to.from_name, self._from_uri(to.from_user))

    def _from_uri(self, user: str) -> str:
        if registration := self._settings.registration:
            return sip_uri(user, registration.domain)
        return sip_uri(user, self._settings.domain or self._settings.host)

    async def _register(self) -> None:
        self._account.setRegistration(True)
        status, reason = await self._registration.get()
        if status != 200:
            raise RegistrationRefused(status, reason)

    async def _close(self) -> None:
        """Legs, then the account, then the threads, then what they could have used."""
        self._closing = True
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self.hang_up_all()
                    await self._unregister()
        finally:  # cancelled or not: a process must not end with the library running
            for leg in list(self._accounts):
                self._close_account(leg)
            self._account.shutdown()
            self._events.stop()
            self._clock.close()
            self._bridge.close()
            self._slots.clear()
            pj.Account.__swig_destroy__(self._account)
            destroy_endpoint(self._endpoint)

    async def _unregister(self) -> None:
        if self._settings.registration and self._account.getInfo().regIsActive:
            self._account.setRegistration(False)
            await self._registration.get()
