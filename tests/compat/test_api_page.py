"""docs/api.md: it has every route, and every line of it does what it says."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.api.test_conferences import room_of
from tests.api.test_verified_caller_ids import code_of
from tests.compat.conftest import RunningApi
from tests.compat.test_calls import record
from tests.db.test_inventory import INVENTORY
from tests.db.test_prices import TABLE
from tests.recordings.kept import a_file, a_recording
from tests.repository import ROOT
from voiceplat.api.app import create_app
from voiceplat.bus.commands import Hangup
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid
from voiceplat.core.settings import Settings
from voiceplat.db.models import Trunk
from voiceplat.db.repositories import RecordingRepository, TrunkRepository
from voiceplat.services.load_inventory import load_inventory
from voiceplat.services.load_prices import load_prices
from voiceplat.services.open_account import Credentials

pytestmark = pytest.mark.redis

PAGE: Final = (ROOT / "docs/api.md").read_text()
ACCOUNT: Final = "/v1/Account/{auth_id}/"


def sections() -> dict[str, str]:
    """The lines to type, by heading."""
    _, *parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    found = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return {
        name: "".join(found.findall(text))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


ASK: Final = next(line for line in PAGE.splitlines() if line.startswith("ask()"))


def typed(server: RunningApi, who: Credentials, lines: str, **known: str) -> str:
    """What is printed; the first line that fails ends it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{ASK}\n{lines}"],
        env={
            "PATH": "/usr/bin:/bin",
            "A": who.auth_id,
            "T": who.auth_token,
            "API": f"{server.url}/{who.auth_id}",
        }
        | known,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def routes() -> Iterator[tuple[str, str]]:
    for path, methods in create_app(Settings()).openapi()["paths"].items():
        if path.startswith(ACCOUNT):
            for method in methods:
                yield method.upper(), path.removeprefix(ACCOUNT)


def test_every_route_is_on_the_page() -> None:
    missing = []
    for method, path in routes():
        shape = re.sub(r"\\\{\w+\\\}", r"[^/?\\s]+", re.escape(path)) or '""'
        if not re.search(rf"""ask {method} ['"]?{shape}['"?\s)]""", PAGE):
            missing.append(f"{method} {path}")

    assert not missing, "docs/api.md needs a line for each of these"


@pytest.mark.parametrize(
    "name", ["Account", "Subaccounts", "Applications", "Endpoints", "Access tokens"]
)
def test_what_needs_nothing_works_at_once(
    server: RunningApi, account: Credentials, name: str
) -> None:
    typed(server, account, sections()[name])


def test_trunks(server: RunningApi, account: Credentials) -> None:
    typed(server, account, sections()["Trunks"])


def test_numbers_and_pricing(server: RunningApi, account: Credentials) -> None:
    own = Trunk(
        name="own",
        host="192.0.2.1",
        port=5060,
        from_ips=[],
        prefixes=[""],
        account_id=account.auth_id,
    )
    server.store(lambda tx: TrunkRepository(tx).add(own))
    server.store(lambda tx: load_inventory(tx, INVENTORY))
    server.store(lambda tx: load_prices(tx, TABLE))

    typed(server, account, sections()["Numbers"] + sections()["Pricing"])


def test_calls_that_wait(server: RunningApi, account: Credentials) -> None:
    typed(server, account, sections()["Calls that wait"])


def test_live_calls(server: RunningApi, account: Credentials) -> None:
    waiting = sections()["Calls that wait"].splitlines()[0]
    with server.working() as worker:
        typed(server, account, waiting)
        begun = server.do(worker.begun())
        server.do(server.bus.live.answered(begun.uuid))

        typed(server, account, sections()["Live calls"], CALL=begun.uuid)

        assert worker.commands[-1] == Hangup(cause=4000, source="API Request")


def test_calls_that_are_over(server: RunningApi, account: Credentials) -> None:
    uuid = record(server, account).call.uuid

    typed(server, account, sections()["Calls that are over"], CALL=uuid)


def test_conferences(server: RunningApi, account: Credentials) -> None:
    with server.during(room_of(server.bus, account, name="sales")):
        typed(server, account, sections()["Conferences"], ROOM="sales", M="10")


def test_recordings(server: RunningApi, account: Credentials, tmp_path: Path) -> None:
    kept = a_recording(b"sound", account=account.auth_id)
    server.do(server.platform.store.put(kept, a_file(tmp_path, b"sound")))
    server.store(
        lambda tx: RecordingRepository(tx).add_once(kept, account.auth_id, utc_now())
    )
    here = f"cd {tmp_path}\n"

    typed(server, account, here + sections()["Recordings"], R=kept.order.id)

    assert (tmp_path / "message.mp3").read_bytes() == b"sound"


def test_verified_caller_ids(server: RunningApi, account: Credentials) -> None:
    begin, rest = sections()["Verified caller ids"].split("\n", 1)

    verification = typed(server, account, f'{begin}\necho "$V"').strip()
    [uuid] = server.do(server.bus.live.list(account.auth_id, status="queued"))
    live = server.do(server.bus.live.get(CallUuid(uuid)))
    assert live is not None
    typed(server, account, rest, V=verification, OTP=code_of(live.call))
