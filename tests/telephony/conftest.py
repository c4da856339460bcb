"""The pjsua2 phone of this process, phones of others, and what they say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.telephony.bare_sip import BareSip
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone

RTP_PORT_MIN = 20000


@pytest.fixture
async def phone() -> AsyncIterator[PjPhone]:
    async with PjPhone.open(PhoneSettings(rtp_port_min=RTP_PORT_MIN)) as phone:
        yield phone


@pytest.fixture
async def far_phone(tmp_path: Path) -> AsyncIterator[Softphone]:
    """A carrier: it listens on a port of its own and takes every call."""
    folder = tmp_path / "far"
    folder.mkdir()
    settings = PhoneSettings(rtp_port_min=0)
    async with Softphone.start(settings, folder=folder) as phone:
        yield phone


@pytest.fixture
async def bare() -> AsyncIterator[BareSip]:
    async with BareSip.open() as bare:
        yield bare


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A second of 440 Hz."""
    return write_tone(tmp_path / "440.wav", 440, 1.0)
