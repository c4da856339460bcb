"""`voiceplat number …`: which account a number belongs to, and who answers it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Number, OfferedNumber

app = typer.Typer(help="Numbers that carriers send calls to.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]


@app.command()
def add(
    number: Annotated[str, typer.Argument(help="Such as +14155550100.")],
    *,
    account: Annotated[str, typer.Option(help="Its auth_id.")],
    app_id: Annotated[
        str | None,
        typer.Option("--app", help="app_id; else the account's default application."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Put a number on an account."""
    from voiceplat.cli.office import fail, show, work
    from voiceplat.core.errors import Conflict
    from voiceplat.services.add_number import add_number
    from voiceplat.services.sync_directory import changed

    async def do(office: "Office") -> "Number":
        try:
            async with office.db.transaction() as tx:
                made = await add_number(tx, number, account, app_id)
        except Conflict:
            fail(f"{number} belongs to an account already", "voiceplat number list")
        await office.tell(*changed("number", made.number))
        return made

    show(_row(work(do)), as_json=json)


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="CSV; docs/operations.md has its columns.")
    ],
    *,
    json: AsJson = False,
) -> None:
    """Replace the inventory that accounts may rent from; what is rented stays so."""
    from voiceplat.cli.office import read, show, work
    from voiceplat.services.load_inventory import load_inventory

    text = read(file)

    async def do(office: "Office") -> int:
        async with office.db.transaction() as tx:
            return await load_inventory(tx, text)

    show({"numbers": work(do)}, as_json=json)


@app.command("offered")
def list_offered(*, json: AsJson = False) -> None:
    """The inventory: numbers that nobody rents."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import OfferedNumberRepository

    async def do(office: "Office") -> "list[OfferedNumber]":
        async with office.db.reading() as tx:
            return await OfferedNumberRepository(tx).all()

    rows = [_offer(offer) for offer in work(do)]
    show_all(rows, as_json=json, none="None: voiceplat number load FILE")


@app.command("list")
def list_numbers(*, json: AsJson = False) -> None:
    """All numbers of all accounts."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import NumberRepository

    async def do(office: "Office") -> "list[Number]":
        async with office.db.reading() as tx:
            return await NumberRepository(tx).all()

    rows = [_row(number) for number in work(do)]
    remedy = "No number yet: voiceplat number add NUMBER --account AUTH_ID"
    show_all(rows, as_json=json, none=remedy)


def _offer(offer: "OfferedNumber") -> dict[str, Any]:
    from voiceplat.core.money import money_text

    return {
        "number": offer.number,
        "country": offer.country_iso,
        "type": offer.number_type,
        "monthly_rental_rate": money_text(offer.monthly_rental_rate),
    }


def _row(number: "Number") -> dict[str, Any]:
    return {
        "number": number.number,
        "account": number.account_id,
        "app_id": number.app_id,
    }
