"""Calls: placed, listed while queued and live, ended; and their records."""

from voiceplat.api.resources.call.routes import router

__all__ = ["router"]
