"""What calls cost: `/v1/Account/{auth_id}/Pricing/` (plivo-rest 7.4)."""

from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BeforeValidator, Field

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import Query, Text, query_of, reads
from voiceplat.api.wire.replies import Reply, Shown
from voiceplat.core.money import NOTHING, money_text
from voiceplat.db.models import Price
from voiceplat.db.repositories import OfferedNumberRepository
from voiceplat.services.show_pricing import CountryPricing, show_pricing

CountryIso = Annotated[
    Text,
    Field(pattern=r"^[A-Z]{2}$", examples=["US"]),
    BeforeValidator(lambda text: text.upper() if isinstance(text, str) else text),
]


class PricingQuery(Query):
    country_iso: CountryIso


class OneRate(Shown):
    rate: str


class PrefixRate(Shown):
    prefix: list[str]
    rate: str


class InboundPricing(Shown):
    ip: OneRate
    local: OneRate
    tollfree: OneRate


class OutboundPricing(InboundPricing):
    rates: list[PrefixRate]


class VoicePricing(Shown):
    inbound: InboundPricing
    outbound: OutboundPricing


class MessagePricing(Shown):
    """Messages are none of this platform's business."""

    inbound: OneRate
    outbound: OneRate
    outbound_networks_list: list[OneRate]


class Pricing(Reply):
    country: str
    country_code: int
    country_iso: str
    message: MessagePricing
    phone_numbers: dict[str, OneRate]
    """What a number costs a month, by type."""
    voice: VoicePricing


router = APIRouter(prefix="/Pricing", route_class=VoiceRoute, tags=["Pricing"])


@router.get("/", openapi_extra=query_of(PricingQuery))
async def get_pricing(
    _: CurrentCaller,
    query: Annotated[PricingQuery, reads(PricingQuery)],
    here: Here,
) -> Pricing:
    """What a minute of a call costs, in and out, by the country of the number."""
    async with here.db.reading() as tx:
        found = await show_pricing(tx, query.country_iso)
        monthly = await OfferedNumberRepository(tx).cheapest(query.country_iso)
    first = found.prices[0]
    return Pricing(
        country=first.country,
        country_code=int(first.country_code or 0),
        country_iso=first.country_iso,
        message=_NO_MESSAGES,
        phone_numbers={kind: _rate(rate) for kind, rate in monthly.items()},
        voice=VoicePricing(inbound=_inbound(found), outbound=_outbound(found)),
    )


def _inbound(found: CountryPricing) -> InboundPricing:
    def rate(price: Price | None) -> OneRate:
        return _rate(price.inbound_per_minute if price else NOTHING)

    return InboundPricing(
        ip=rate(found.over_ip), local=rate(found.local), tollfree=rate(found.tollfree)
    )


def _outbound(found: CountryPricing) -> OutboundPricing:
    def rate(price: Price | None) -> OneRate:
        return _rate(price.outbound_per_minute if price else NOTHING)

    return OutboundPricing(
        ip=rate(found.over_ip),
        local=rate(found.local),
        tollfree=rate(found.tollfree),
        rates=[
            PrefixRate(prefix=list(prefixes), rate=money_text(amount))
            for amount, prefixes in found.by_rate.items()
        ],
    )


def _rate(amount: Decimal) -> OneRate:
    return OneRate(rate=money_text(amount))


_NO_MESSAGES: Final = MessagePricing(
    inbound=_rate(NOTHING), outbound=_rate(NOTHING), outbound_networks_list=[]
)
