"""`voiceplat trunk …`: the carriers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Trunk

app = typer.Typer(
    help="Carriers: where numbers are sent, and from where calls are taken.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
_PORT_MAX = 65535


@app.command()
def add(  # noqa: PLR0913 - one argument for each option
    name: str,
    *,
    host: Annotated[str, typer.Option(help="The carrier's SIP server.")],
    port: Annotated[int, typer.Option(min=1, max=_PORT_MAX)] = 5060,
    from_ip: Annotated[
        list[str] | None,
        typer.Option(help="CIDR that its calls come from; repeatable. Else: the host."),
    ] = None,
    prefix: Annotated[
        list[str] | None,
        typer.Option(help="Digits its numbers begin with; repeatable. Else: all."),
    ] = None,
    priority: Annotated[
        int, typer.Option(help="Lower is tried first for equally long prefixes.")
    ] = 10,
    account: Annotated[
        str | None, typer.Option(help="auth_id that alone may call out over it.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Add a carrier."""
    from voiceplat.cli.office import fail, show, work
    from voiceplat.core.errors import Conflict
    from voiceplat.core.ids import AuthId
    from voiceplat.services.add_trunk import TrunkOrder, add_trunk
    from voiceplat.services.sync_directory import TRUNKS_CHANGED

    order = TrunkOrder(
        name=name,
        host=host,
        port=port,
        from_ips=from_ip or (),
        prefixes=prefix or (),
        priority=priority,
        account=AuthId(account) if account else None,
    )

    async def do(office: "Office") -> "Trunk":
        try:
            async with office.db.transaction() as tx:
                made = await add_trunk(tx, order)
        except Conflict:
            fail(f"there is a trunk {name} already", f"voiceplat trunk remove {name}")
        await office.tell(TRUNKS_CHANGED)
        return made

    show(_row(work(do)), as_json=json)


@app.command("list")
def list_trunks(*, json: AsJson = False) -> None:
    """All carriers, in the order in which they are tried."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import TrunkRepository

    async def do(office: "Office") -> "list[Trunk]":
        async with office.db.reading() as tx:
            return await TrunkRepository(tx).all()

    rows = [_row(trunk) for trunk in work(do)]
    remedy = "No trunk yet: voiceplat trunk add NAME --host HOST"
    show_all(rows, as_json=json, none=remedy)


@app.command()
def remove(name: str) -> None:
    """Remove a carrier; calls that run over it go on."""
    from voiceplat.cli.office import work
    from voiceplat.core.errors import NotFound
    from voiceplat.db.repositories import TrunkRepository
    from voiceplat.services.sync_directory import TRUNKS_CHANGED

    async def do(office: "Office") -> None:
        async with office.db.transaction() as tx:
            found = await TrunkRepository(tx).by_name(name)
            if found is None:
                raise NotFound(f"there is no trunk {name}")
            await TrunkRepository(tx).delete(found)
        await office.tell(TRUNKS_CHANGED)

    work(do)


def _row(trunk: "Trunk") -> dict[str, Any]:
    return {
        "id": trunk.id,
        "name": trunk.name,
        "host": trunk.host,
        "port": trunk.port,
        "from_ips": trunk.from_ips,
        "prefixes": trunk.prefixes,
        "priority": trunk.priority,
        "account": trunk.account_id,
    }
