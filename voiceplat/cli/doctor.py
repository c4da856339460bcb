"""`voiceplat doctor`: asks each part as its users would, says what to do about it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import httpx
import typer

from voiceplat.cli import readiness
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.edge import app as edge
from voiceplat.edge.certificates import certificate_files, expires_in
from voiceplat.recordings.proof import prove
from voiceplat.recordings.store import open_store

ENDS_SOON: Final = timedelta(days=7)

Advice = tuple[str, readiness.Check, str]


async def _database_answers(settings: Settings) -> None:
    async with Database.open(settings.database) as db:
        await db.ping()


async def _recordings_can_be_kept(settings: Settings) -> None:
    await prove(open_store(settings))


async def _edge_is_installed(settings: Settings) -> None:
    await edge.check(settings)


async def _certificate_lasts(settings: Settings) -> None:
    left = await asyncio.to_thread(lambda: expires_in(certificate_files(settings)))
    if left < ENDS_SOON:
        raise readiness.NotReady(f"it ends in {left.days} days")


CHECKS: Final[Sequence[Advice]] = (
    (
        "Redis",
        readiness.redis_answers,
        "start it (`voiceplat up` does), or set VOICEPLAT_REDIS__URL",
    ),
    (
        "database",
        _database_answers,
        "run `voiceplat migrate`, or set VOICEPLAT_DATABASE__URL",
    ),
    (
        "recording storage",
        _recordings_can_be_kept,
        "see docs/recording-storage.md: recordings.url, keys, the bucket's rights",
    ),
    ("REST API", readiness.api_answers, "start `voiceplat api`; see logs/api.log"),
    (
        "ledger",
        readiness.ledger_is_ready,
        "start `voiceplat ledger`, unless it runs elsewhere; see logs/ledger.log",
    ),
    (
        "Kamailio and rtpengine",
        _edge_is_installed,
        "run `scripts/setup run`, which installs them",
    ),
    (
        "SIP edge",
        readiness.edge_answers,
        "start `voiceplat edge`; is another program on the SIP port? See logs/edge.log",
    ),
    (
        "SIP edge, TLS",
        readiness.edge_speaks_tls,
        "is another program on sip.tls_port or sip.wss_port? See logs/edge.log",
    ),
    (
        "TURN server",
        readiness.turn_answers,
        "is another program on turn.port? See logs/edge.log",
    ),
    (
        "certificate",
        _certificate_lasts,
        "renew it; the edge takes the new one by itself",
    ),
    (
        "speech service",
        readiness.speech_answers,
        "start `voiceplat speech`; see logs/speech.log",
    ),
    (
        "archive",
        readiness.spool_is_served,
        "start `voiceplat archive` on this host; see logs/archive.log",
    ),
    (
        "free call slots",
        readiness.slots_are_offered,
        "start `voiceplat media`, or wait: all slots may be taken",
    ),
)


async def run_doctor(settings: Settings) -> int:
    """Exit status: 0 all well, 1 something is wrong."""
    wrong = 0
    for name, check, advice in CHECKS:
        try:
            await check(settings)
        except (VoiceplatError, OSError, httpx.HTTPError) as error:
            wrong += 1
            typer.echo(f"✗ {name}: {error}\n    {advice}")
        else:
            typer.echo(f"✓ {name}")
    return 1 if wrong else 0
