"""The only place with queries; each repository works in the transaction it is given."""

from voiceplat.db.repositories.account import AccountRepository, family_in
from voiceplat.db.repositories.application import ApplicationRepository
from voiceplat.db.repositories.call import CallRepository
from voiceplat.db.repositories.call_feedback import CallFeedbackRepository
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.db.repositories.endpoint import EndpointRepository
from voiceplat.db.repositories.number import NumberRepository
from voiceplat.db.repositories.offered_number import OfferedNumberRepository
from voiceplat.db.repositories.price import PriceRepository
from voiceplat.db.repositories.recording import RecordingRepository
from voiceplat.db.repositories.timeline import TimelineRepository
from voiceplat.db.repositories.transcription import TranscriptionRepository
from voiceplat.db.repositories.trunk import TrunkRepository
from voiceplat.db.repositories.verified_caller_id import (
    VerificationRepository,
    VerifiedCallerIdRepository,
)

__all__ = [
    "AccountRepository",
    "ApplicationRepository",
    "CallFeedbackRepository",
    "CallRepository",
    "CallbackRepository",
    "EndpointRepository",
    "NumberRepository",
    "OfferedNumberRepository",
    "PriceRepository",
    "RecordingRepository",
    "TimelineRepository",
    "TranscriptionRepository",
    "TrunkRepository",
    "VerificationRepository",
    "VerifiedCallerIdRepository",
    "family_in",
]
