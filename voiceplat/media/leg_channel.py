"""What two workers say to each other about a leg that one dialled for the other.

Lines of JSON over one TCP connection per leg, on the private side. It comes from the
host worker, which was told where and with which password; nothing listens for orders.
The connection is the leg's life: when it breaks, for the one side the leg has ended and
the other hangs up. The kernel looks whether the other host still answers.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from voiceplat.calls.leg import Ended, KeysBy, Quality, Referral
from voiceplat.calls.link import LinkEnd
from voiceplat.links.channel import Channel, Said


class Greeting(Said):
    """The first line of the host worker; without `link` it has no leg free."""

    kind: Literal["greeting"] = "greeting"
    password: str
    link: LinkEnd | None = None


class Reached(Said):
    """The leg is that far."""

    kind: Literal["ringing", "media", "answered"]


class Key(Said):
    kind: Literal["key"] = "key"
    key: str


class Over(Said):
    kind: Literal["over"] = "over"
    ended: Ended
    answered: bool
    quality: Quality


class Done(Said):
    """An order was carried out, or not: `failed` is why."""

    kind: Literal["done"] = "done"
    order: int
    failed: str | None = None
    referral: Referral | None = None
    """What it waited for."""


Deed = Literal[
    "ring",
    "open_early_media",
    "answer",
    "hang_up",
    "send_digits",
    "next_referral",
    "report_referral",
]


class Order(Said):
    """A method of the leg and what it is given."""

    kind: Literal["order"] = "order"
    order: int
    do: Deed
    headers: Mapping[str, str] = {}
    sip_status: int = 0
    digits: str = ""
    tone_ms: int = 0
    by: KeysBy = KeysBy.ANY
    referral: Referral | None = None


class Cancel(Said):
    kind: Literal["cancel"] = "cancel"
    order: int


Line = Greeting | Reached | Key | Over | Done | Order | Cancel


class LegChannel(Channel[Line]):
    LINES = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
