"""`voiceplat number …`: which account a number belongs to, and who answers it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Number

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


def _row(number: "Number") -> dict[str, Any]:
    return {
        "number": number.number,
        "account": number.account_id,
        "app_id": number.app_id,
    }
