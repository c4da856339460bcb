"""The console: pages for people, and what their scripts ask for."""

from fastapi import APIRouter, Depends, Response

from voiceplat.api.console import call, calls, login, overview, pages, sound, turn


async def keep_nothing(response: Response) -> None:
    """What was told to one who was logged in stays in no cache."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"


router = APIRouter()
router.include_router(pages.router)
router.include_router(turn.router)
for part in (login, overview, calls, call, sound):
    router.include_router(part.router, dependencies=[Depends(keep_nothing)])

__all__ = ["router"]
