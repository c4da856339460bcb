"""`voiceplat recordings …`: how long they are kept, and the keys that seal them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office

app = typer.Typer(help="How recordings are kept.", no_args_is_help=True)


@app.command()
def keep(
    auth_id: str,
    days: Annotated[
        str, typer.Argument(help="0: for ever; `default`: as the setting says.")
    ],
) -> None:
    """Keep an account's recordings for so many days; subaccounts follow their main."""
    from voiceplat.cli.office import fail, work
    from voiceplat.core.errors import NotFound
    from voiceplat.db.repositories import AccountRepository

    if days != "default" and not (days.isascii() and days.isdigit()):
        fail("days must be a number or the word default")
    value = None if days == "default" else int(days)

    async def do(office: "Office") -> None:
        async with office.db.transaction() as tx:
            accounts = AccountRepository(tx)
            found = await accounts.get(auth_id)
            if found is None:
                raise NotFound(f"there is no account {auth_id}: voiceplat account list")
            await accounts.change(found.auth_id, {"recordings_kept_days": value})

    work(do)


@app.command()
def key() -> None:
    """A new key for `recordings.encryption_keys`."""
    from voiceplat.recordings.seal import new_key

    typer.echo(new_key())
