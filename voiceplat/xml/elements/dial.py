"""<Dial> with <Number> and <User>: connect the call to a party (plivo-xml 3.6)."""

import re
from collections.abc import Iterator
from typing import Annotated, Final

import structlog
from pydantic import AliasChoices, BeforeValidator, Field
from typing_extensions import override

from voiceplat.calls import custom_headers, params
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.dialling import Target
from voiceplat.calls.hangup import CAUSES, HangupCause
from voiceplat.calls.leg import Credentials, KeysBy
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.calls.status import Direction
from voiceplat.xml.action import ActionElement, tell
from voiceplat.xml.dial_plan import Callee, Confirm, DialPlan
from voiceplat.xml.dialling import Dialling
from voiceplat.xml.digit_patterns import Patterns
from voiceplat.xml.element import Needs, Part
from voiceplat.xml.keypad import KEYS
from voiceplat.xml.talking import SENT_ON
from voiceplat.xml.values import METHODS, Flag, is_web_url, whole_number

log = structlog.get_logger()

LONGEST_S: Final = 86400
TIME_LIMIT_S: Final = 14400
TIMEOUT_S: Final = 120
NAME_CHARS_MAX: Final = 50
VOICE: Final = "voice"
OTHER_CHANNELS: Final = frozenset({"whatsapp"})
PACKETS_MODE: Final = "rfc2833"
NO_CHANNEL: Final = CAUSES[5020]
LOOP: Final = CAUSES[2060]
NO_CALLER: Final = "none"

_PASSWORD_CHARS: Final = range(8, 129)
_NOT_DIALLED: Final = re.compile(r"[^0-9*#]")
_SIP_USER: Final = re.compile(r"sips?:([^@;>]+)@?", re.IGNORECASE)
_PRESSED: Final = re.compile(r"[^0-9*#wW]")


def _time_limit(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    return min(number, LONGEST_S) if number and number > 0 else TIME_LIMIT_S


def _timeout(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    return number if number and number > 0 else TIMEOUT_S


def _name(value: object) -> str:
    return str(value).strip()[:NAME_CHARS_MAX]


def _key(value: object) -> str:
    key = str(value).strip()
    return key if len(key) == 1 and key in KEYS else ""


def _keys(value: object) -> str:
    return _PRESSED.sub("", str(value))


Seconds = Annotated[int, BeforeValidator(_timeout)]
Name = Annotated[str, BeforeValidator(_name)]
SentKeys = Annotated[str, BeforeValidator(_keys)]


class Party(Part):
    """One of those whom a Dial calls."""

    text: str = ""
    """A number, or a SIP URI."""
    send_digits: SentKeys = ""
    """Keys that are pressed for the callee once it has answered; `w` 0.5 s, `W` 1 s."""
    send_on_preanswer: Flag = Field(
        default=False,
        validation_alias=AliasChoices("sendOnPreanswer", "sendOnPreAnswer"),
    )
    """Press them on early media."""
    sip_headers: str = ""
    """Custom headers of this leg, `a=1,b=2`."""
    caller_id: str = ""
    """Shown to this callee instead of Dial's."""
    caller_name: Name = ""
    """Shown to this callee instead of Dial's."""

    @property
    def to(self) -> str:
        """Empty when there is nobody to call."""
        raise NotImplementedError

    @property
    def credentials(self) -> Credentials | None:
        return None

    @property
    def digits_by(self) -> KeysBy:
        return KeysBy.ANY


class Number(Party):
    send_digits_mode: str = ""
    """`rfc2833`: the keys are packets (RFC 4733) and nothing else, INFO least."""

    @property
    @override
    def digits_by(self) -> KeysBy:
        packets = self.send_digits_mode.strip().lower() == PACKETS_MODE
        return KeysBy.PACKETS if packets else KeysBy.ANY

    @property
    @override
    def to(self) -> str:
        number = re.split(r"[,|]", self.text)[0]
        return _NOT_DIALLED.sub("", number)


class User(Party):
    sip_auth_username: str = ""
    """Digest user for the callee's challenge; comes with the password."""
    sip_auth_password: str = Field(default="", repr=False)
    """8 to 128 characters."""

    @property
    @override
    def to(self) -> str:
        return self.text if self.text.lower().startswith(("sip:", "sips:")) else ""

    @property
    @override
    def credentials(self) -> Credentials | None:
        fits = len(self.sip_auth_password) in _PASSWORD_CHARS
        if not self.sip_auth_username or not fits:
            return None
        return Credentials(self.sip_auth_username, self.sip_auth_password)


class Dial(ActionElement):
    needs = Needs.NOTHING
    holds = frozenset({"Number", "User"})

    children: tuple[Party, ...] = ()
    hangup_on_star: Flag = False
    """Whether `*` of the A leg ends the talk."""
    time_limit: Annotated[int, BeforeValidator(_time_limit)] = TIME_LIMIT_S
    """Seconds of talk; at most a day."""
    timeout: Seconds = TIMEOUT_S
    """Seconds that the callees may ring."""
    caller_id: str = ""
    """Shown to the callees; the A leg's caller unless given, `none` for nobody."""
    caller_name: Name = ""
    """Shown to the callees; the A leg's unless given, `none` for none."""
    confirm_sound: str = ""
    """URL of a document that an answering callee hears before it is connected."""
    confirm_timeout: Seconds = TIMEOUT_S
    """Seconds for confirmKey, from the answer."""
    confirm_key: Annotated[str, BeforeValidator(_key)] = ""
    """Key that the callee must press to be connected."""
    dial_music: str = ""
    """What the A leg hears meanwhile: URL of a document, or `real` for the callee's."""
    callback_url: str = ""
    """Told of answers, digits and ends."""
    callback_method: str = "POST"
    """GET or POST, for callbackUrl."""
    digits_match: Patterns = ()
    """Digits of the A leg that callbackUrl is told of."""
    digits_match_b_leg: Patterns = Field(default=(), alias="digitsMatchBLeg")
    """Digits of the B leg that callbackUrl is told of."""
    sip_headers: str = ""
    """Custom headers of every B leg, `a=1,b=2`."""
    call_type: str = VOICE
    """`voice`; nobody is reached by `whatsapp` from here, so nobody is called."""
    machine_detection: str = ""
    """Of the Go SDK; ignored, as the contract wants it."""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        plan = self._plan(call.call)
        if not plan.callees:
            log.warning("dial_skipped", why="there is nobody to call")
            return Proceed()
        dialling = Dialling(plan, call)
        try:
            await dialling.run()
        finally:
            over = call.leg.ended is not None or dialling.sent_on
            if over and self.action:
                tell(call, self.action, self.method, _fields(dialling, call.call))
        if dialling.sent_on:
            return SENT_ON
        return self.reported(call, _fields(dialling, call.call))

    def _plan(self, call: Call) -> DialPlan:
        confirm = Confirm(self.confirm_sound, self.confirm_key, self.confirm_timeout)
        method = self.callback_method.strip().upper()
        told = is_web_url(self.callback_url) and method in METHODS
        return DialPlan(
            callees=tuple(self._callees(call)),
            ring_s=self.timeout,
            limit_s=self.time_limit,
            music=self.dial_music,
            confirm=confirm if self.confirm_sound else None,
            hang_up_on_star=self.hangup_on_star,
            patterns_a=self.digits_match,
            patterns_b=self.digits_match_b_leg,
            events=Hook(url=self.callback_url, method=method) if told else None,
        )

    def _callees(self, call: Call) -> Iterator[Callee]:
        inbound = call.direction is Direction.INBOUND
        own = number_of(call.from_ if inbound else call.to)
        wanted = (party for party in self.children if party.to)
        for position, party in enumerate(wanted, start=1):
            yield Callee(
                Target(
                    to=party.to,
                    caller_id=self._caller_id(party, call),
                    caller_name=self._caller_name(party, call),
                    sip_headers=custom_headers.parse(self.sip_headers)
                    | custom_headers.parse(party.sip_headers),
                    credentials=party.credentials,
                ),
                position,
                send_digits=party.send_digits,
                digits_by=party.digits_by,
                send_on_preanswer=party.send_on_preanswer,
                refused=self._refused(party, own),
            )

    def _refused(self, party: Party, own: str) -> HangupCause | None:
        if self.call_type.strip().lower() in OTHER_CHANNELS:
            return NO_CHANNEL
        return LOOP if number_of(party.to) == own else None

    def _caller_id(self, party: Party, call: Call) -> str:
        wanted = party.caller_id or self.caller_id
        if wanted == NO_CALLER:
            return ""
        return wanted.strip().removeprefix("+") or number_of(call.from_)

    def _caller_name(self, party: Party, call: Call) -> str:
        wanted = party.caller_name or self.caller_name
        return "" if wanted == NO_CALLER else wanted or call.caller_name


def number_of(party: str) -> str:
    """The digits, or the user of a SIP URI."""
    found = _SIP_USER.match(party)
    return found.group(1) if found else party.removeprefix("+")


def _fields(dialling: Dialling, call: Call) -> dict[str, str]:
    result = dialling.result
    return params.dial_action(
        status=result.status,
        cause=result.cause,
        rang=dialling.rang,
        a_leg=call.uuid,
        b_leg=result.b_leg,
    )
