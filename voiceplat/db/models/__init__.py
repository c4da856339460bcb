"""Every table; importing this package fills `Base.metadata`."""

from voiceplat.db.models.account import Account
from voiceplat.db.models.application import Application
from voiceplat.db.models.base import Base
from voiceplat.db.models.call import CallRecord
from voiceplat.db.models.callback import Callback, CallbackState
from voiceplat.db.models.endpoint import Endpoint
from voiceplat.db.models.number import Number
from voiceplat.db.models.recording import KeptRecording
from voiceplat.db.models.transcription import Transcription, TranscriptionState
from voiceplat.db.models.trunk import Trunk

__all__ = [
    "Account",
    "Application",
    "Base",
    "CallRecord",
    "Callback",
    "CallbackState",
    "Endpoint",
    "KeptRecording",
    "Number",
    "Transcription",
    "TranscriptionState",
    "Trunk",
]
