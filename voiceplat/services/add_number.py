"""Puts a number on an account, with an application that answers it."""

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Number
from voiceplat.db.repositories import (
    AccountRepository,
    ApplicationRepository,
    NumberRepository,
)
from voiceplat.db.repositories.scope import Scope
from voiceplat.services.change_application import find_application
from voiceplat.services.phone_number import digits_of


async def add_number(
    tx: Transaction, text: str, auth_id: str, app_id: str | None
) -> Number:
    """Without an application it gets its account's default one, if there is one.

    Raises BadRequest, NotFound; Conflict at the end when some account has it already.
    """
    digits = digits_of(text)
    if digits is None:
        raise BadRequest(f"{text} is not a number such as +14155550100")
    account = await AccountRepository(tx).get(auth_id)
    if account is None:
        raise NotFound(f"account {auth_id} not found")
    scope = Scope(account.main_id, with_subaccounts=True)
    app = await find_application(tx, app_id, scope)
    if app is None:
        applications = ApplicationRepository(tx)
        app = await applications.default(account.auth_id, "default_number_app")
    made = Number(
        number=digits,
        account_id=account.auth_id,
        app_id=app.app_id if app else None,
    )
    return await NumberRepository(tx).add(made)
