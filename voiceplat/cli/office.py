"""What operator commands work with, and how they tell what went wrong.

Every failure says what happened, why, and what to do; nobody reads a traceback.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.core.settings import Settings, load_settings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import is_current
from voiceplat.services.sync_directory import Change, tell_directory

T = TypeVar("T")


class NotMigrated(VoiceplatError):
    def __init__(self) -> None:
        super().__init__("the database has not the tables of this version")


@dataclass(frozen=True, slots=True)
class Office:
    settings: Settings
    db: Database
    bus: Bus

    async def tell(self, *changes: Change) -> None:
        """What was saved is saved: when Redis is away, say so and go on."""
        try:
            await tell_directory(self.db, self.bus, *changes)
        except Unavailable as error:
            warn(
                f"Saved, but not yet in effect: {error}\n"
                "The API tells the other processes once Redis is back."
            )


def work(do: Callable[[Office], Awaitable[T]]) -> T:
    """Open database and bus, do it, close them; end the command on any failure."""
    try:
        return asyncio.run(_work(do))
    except ValidationError as error:
        wrong = ["__".join(str(p) for p in e["loc"]).upper() for e in error.errors()]
        fail(f"A setting is wrong: {', '.join(wrong)}", "docs/settings.md lists them")
    except NotMigrated as error:
        fail(str(error), "run `voiceplat migrate`")
    except Unavailable as error:
        fail(
            str(error),
            "start it, or set VOICEPLAT_DATABASE__URL and VOICEPLAT_REDIS__URL, "
            "or name a settings file: `voiceplat --config FILE …`",
        )
    except VoiceplatError as error:
        fail(str(error))


async def _work(do: Callable[[Office], Awaitable[T]]) -> T:
    settings = load_settings()
    if not await is_current(settings.database):
        raise NotMigrated
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
    ):
        return await do(Office(settings, db, bus))


def read(file: Path) -> str:
    """A text file that an operator named; ends the command when there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")


def fail(what: str, remedy: str = "") -> NoReturn:
    warn(what[:1].upper() + what[1:] + (f"\n→ {remedy}" if remedy else ""))
    raise typer.Exit(1)


def warn(text: str) -> None:
    typer.secho(text, err=True, fg="red")


def show(row: Mapping[str, Any], *, as_json: bool) -> None:
    """One line of JSON, or one line for each value."""
    if as_json:
        typer.echo(json.dumps(row))
        return
    width = max(map(len, row))
    for name, value in row.items():
        typer.echo(f"{name:<{width}}  {_text(value)}")


def show_all(rows: Sequence[Mapping[str, Any]], *, as_json: bool, none: str) -> None:
    """A JSON list, or a table; `none` says how to make the first."""
    if as_json:
        typer.echo(json.dumps(rows))
        return
    if not rows:
        typer.echo(none)
        return
    lines = [tuple(rows[0]), *(tuple(map(_text, row.values())) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, strict=True)
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip())


def _text(value: object) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(_text(part) or "*" for part in value) or "-"
    return "-" if value is None else str(value)
