"""What the methods work on: a platform, a customer, a phone, and real calls.

Tests of SDKs block, so the calls live in a thread with a loop of its own.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

import plivo
from plivo.exceptions import ResourceNotFoundError

from tests.calls_e2e.conftest import NUMBER, Site, World, tone, uri
from tests.servers.customer import CustomerServer, customer_server
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import unseal
from voiceplat.db.engine import Database
from voiceplat.db.models import Verification
from voiceplat.services.open_account import Credentials
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

T = TypeVar("T")

WITHIN_S: Final = 60
HOLD: Final = '<Wait length="3000"/>'
CROWD: Final = 60
"""So many calls at once are queued for half a minute."""
ROOM: Final = "lobby"


class Scene:
    """Everything is made when it is first asked for, and made anew when it is over."""

    def __init__(self, site: Site, client: plivo.RestClient, busy: Credentials) -> None:
        self.site = site
        self.client = client
        self.busy = busy
        """An account with more calls than may start; it shares the pace with none."""
        self._busy = plivo.RestClient(busy.auth_id, busy.auth_token)
        self.auth_id = AuthId(site.platform.auth_id)
        self.account = Credentials(self.auth_id, site.platform.auth_token)
        self.number = NUMBER
        self._loop = asyncio.new_event_loop()
        self._held: dict[str, str] = {}
        self._owned: list[str] = []
        self._queued: list[str] = []
        self._offered: list[str] = []
        self._numbers = count()
        self._phone: Softphone | None = None

    def run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)

    def end(self) -> None:
        self._busy.session.close()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def open(self, stack: AsyncExitStack, folder: Path) -> None:
        customer = await stack.enter_async_context(customer_server())
        self.world = World(self.site, customer, self.client, folder, stack)
        self.tone = customer.serves("/tone.wav", tone(620, 1))

    @property
    def customer(self) -> CustomerServer:
        return self.world.customer

    def url(self, path: str) -> str:
        return self.customer.url + path

    def document(self, path: str, inside: str) -> str:
        return self.customer.document(path, inside)

    # --- calls -----------------------------------------------------------------------

    def live(self, document: str = HOLD) -> str:
        """A call that goes on, one for all that leave it so."""
        uuid = self._held.get(document, "")
        if not (uuid and self._is_live(uuid)):
            uuid = self._held[document] = self.do(self._answered(document))
        return uuid

    def own(self, document: str = HOLD) -> str:
        """A call that goes on, for one who will end it or change it; until the next."""
        while self._owned:
            with suppress(ResourceNotFoundError):
                self.client.calls.hangup(self._owned.pop())
        self._owned.append(self.do(self._answered(document)))
        return self._owned[-1]

    def ended(self) -> str:
        """A call that is over, with its record."""
        uuid = self._held.get("over", "")
        if not uuid:
            over = self._answered('<Wait length="1"/>')
            uuid = self._held["over"] = self.do(over)
            self.do(self.world.cdr(uuid))
        return uuid

    def queued(self) -> str:
        """A call of the busy account that waits for its turn."""
        while not (self._queued and self._is_queued(self._queued[-1])):
            url = self.document("/queued", "<Hangup/>")
            crowd = "<".join(f"sip:nobody{n}@phone.plivo.com" for n in range(CROWD))
            made = self._busy.calls.create(
                from_="15550199", to_=crowd, answer_url=url, ring_timeout=1
            )
            self._queued = list(made.request_uuid)
        return self._queued.pop()

    def disperse(self) -> None:
        """Those who still wait need not be dialled."""
        for uuid in self._queued:
            with suppress(ResourceNotFoundError):
                self._busy.calls.cancel(uuid)

    async def _answered(self, document: str) -> str:
        if self._phone is None:
            self._phone = await self.world.phone()
        answer = self.document(f"/answer{len(self.customer.replies)}", document)
        uuid = await self.world.place(uri(self._phone), answer_url=answer)
        call: SoftphoneCall = await self._phone.next_call()
        await call.answer()
        await self.world.until_live(uuid, "in-progress")
        return uuid

    def _is_live(self, uuid: str) -> bool:
        try:
            return bool(self.client.live_calls.get(uuid).call_status == "in-progress")
        except ResourceNotFoundError:
            return False

    def _is_queued(self, uuid: str) -> bool:
        try:
            self._busy.queued_calls.get(uuid)
        except ResourceNotFoundError:
            return False
        return True

    # --- what calls leave and share --------------------------------------------------

    def room(self, name: str = ROOM, call: Callable[[str], str] | None = None) -> str:
        """A conference with a member; its name."""
        (call or self.live)(f"<Conference>{name}</Conference>")
        self._until(lambda: name in self.client.conferences.list().conferences)
        return name

    def own_room(self) -> str:
        """The same, for one who will end it."""
        return self.room(f"room{len(self.customer.replies)}", self.own)

    def member(self, name: str = "") -> tuple[str, str]:
        """A conference and the id of a member of it."""
        name = name or self.room()
        return name, str(self.client.conferences.get(name).members[0].member_id)

    def recording(self) -> str:
        """A recording that is ready; its id."""
        call = self.own()
        started = self.client.calls.record(call)
        time.sleep(1)
        self.client.calls.record_stop(call)

        def is_ready() -> bool:
            listed = self.client.recordings.list(call_uuid=call).objects
            return any(it.recording_id == started.recording_id for it in listed)

        self._until(is_ready)
        return str(started.recording_id)

    def transcribed(self) -> str:
        """A recording that is put into words, or was; its id."""
        recording = self.recording()
        self.client.transcriptions.create_transcription(
            recording, self.url("/transcribed")
        )
        return recording

    def _until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.2)

    # --- resources -------------------------------------------------------------------

    def application(self) -> str:
        made = self.client.applications.create("tested", answer_url=self.url("/answer"))
        return str(made.app_id)

    def endpoint(self) -> str:
        made = self.client.endpoints.create("tester", "a-good-password", "phone")
        return str(made.endpoint_id)

    def subaccount(self) -> str:
        return str(self.client.subaccounts.create("branch", enabled=True).auth_id)

    def strange_number(self) -> str:
        """A number that nobody had before."""
        return f"1555020{next(self._numbers):04}"

    def verification(self) -> tuple[str, str]:
        """A caller id that waits for its code; its id, and the code."""
        number = self.strange_number()
        begun = self.client.verify_callerids.initiate_verify(number)
        return begun.verification_uuid, self.do(self._code(begun.verification_uuid))

    def verified(self) -> str:
        """A number that is a verified caller id."""
        self.client.verify_callerids.verify_caller_id(*self.verification())
        [newest, *_] = sorted(
            self.client.verify_callerids.list_verified_caller_id().objects,
            key=lambda it: str(it["created_at"]),
            reverse=True,
        )
        return str(newest["phone_number"])

    async def _code(self, verification: str) -> str:
        """As the platform has it: nobody is at the number to hear it spoken."""
        settings = self.site.platform.settings
        security = settings.security
        async with (
            Database.open(settings.database) as db,
            db.reading() as tx,
        ):
            row = await tx.get_one(Verification, verification)
            return unseal(row.sealed_code, security)

    def on_offer(self) -> str:
        """A number that the operator offers for rent."""
        if "on offer" not in self._held:
            rows = [f"+{self.strange_number()},US,United States,1" for _ in range(20)]
            self._load("number", "number,country_iso,country,country_code", rows)
            self._offered = [row.split(",")[0].strip("+") for row in rows]
            self._held["on offer"] = "loaded"
        return self._offered.pop()

    def rented(self) -> str:
        number = self.on_offer()
        self.client.numbers.buy(number)
        return number

    def of_own_trunk(self) -> str:
        """A number for an account with a trunk of its own."""
        if "trunk" not in self._held:
            at = ("--host", "127.0.0.6", "--port", "5060", "--prefix", "99")
            self.site.platform.operate(
                "trunk", "add", "own", *at, "--account", self.auth_id
            )
            self._held["trunk"] = "own"
        return self.strange_number()

    def priced(self) -> str:
        """A country with a rate, which no call here has to do with."""
        if "rates" not in self._held:
            columns = "prefix,outbound_per_minute,country_iso,country,country_code"
            self._load("pricing", columns, ["1415,0.01,US,United States,1"])
            self._held["rates"] = "loaded"
        return "US"

    def _load(self, what: str, columns: str, rows: list[str]) -> None:
        file = self.world.folder / f"{what}.csv"
        file.write_text("\n".join((columns, *rows, "")))
        self.site.platform.operate(what, "load", str(file))


@contextmanager
def scene(
    site: Site, client: plivo.RestClient, busy: Credentials, folder: Path
) -> Iterator[Scene]:
    made = Scene(site, client, busy)
    thread = threading.Thread(target=made.run)
    thread.start()
    stack = AsyncExitStack()
    try:
        made.do(made.open(stack, folder))
        yield made
        made.disperse()
    finally:
        made.do(stack.aclose())
        made.end()
        thread.join()
