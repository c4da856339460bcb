"""`voiceplat trunk …`: the carriers."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from voiceplat.cli.office import Office
    from voiceplat.db.models import Trunk
    from voiceplat.services.show_trunks import TrunkView

app = typer.Typer(
    help="Carriers: where numbers are sent, and from where calls are taken.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
_PORT_MAX = 65535
_LISTED = ("name", "host", "port", "prefixes", "priority", "weight", "account")

Port = Annotated[int | None, typer.Option(min=1, max=_PORT_MAX, help="Else 5060.")]
FromIp = Annotated[
    list[str] | None,
    typer.Option(help="CIDR that its calls come from; repeatable. Else: the host."),
]
Prefix = Annotated[
    list[str] | None,
    typer.Option(help='Digits its numbers begin with; repeatable. Else, or "": all.'),
]
Priority = Annotated[
    int | None,
    typer.Option(help="Lower is tried first for equally long prefixes. Else 10."),
]
Weight = Annotated[
    int | None,
    typer.Option(min=1, help="Share among trunks of one priority. Else 1."),
]
CallsPerSecond = Annotated[
    int | None,
    typer.Option(min=0, help="Calls started out over it in any second; 0: no limit."),
]
CallsMax = Annotated[
    int | None, typer.Option(min=0, help="Calls out over it at once; 0: no limit.")
]
NumberFormat = Annotated[
    str | None,
    typer.Option(
        help="e164 (+4930…), digits (4930…), international (004930…) or national:49 "
        "(030…). Else e164."
    ),
]
DialPrefix = Annotated[
    str | None, typer.Option(help="Put before every number that is called.")
]
Trusted = Annotated[
    bool | None,
    typer.Option(
        "--trusted/--not-trusted",
        help="Whether P-Asserted-Identity is believed from it and told to it.",
    ),
]
Account = Annotated[
    str | None,
    typer.Option(help='auth_id that alone may call out over it; "": any may.'),
]


@app.command()
def add(  # noqa: PLR0913 - one argument for each option
    name: str,
    *,
    host: Annotated[str, typer.Option(help="The carrier's SIP server.")],
    port: Port = None,
    from_ip: FromIp = None,
    prefix: Prefix = None,
    priority: Priority = None,
    weight: Weight = None,
    calls_per_second: CallsPerSecond = None,
    calls_max: CallsMax = None,
    number_format: NumberFormat = None,
    dial_prefix: DialPrefix = None,
    trusted: Trusted = None,
    account: Account = None,
    json: AsJson = False,
) -> None:
    """Add a carrier."""
    from voiceplat.cli.office import fail
    from voiceplat.core.errors import Conflict
    from voiceplat.services.add_trunk import add_trunk

    values = _given(
        host=host,
        port=port,
        from_ips=from_ip,
        prefixes=prefix,
        priority=priority,
        weight=weight,
        calls_per_second=calls_per_second,
        calls_max=calls_max,
        number_format=number_format,
        dial_prefix=dial_prefix,
        trusted=trusted,
        account_id=account,
    )

    async def do(office: "Office") -> "Trunk":
        try:
            async with office.db.transaction() as tx:
                return await add_trunk(tx, name, values)
        except Conflict:
            fail(f"there is a trunk {name} already", f"voiceplat trunk set {name}")

    _save(do, as_json=json)


@app.command("set")
def set_(  # noqa: PLR0913 - one argument for each option
    name: str,
    *,
    host: Annotated[str | None, typer.Option(help="The carrier's SIP server.")] = None,
    port: Port = None,
    from_ip: FromIp = None,
    prefix: Prefix = None,
    priority: Priority = None,
    weight: Weight = None,
    calls_per_second: CallsPerSecond = None,
    calls_max: CallsMax = None,
    number_format: NumberFormat = None,
    dial_prefix: DialPrefix = None,
    trusted: Trusted = None,
    account: Account = None,
    json: AsJson = False,
) -> None:
    """Change what is given, at once; calls that run over it go on."""
    from voiceplat.services.add_trunk import change_trunk

    values = _given(
        host=host,
        port=port,
        from_ips=from_ip,
        prefixes=prefix,
        priority=priority,
        weight=weight,
        calls_per_second=calls_per_second,
        calls_max=calls_max,
        number_format=number_format,
        dial_prefix=dial_prefix,
        trusted=trusted,
        account_id=account,
    )

    async def do(office: "Office") -> "Trunk":
        async with office.db.transaction() as tx:
            return await change_trunk(tx, name, values)

    _save(do, as_json=json)


@app.command("list")
def list_trunks(*, json: AsJson = False) -> None:
    """All carriers in the order in which they are tried, and how they are now."""
    from voiceplat.cli.office import show_all, work
    from voiceplat.db.repositories import TrunkRepository
    from voiceplat.services.show_trunks import show_trunks

    async def do(office: "Office") -> "list[TrunkView]":
        async with office.db.reading() as tx:
            trunks = await TrunkRepository(tx).all()
        return await show_trunks(office.bus, trunks)

    views = work(do)
    rows = [view.settings() | view.health() for view in views]
    if not json:
        rows = [_line(view) for view in views]
    remedy = "No trunk yet: voiceplat trunk add NAME --host HOST"
    show_all(rows, as_json=json, none=remedy)


@app.command()
def remove(name: str) -> None:
    """Remove a carrier; calls that run over it go on."""
    from voiceplat.cli.office import work
    from voiceplat.services.add_trunk import remove_trunk
    from voiceplat.services.sync_directory import TRUNKS_CHANGED

    async def do(office: "Office") -> None:
        async with office.db.transaction() as tx:
            await remove_trunk(tx, name)
        await office.tell(TRUNKS_CHANGED)

    work(do)


def _save(change: "Callable[[Office], Awaitable[Trunk]]", *, as_json: bool) -> None:
    """Do it, tell the edge, show the trunk."""
    from voiceplat.bus.trunks import UNKNOWN
    from voiceplat.cli.office import show, work
    from voiceplat.services.show_trunks import TrunkView
    from voiceplat.services.sync_directory import TRUNKS_CHANGED

    async def do(office: "Office") -> "Trunk":
        trunk = await change(office)
        await office.tell(TRUNKS_CHANGED)
        return trunk

    show(TrunkView(work(do), UNKNOWN).settings(), as_json=as_json)


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _line(view: "TrunkView") -> dict[str, Any]:
    """A row of the table: limits beside what is used of them."""
    settings, health = view.settings(), view.health()
    most = settings["calls_max"]
    failure = " ".join(filter(None, (health["failed_at"], health["last_failure"])))
    return {
        **{name: settings[name] for name in _LISTED},
        "format": settings["number_format"],
        "calls": f"{health['calls']}/{most}" if most else health["calls"],
        "per second": settings["calls_per_second"],
        "state": health["state"],
        "since": health["since"],
        "last failure": failure or None,
    }
