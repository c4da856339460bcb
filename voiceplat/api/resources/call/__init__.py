"""Calls: placed, listed while queued and live, controlled, ended; and their records."""

from fastapi import APIRouter

from voiceplat.api.resources.call import actions, recording, routes

__all__ = ["router"]

router = APIRouter()
router.include_router(routes.router)
router.include_router(actions.router)
router.include_router(recording.router)
