"""Numbers on offer: `/v1/Account/{auth_id}/PhoneNumber/` (plivo-rest 7.3)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BeforeValidator, Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.resources.pricing import CountryIso
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import Params, Text, body_of, query_of, reads
from voiceplat.api.wire.replies import Created, Listed, Shown
from voiceplat.calls.rate import Rate
from voiceplat.core.money import money_text
from voiceplat.db.models import OfferedNumber
from voiceplat.db.repositories import OfferedNumberRepository
from voiceplat.db.repositories.offered_number import OfferFilter
from voiceplat.db.repositories.page import Page
from voiceplat.services.rent_number import rent_number
from voiceplat.services.show_pricing import inbound_rates
from voiceplat.services.sync_directory import changed

Digits = Annotated[Text, Field(pattern=r"^[0-9]{1,15}$", examples=["415"])]


def _number_type(value: object) -> object:
    """`fixed` is the older word for `local`; `any` filters nothing."""
    if value == "any":
        return None
    return "local" if value == "fixed" else value


NumberType = Annotated[
    Literal["local", "mobile", "tollfree", "national"] | None,
    BeforeValidator(_number_type),
]


class PhoneNumberQuery(Paged):
    country_iso: CountryIso
    type: NumberType = None
    pattern: Digits | None = None
    """What follows the country's code."""
    npanxx: Digits | None = None
    """Area code and exchange, in North America."""
    region: Text | None = None
    city: Text | None = None
    services: Text | None = None
    lata: Text | None = None
    rate_center: Text | None = None

    @property
    def wants_voice_alone(self) -> bool:
        wanted = {name.strip() for name in (self.services or "voice").split(",")}
        return wanted <= {"voice"}


class PhoneNumberOrder(Params):
    app_id: Text | None = None
    cnam_lookup: Literal["enabled", "disabled"] | None = None


class PhoneNumberObject(Shown):
    country: str
    lata: str | None
    monthly_rental_rate: str
    number: str
    prerequisites: list[str] = Field(default_factory=list)
    prefix: str
    rate_center: str | None
    region: str
    resource_uri: str
    restriction: str | None = None
    restriction_text: str | None = None
    setup_rate: str
    sms_enabled: bool = False
    sms_rate: str | None = None
    type: str
    voice_enabled: bool = True
    voice_rate: str


class RentedNumber(Shown):
    number: str
    status: str = "Success"


class NumbersRented(Created):
    numbers: list[RentedNumber]
    status: str = "fulfilled"


router = APIRouter(prefix="/PhoneNumber", route_class=VoiceRoute, tags=["Number"])


@router.get("/", openapi_extra=query_of(PhoneNumberQuery))
async def search(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[PhoneNumberQuery, reads(PhoneNumberQuery)],
    here: Here,
) -> Listed[PhoneNumberObject]:
    """Numbers of the inventory that nobody rents."""
    wanted = OfferFilter(
        country_iso=query.country_iso,
        pattern=query.npanxx or query.pattern,
        number_type=query.type,
        region=query.region,
        city=query.city,
        rate_center=query.rate_center,
        lata=query.lata,
    )
    found: Page[OfferedNumber] = Page([], 0)
    rates: dict[str, Rate] = {}
    if query.wants_voice_alone:
        async with here.db.reading() as tx:
            found = await OfferedNumberRepository(tx).find(query.window, wanted)
            rates = await inbound_rates(tx, [row.number for row in found.rows])
    objects = [
        PhoneNumberObject(**_fields(row, caller, rates[row.number]))
        for row in found.rows
    ]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.post("/{number}/", status_code=201, openapi_extra=body_of(PhoneNumberOrder))
async def rent(
    caller: CurrentCaller,
    number: str,
    order: Annotated[PhoneNumberOrder, reads(PhoneNumberOrder)],
    here: Here,
) -> NumbersRented:
    """Rent a number; calls to it are answered by the application at once."""
    async with here.db.transaction() as tx:
        made = await rent_number(
            tx,
            number,
            caller.account,
            app_id=order.app_id,
            cnam_lookup=order.cnam_lookup,
        )
    await here.directory.tell(*changed("number", made.number))
    return NumbersRented(numbers=[RentedNumber(number=made.number)])


def _fields(row: OfferedNumber, caller: Caller, rate: Rate) -> dict[str, Any]:
    national = row.number.removeprefix(row.country_code)
    return {
        "country": row.country or row.country_iso,
        "lata": row.lata or None,
        "monthly_rental_rate": money_text(row.monthly_rental_rate),
        "number": row.number,
        "prefix": national[:3],
        "rate_center": row.rate_center or None,
        "region": ", ".join(filter(None, (row.city, row.region))),
        "resource_uri": caller.uri(f"PhoneNumber/{row.number}/"),
        "setup_rate": money_text(row.setup_rate),
        "type": row.number_type,
        "voice_rate": rate.text,
    }
