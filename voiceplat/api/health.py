"""For load balancers and start-up: alive, and ready to take requests."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from voiceplat.api.platform import Here
from voiceplat.core.errors import Unavailable

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
        filled = await here.bus.directory.is_ready()
    except Unavailable as error:
        response.status_code = 503
        return Health(status="unavailable", why=str(error))
    if not filled:
        response.status_code = 503
        return Health(status="starting", why="the directory is being filled")
    return Health(status="ready")
