"""`voiceplat account …`: accounts and their credentials."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from voiceplat.core.money import BillingMode

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Account
    from voiceplat.services.open_account import Credentials

app = typer.Typer(help="Accounts and subaccounts.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]


@app.command()
def create(
    name: str,
    *,
    parent: Annotated[
        str | None, typer.Option(help="Make a subaccount of this main account.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Make an account; its auth_token is shown this once."""
    from voiceplat.cli.office import show, work
    from voiceplat.core.ids import AuthId
    from voiceplat.services.open_account import open_account
    from voiceplat.services.sync_directory import changed

    async def do(office: "Office") -> "Credentials":
        owner = AuthId(parent) if parent else None
        made = await open_account(
            office.db, office.settings.security, name, parent=owner
        )
        await office.tell(*changed("account", made.auth_id))
        return made

    made = work(do)
    show({"auth_id": made.auth_id, "auth_token": made.auth_token}, as_json=json)


@app.command()
def credit(
    auth_id: str,
    amount: Annotated[
        str, typer.Argument(help="Such as 25.00; after -- also -5: taken away.")
    ],
    *,
    json: AsJson = False,
) -> None:
    """Add to what a main account has."""
    from voiceplat.cli.office import fail, show, work
    from voiceplat.core.money import parse_money
    from voiceplat.services.bill_account import add_credit

    try:
        added = parse_money(amount)
    except ValueError as error:
        fail(str(error))

    async def do(office: "Office") -> "Account":
        async with office.db.transaction() as tx:
            found, changes = await add_credit(tx, auth_id, added)
        await office.tell(*changes)
        return found

    show(_bill(work(do)), as_json=json)


@app.command()
def billing(
    auth_id: str,
    mode: Annotated[BillingMode, typer.Argument(help="When calls are refused.")],
    *,
    json: AsJson = False,
) -> None:
    """Prepaid: no call that costs begins without credit. Postpaid: all may."""
    from voiceplat.cli.office import show, work
    from voiceplat.services.bill_account import set_billing

    async def do(office: "Office") -> "Account":
        async with office.db.transaction() as tx:
            found, changes = await set_billing(tx, auth_id, mode)
        await office.tell(*changes)
        return found

    show(_bill(work(do)), as_json=json)


@app.command("list")
def list_accounts(*, json: AsJson = False) -> None:
    """All accounts, oldest first."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import AccountRepository

    async def do(office: "Office") -> "list[Account]":
        async with office.db.reading() as tx:
            return await AccountRepository(tx).all()

    rows = [_row(account) for account in work(do)]
    show_all(rows, as_json=json, none="No account yet: voiceplat account create NAME")


def _bill(account: "Account") -> dict[str, Any]:
    from voiceplat.core.money import money_text

    return {
        "auth_id": account.auth_id,
        "billing_mode": account.billing_mode,
        "cash_credits": money_text(account.cash_credits),
    }


def _row(account: "Account") -> dict[str, Any]:
    return {
        "auth_id": account.auth_id,
        "name": account.name,
        "parent": account.parent_id,
        "enabled": account.enabled,
        "created": account.created_at.isoformat(sep=" ", timespec="seconds"),
    }
