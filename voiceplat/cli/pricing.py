"""`voiceplat pricing …`: the rate table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Price

app = typer.Typer(help="What a minute of a call costs.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="CSV; docs/operations.md has its columns.")
    ],
    *,
    json: AsJson = False,
) -> None:
    """Replace the whole rate table by a file; calls that run keep their rate."""
    from voiceplat.cli.office import read, show, work
    from voiceplat.services.load_prices import load_prices
    from voiceplat.services.sync_directory import PRICES_CHANGED

    text = read(file)

    async def do(office: "Office") -> int:
        async with office.db.transaction() as tx:
            loaded = await load_prices(tx, text)
        await office.tell(PRICES_CHANGED)
        return loaded

    show({"prices": work(do)}, as_json=json)


@app.command("list")
def list_prices(*, json: AsJson = False) -> None:
    """The rate table."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import PriceRepository

    async def do(office: "Office") -> "list[Price]":
        async with office.db.reading() as tx:
            return await PriceRepository(tx).all()

    rows = [_row(price) for price in work(do)]
    none = "No price yet, so calls cost nothing: voiceplat pricing load FILE"
    show_all(rows, as_json=json, none=none)


def _row(price: "Price") -> dict[str, Any]:
    return {
        "prefix": price.prefix,
        "country": price.country_iso,
        "type": price.number_type,
        "outbound": price.outbound.text,
        "inbound": price.inbound.text,
        "pulse_s": price.pulse_s,
    }
