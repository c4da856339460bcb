"""Every table; importing this package fills `Base.metadata`."""

from voiceplat.db.models.account import Account
from voiceplat.db.models.application import Application
from voiceplat.db.models.base import Base
from voiceplat.db.models.call import CallRecord
from voiceplat.db.models.call_feedback import CallFeedback
from voiceplat.db.models.callback import Callback, CallbackState
from voiceplat.db.models.endpoint import Endpoint
from voiceplat.db.models.number import Number
from voiceplat.db.models.offered_number import OfferedNumber
from voiceplat.db.models.price import Price
from voiceplat.db.models.recording import KeptRecording
from voiceplat.db.models.timeline import KeptTimeline
from voiceplat.db.models.transcription import Transcription, TranscriptionState
from voiceplat.db.models.trunk import Trunk
from voiceplat.db.models.verified_caller_id import Verification, VerifiedCallerId

__all__ = [
    "Account",
    "Application",
    "Base",
    "CallFeedback",
    "CallRecord",
    "Callback",
    "CallbackState",
    "Endpoint",
    "KeptRecording",
    "KeptTimeline",
    "Number",
    "OfferedNumber",
    "Price",
    "Transcription",
    "TranscriptionState",
    "Trunk",
    "Verification",
    "VerifiedCallerId",
]
