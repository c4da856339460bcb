"""`POST Call/`: its parameters, and the calls that they ask for (2.1, 9.6)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from voiceplat.api.auth import Caller
from voiceplat.api.wire.params import (
    INT_MAX,
    Method,
    Params,
    Text,
    Url,
    Whole,
    example,
    text_of,
)
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import BadRequest
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.core.settings import MediaSettings
from voiceplat.services.phone_number import address_of

BULK_MAX: Final = 1000
_UUID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_DIGITS: Final = r"^[0-9*#A-DwWa-d]*(@[0-9]{1,5})?$"
_HEADER: Final = re.compile(r"([A-Za-z0-9]{1,64})=([A-Za-z0-9%]{0,255})")
_RESERVED: Final = ("ph-", "plivo", "fs-", "sipauth", "zt-", "twilio", "clientregion")
"""Header names that begin so are left out without a word."""


def _joined(value: object) -> object:
    """Node takes a list of destinations and joins it; others may send it as it is."""
    if isinstance(value, list):
        return "<".join(str(part) for part in value)
    return value


def _caller(text: str) -> str:
    address = address_of(text)
    if address is None:
        raise ValueError("must be a phone number or a sip: URI")
    return address


def _header_list(text: str) -> str:
    _headers(text)
    return text


def _headers(text: str) -> dict[str, str]:
    """Names without `X-PH-`; raises ValueError for what no header may be."""
    headers: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        if pair.lower().startswith(_RESERVED):
            continue
        found = _HEADER.fullmatch(pair)
        if found is None:
            raise ValueError("must be key=value pairs of letters and digits")
        headers[found[1]] = found[2]
    return headers


def _between(low: int, high: int) -> Any:  # noqa: ANN401 - Annotated metadata
    return Field(ge=low, le=high)


MachineDetection = Annotated[
    Literal["true", "hangup", "false"],
    BeforeValidator(lambda text: text.lower() if isinstance(text, str) else text),
    BeforeValidator(text_of),
]
"""In any case: the Python SDK lets `Hangup` and `TRUE` through."""


class CallOrder(Params):
    model_config = example(
        from_="14155550100",
        to="14155550199",
        answer_url="https://example.com/answer",
        answer_method="GET",
    )

    from_: Annotated[Text, Field(alias="from", min_length=1), AfterValidator(_caller)]
    """What the callee is shown: a number, or a `sip:` URI."""
    to: Annotated[Text, BeforeValidator(_joined), Field(min_length=1)]
    """Numbers or `sip:` URIs, up to 1000 of them joined by `<`."""
    answer_url: Annotated[Url, Field(min_length=1)]
    """Asked for a document once the call is answered."""
    answer_method: Method = "POST"
    ring_url: Url = ""
    """Told that it rings."""
    ring_method: Method = "POST"
    hangup_url: Url = ""
    """Told that it is over."""
    hangup_method: Method = "POST"
    fallback_url: Url = ""
    """Asked when the answer_url gives no document."""
    fallback_method: Method = "POST"
    caller_name: Annotated[Text, Field(max_length=50)] = ""
    send_digits: Annotated[Text, Field(max_length=255, pattern=_DIGITS)] = ""
    """Pressed after the answer; `w` waits half a second, `W` a whole one."""
    send_on_preanswer: bool = False
    time_limit: Annotated[int, Field(gt=0, le=INT_MAX)] | None = None
    """Seconds from the answer on."""
    hangup_on_ring: Whole = 0
    """Seconds from the ringing on; 0 for no limit."""
    machine_detection: MachineDetection = "false"
    machine_detection_time: Annotated[int, _between(2000, 10000)] = 5000
    machine_detection_url: Url = ""
    machine_detection_method: Method = "POST"
    machine_detection_maximum_speech_length: Annotated[int, _between(1000, 6000)] = 5000
    machine_detection_initial_silence: Annotated[int, _between(2000, 10000)] = 4500
    machine_detection_maximum_words: Annotated[int, _between(2, 10)] = 3
    machine_detection_initial_greeting: Annotated[int, _between(1000, 5000)] = 1500
    sip_headers: Annotated[
        Text, Field(max_length=2048), AfterValidator(_header_list)
    ] = ""
    """`name=value` pairs with commas: sent as `X-PH-name`."""
    ring_timeout: Whole = 0
    """0: as long as the settings say."""
    parent_call_uuid: Annotated[Text, Field(pattern=_UUID)] | None = None
    """The call that it belongs to."""
    error_if_parent_not_found: bool = False

    @property
    def is_bulk(self) -> bool:
        return "<" in self.to


@dataclass(frozen=True, slots=True)
class Destinations:
    good: list[str]
    bad: list[str]


def destinations_of(order: CallOrder) -> Destinations:
    """Each destination once, in order. Raises BadRequest when none can be called."""
    wanted = [part.strip() for part in order.to.split("<") if part.strip()]
    addresses = {text: address_of(text) for text in wanted}
    good = list(dict.fromkeys(filter(None, addresses.values())))
    if len(good) > BULK_MAX:
        raise BadRequest(f"to parameter is invalid: more than {BULK_MAX} destinations")
    if not good:
        raise BadRequest("to parameter is invalid: must be phone numbers or sip: URIs")
    bad = [text for text, address in addresses.items() if address is None]
    return Destinations(good, bad)


def calls_of(
    order: CallOrder,
    to: list[str],
    caller: Caller,
    media: MediaSettings,
    parent: CallUuid | None,
) -> list[Call]:
    """One call for each destination, with what they share."""
    ring_s = min(order.ring_timeout or media.ring_timeout_s, media.max_call_s)
    talk_s = min(order.time_limit or media.time_limit_s, media.max_call_s)
    shared: dict[str, Any] = {
        "account": caller.auth_id,
        "main_account": caller.main.auth_id,
        "direction": Direction.OUTBOUND,
        "from_": order.from_,
        "caller_name": order.caller_name,
        "initiated_at": utc_now(),
        "answer": _hook(order.answer_url, order.answer_method),
        "fallback": _hook(order.fallback_url, order.fallback_method),
        "ring": _hook(order.ring_url, order.ring_method),
        "hangup": _hook(order.hangup_url, order.hangup_method),
        "time_limit": timedelta(seconds=talk_s),
        "ring_timeout": timedelta(seconds=ring_s),
        "hangup_on_ring": _limit(order.hangup_on_ring, media),
        "send_digits": order.send_digits,
        "send_on_preanswer": order.send_on_preanswer,
        "sip_headers": _headers(order.sip_headers),
        "parent_uuid": parent,
    }
    return [Call(uuid=new_call_uuid(), to=address, **shared) for address in to]


def _limit(seconds: int, media: MediaSettings) -> timedelta | None:
    return timedelta(seconds=min(seconds, media.max_call_s)) if seconds else None


def _hook(url: str, method: str) -> Hook | None:
    return Hook(url=url, method=method) if url else None
