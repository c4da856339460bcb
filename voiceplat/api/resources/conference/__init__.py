"""Conferences and their members, while they last (plivo-rest 4)."""

from fastapi import APIRouter

from voiceplat.api.resources.conference import members, recording, rooms

__all__ = ["router"]

router = APIRouter()
# a name may have slashes in it: the longer paths come first
router.include_router(members.router)
router.include_router(recording.router)
router.include_router(rooms.router)
