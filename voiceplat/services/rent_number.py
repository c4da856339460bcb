"""Numbers that accounts take and give back, out of the inventory or their own."""

from collections.abc import Sequence

from voiceplat.core.errors import Conflict, Forbidden, NotFound
from voiceplat.core.ids import AppId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account, Number
from voiceplat.db.repositories import (
    ApplicationRepository,
    NumberRepository,
    OfferedNumberRepository,
    TrunkRepository,
)
from voiceplat.db.repositories.scope import Scope
from voiceplat.services.change_application import find_application
from voiceplat.services.phone_number import digits_of
from voiceplat.services.sync_directory import Change, changed


async def rent_number(
    tx: Transaction,
    text: str,
    account: Account,
    *,
    app_id: str | None,
    cnam_lookup: str | None,
) -> Number:
    """Raises NotFound when it is not on offer.

    Conflict at the end when somebody else took it meanwhile.
    """
    offer = await OfferedNumberRepository(tx).get(digits_of(text) or "")
    if offer is None:
        raise NotFound("not found")
    made = Number(
        number=offer.number,
        account_id=account.auth_id,
        app_id=await answered_by(tx, account, app_id),
        number_type=offer.number_type,
        country=offer.country,
        region=offer.region,
        city=offer.city,
        carrier=offer.carrier,
        monthly_rental_rate=offer.monthly_rental_rate,
        cnam_lookup=cnam_lookup or "disabled",
    )
    return await NumberRepository(tx).add(made)


async def unrent_number(tx: Transaction, number: Number) -> tuple[Change, ...]:
    """What the directory must be told; the number is on offer again."""
    await NumberRepository(tx).delete(number)
    return changed("number", number.number)


async def bring_numbers(
    tx: Transaction, numbers: Sequence[Number], main: Account
) -> tuple[Change, ...]:
    """Add numbers of an account's own carrier: a trunk that is only its.

    What the directory must be told. Raises Forbidden without such a trunk, Conflict
    when one is in the inventory; Conflict at the end when somebody has it.
    """
    owners = {main.auth_id, *(number.account_id for number in numbers)}
    if not any(trunk.account_id in owners for trunk in await TrunkRepository(tx).all()):
        raise Forbidden("only an account with a trunk of its own can add numbers")
    for number in numbers:
        if await OfferedNumberRepository(tx).has(number.number):
            raise Conflict(f"{number.number} is in the inventory: rent it")
        await NumberRepository(tx).add(number)
    return changed("number", *(number.number for number in numbers))


async def answered_by(
    tx: Transaction, account: Account, app_id: str | None
) -> AppId | None:
    """That application, else the account's default one. Raises NotFound."""
    scope = Scope(account.auth_id, with_subaccounts=account.parent_id is None)
    app = await find_application(tx, app_id, scope)
    if app is None:
        default = ApplicationRepository(tx).default
        app = await default(account.auth_id, "default_number_app")
    return app.app_id if app else None
