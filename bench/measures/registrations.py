"""Ten thousand phones register with digest, as fast as they are let in."""

import asyncio
import csv
from pathlib import Path
from typing import Final

from bench import sipp
from bench.figures import Figure
from bench.site import Site
from voiceplat.bus.bus import Bus
from voiceplat.core.ids import AuthId
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.edge.control import kamailio_rpc
from voiceplat.edge.render import RPC_SOCKET
from voiceplat.services.register_endpoint import register_endpoint
from voiceplat.services.sync_directory import rebuild

PHONES: Final = 10_000
PHONE_HOST: Final = "127.0.0.6"
PASSWORD: Final = "a-good-password"  # noqa: S105 - of phones that live a minute
RATE: Final = 1500
WITHIN_S: Final = 40


async def registered(site: Site, folder: Path) -> list[Figure]:
    settings = site.platform.settings
    users = await _endpoints(settings, AuthId(site.platform.auth_id))
    await asyncio.to_thread(_write, folder / "phones.csv", users)
    load = sipp.Load(
        scenario="register",
        target=site.platform.sip,
        rate=RATE,
        calls=PHONES,
        host=PHONE_HOST,
        keys={"domain": settings.sip.domain},
        more=("-inf", str(folder / "phones.csv")),
    )
    result = await sipp.run(load, folder, within_s=WITHIN_S)
    rate = result.succeeded / result.seconds if result.seconds else 0
    rpc = site.platform.data / "edge" / RPC_SOCKET
    told = await kamailio_rpc(rpc, "stats.fetch", "usrloc:registered_users")
    count = int(next(iter(told.values())))
    return [
        Figure(
            "REGISTER with digest, answered",
            rate,
            "registrations/s",
            500,
            at_least=True,
            failures=result.failed,
            samples=PHONES,
        ),
        Figure("registered endpoints", count, "phones", PHONES, at_least=True),
    ]


async def _endpoints(settings: Settings, owner: AuthId) -> list[str]:
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
    ):
        async with db.transaction() as tx:
            made = [
                await register_endpoint(
                    tx,
                    owner,
                    name="bench",
                    password=PASSWORD,
                    alias="bench",
                    app_id=None,
                    realm=settings.sip.domain,
                )
                for _ in range(PHONES)
            ]
            users = [endpoint.username for endpoint in made]
        await rebuild(db, bus)
    return users


def _write(file: Path, users: list[str]) -> None:
    """SIPp's own kind of CSV."""
    with file.open("w", newline="") as out:
        out.write("SEQUENTIAL\n")
        rows = csv.writer(out, delimiter=";", lineterminator="\n")
        for user in users:
            login = f"[authentication username={user} password={PASSWORD}]"
            rows.writerow((user, login))
