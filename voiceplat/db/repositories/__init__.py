"""The only place with queries; each repository works in the transaction it is given."""

from voiceplat.db.repositories.account import AccountRepository
from voiceplat.db.repositories.application import ApplicationRepository
from voiceplat.db.repositories.call import CallRepository
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.db.repositories.endpoint import EndpointRepository
from voiceplat.db.repositories.number import NumberRepository
from voiceplat.db.repositories.recording import RecordingRepository
from voiceplat.db.repositories.transcription import TranscriptionRepository
from voiceplat.db.repositories.trunk import TrunkRepository

__all__ = [
    "AccountRepository",
    "ApplicationRepository",
    "CallRepository",
    "CallbackRepository",
    "EndpointRepository",
    "NumberRepository",
    "RecordingRepository",
    "TranscriptionRepository",
    "TrunkRepository",
]
