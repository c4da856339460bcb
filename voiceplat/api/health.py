"""For load balancers and start-up: alive, and ready to take requests."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from voiceplat.api.platform import Here
from voiceplat.bus.bus import Bus
from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.db.engine import Database
from voiceplat.metrics.api import ApiFigures
from voiceplat.metrics.listener import Insight


class Starting(VoiceplatError):
    """Not ready yet, and will be by itself."""


router = APIRouter(tags=["Health"])


class Health(BaseModel):
    status: str
    why: str = ""


@router.get("/healthz")
async def alive() -> Health:
    """The process answers; says nothing about what it depends on."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
async def ready(response: Response, here: Here) -> Health:
    """200 when the database and Redis answer and the directory was filled, else 503."""
    try:
        await here.db.ping()
        await _filled(here.bus)
    except Unavailable as error:
        response.status_code = 503
        return Health(status="unavailable", why=str(error))
    except Starting as error:
        response.status_code = 503
        return Health(status="starting", why=str(error))
    return Health(status="ready")


def insight(figures: ApiFigures, db: Database, bus: Bus) -> Insight:
    """What the process shows on its own port."""
    return Insight(
        figures,
        {
            "redis": bus.ping,
            "database": db.ping,
            "directory": lambda: _filled(bus),
        },
    )


async def _filled(bus: Bus) -> None:
    """Raises Starting."""
    if not await bus.directory.is_ready():
        raise Starting("the directory is being filled")
