"""The console: pages for people, and what their scripts ask for."""

from fastapi import APIRouter

from voiceplat.api.console import call, calls, login, overview, pages, sound

router = APIRouter()
for part in (pages, login, overview, calls, call, sound):
    router.include_router(part.router)

__all__ = ["router"]
