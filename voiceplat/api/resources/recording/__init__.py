"""Recordings: listed, shown, deleted; and their files, at addresses of their own."""

from voiceplat.api.resources.recording import media
from voiceplat.api.resources.recording.routes import router

__all__ = ["media", "router"]
