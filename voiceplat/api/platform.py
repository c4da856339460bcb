"""What every route may reach, opened once per process."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from voiceplat.bus.bus import Bus
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.recordings.store import Store
from voiceplat.services.sync_directory import Reconciler


@dataclass(frozen=True, slots=True)
class Platform:
    settings: Settings
    db: Database
    bus: Bus
    directory: Reconciler
    """Told of every change of an account, application, number or endpoint."""
    store: Store
    """Where the files of recordings are."""


async def _here(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


Here = Annotated[Platform, Depends(_here)]
